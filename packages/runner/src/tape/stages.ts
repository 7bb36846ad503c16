// The two roles of a question that a candidate takes part in, each as what an isolate has of candidates.
import { createHash, randomInt } from 'node:crypto';
import { basename } from 'node:path';
import type { Design } from '@lastref/kernel';
import { cardIn, cardOf } from '../candidates/card.ts';
import type { Loaded } from '../candidates/load.ts';
import { Broken } from '../candidates/rules.ts';
import type { Source } from '../candidates/source.ts';
import type { House } from '../house.ts';
import type { AnyQuestion } from '../question.ts';
import { Isolate, answers, type Stage, type Subject } from '../isolate.ts';
import type { Part, Said } from '../pool.ts';
import { heard, type Hearing } from './channel.ts';
import { hearsStop, saysStop } from './clock.ts';
import { evaluateCandidate, lockDown } from './compartment.ts';
import { faultOn, putFault } from './faults.ts';
import { TAPE_FD } from './process.ts';
import { played, type Salt } from './played.ts';
import { TapeReader, misfit } from './reader.ts';
import { recorded } from './recorded.ts';
import { keySums } from './sums.ts';
import { Word, putText, takeText } from './words.ts';
import { TapeWriter } from './writer.ts';
import { bringsCode } from '../version.ts';

/** In the candidate's process: plays what is asked, and puts what the candidate says on the tape. Its file is read once. */
export function recorder(house: House, say: (said: Said) => void): (part: Part) => Promise<void> {
  const tape = new TapeWriter(TAPE_FD);
  const key = [randomInt(2 ** 32) | 0, randomInt(2 ** 32) | 0] as const;
  keySums(...key);
  let loaded: Loaded | null = null;
  return async ({ kind, asks }) => {
    const { question } = await house.questions[kind]!();
    if (loaded === null) await lockDown();
    const stage: Stage = {
      rehearses: true,
      load: (source) => {
        loaded ??= evaluateCandidate(source);
        return Promise.resolve(recording(loaded, tape, key, question.searches === true));
      },
      begins: (cell) => tape.begin(cell),
      answered: () => tape.put(Word.END),
      stops: (late) => saysStop(tape, late),
      broke(broken) {
        putFault(tape, broken);
        tape.put(Word.END);
      },
    };
    try {
      for await (const _ of answers(question, asks[0], new Isolate(house, stage))) {
        tape.flush();
        say({ answer: null });
      }
    } catch (error) {
      if (error instanceof Broken) putFault(tape, error);
      else putFault(tape, new Broken('', (error as Error).message, 'process'));
    }
    tape.flush();
    say({ done: true });
  };
}

/** `key` of the sums by which both processes compare their machines. */
function recording(
  { raw, design, watch }: Loaded,
  tape: TapeWriter,
  key: readonly [number, number],
  searches: boolean,
): Subject {
  const card = textOf(raw);
  tape.put(Word.CARD);
  putText(tape, card);
  for (const word of key) tape.put(word);
  return { raw, design: recorded(design, tape, searches), watch };
}

/** A card as it travels. Throws Broken for one that has more than data. */
function textOf(design: Design): string {
  try {
    return JSON.stringify(cardOf(design));
  } catch {
    throw new Broken('its card', 'it has something beside create that is no data', 'card');
  }
}

/** What a judge has to know of what is asked. */
type Judged = Pick<AnyQuestion, 'kind' | 'searches'>;

/** Where verdicts are made: plays the tape, a stage for each question. */
export function judge(hearing: Hearing): (question: Judged) => Stage {
  const tape = new TapeReader(heard(hearing));
  return (question) => ({
    rehearses: false,
    load: (source) => Promise.resolve(playing(source, tape, question)),
    begins: (cell) => tape.begin(cell),
    answered() {
      const word = tape.next();
      if (word === Word.FAULT) throw faultOn(tape);
      if (word !== Word.END)
        throw misfit(
          'the run is over here, and goes on in its process: it changed the machine behind the seam',
        );
    },
    stops: (late) => hearsStop(tape, late),
    broke: () => {},
  });
}

function saltOf(code: string): Salt {
  const digest = createHash('sha256').update(code).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8)];
}

function playing(source: Source, tape: TapeReader, { kind, searches }: Judged): Subject {
  const word = tape.next();
  if (word === Word.FAULT) throw faultOn(tape);
  const text = word === Word.CARD ? takeText(tape) : null;
  if (text === null) throw misfit('its process does not say what its card is');
  keySums(tape.next(), tape.next());
  const card = cardIn(text);
  if (kind !== 'card' && card.id !== source.name)
    throw new Broken('its card', `it called itself ${source.name}, and now ${card.id}`, 'card');
  const name = basename(source.file);
  const design = played(card, name, tape, searches === true, saltOf(source.code!));
  bringsCode(design, () => source.version!);
  return { raw: design, design, watch: null };
}
