// Asks a question of a candidate in two roles. In a process of its own it plays, and everything that it says is
// recorded; in a thread of ours, where none of its code is, the same run is played again with what it said, and judged.
// Who was asked for its card is asked another question without being started again: nothing but its file was read.
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Broken, HEAP_MB, SEARCH_MB, faultOf, type Fault } from '../candidates/rules.ts';
import { isApart, type Source } from '../candidates/source.ts';
import { UsageError } from '../errors.ts';
import type { House } from '../house.ts';
import { isFault, nameOf, failure, type Asked, type Part, type Role, type Said } from '../pool.ts';
import { machineVersion } from '../version.ts';
import { Rehearsing } from './rehearsing.ts';

/** A candidate's process, and the thread that judges. */
class Pair {
  readonly #source: Source;
  readonly #heapMb: number;
  readonly #rehearsing: Rehearsing;
  readonly #judge: Worker;

  constructor(house: House, source: Source, heapMb: number) {
    this.#source = source;
    this.#heapMb = heapMb;
    const machine = machineVersion();
    this.#rehearsing = new Rehearsing(house, { file: source.file, heapMb, machine });
    const { hearing } = this.#rehearsing.telling;
    const role: Role = { role: 'judges', hearing };
    this.#judge = new Worker(house.worker, {
      workerData: role,
      transferList: [hearing.port],
      resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: heapMb },
    });
  }

  /** Is it that of the same code, and may it take as much memory? */
  fits({ file, code }: Source, heapMb: number): boolean {
    return this.#source.file === file && this.#source.code === code && this.#heapMb === heapMb;
  }

  /** Asks `ask`; `last`: nothing is asked of it again. Was there no fault? */
  async ask<Ask, Answer>(
    question: Asked<Ask, Answer>,
    ask: Ask,
    last: boolean,
    onAnswer: (answer: Answer) => void,
    onFault: (fault: Fault) => void,
  ): Promise<boolean> {
    const judge = this.#judge;
    const cells = question.cells(ask);
    let count = 0;
    let right = true;
    const fault = (found: Fault): void => {
      right = false;
      onFault(found);
    };
    const part: Part = { kind: question.kind, asks: [ask] };
    this.#rehearsing.play({ ...part, endless: question.endless === true, last });
    judge.ref();
    judge.postMessage(part);
    await new Promise<void>((resolve, reject) => {
      judge.removeAllListeners();
      const stopped = (what: string, rule: 'memory' | 'bug'): void => {
        fault(faultOf(nameOf(question, ask), cells[count] ?? null, new Broken('', what, rule)));
        resolve();
      };
      judge.on('message', (said: Said) => {
        try {
          if ('done' in said) return resolve();
          if ('failed' in said) throw failure(said);
          count++;
          this.#rehearsing.next();
          if (isFault(said.answer)) fault(said.answer.fault);
          else onAnswer(said.answer as Answer);
        } catch (error) {
          reject(error);
        }
      });
      judge.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
          stopped(
            `what it answers makes a machine that takes more than ${this.#heapMb} MB`,
            'memory',
          );
        else reject(error);
      });
      judge.on('exit', (code) =>
        reject(new Error(`the isolate that judges ended with code ${code}`)),
      );
    });
    return right;
  }

  /** It may be asked again, and our process does not go on for its sake. */
  rest(): void {
    this.#rehearsing.rest();
    this.#judge.unref();
  }

  async end(): Promise<void> {
    await Promise.all([this.#rehearsing.end(), this.#judge.terminate()]);
  }
}

/** That of the candidate which was asked for its card last, as long as nobody has asked anything else of it. */
let waiting: Pair | null = null;

async function keep(pair: Pair): Promise<void> {
  const before = waiting;
  waiting = pair;
  pair.rest();
  await before?.end();
}

function taken(source: Source, heapMb: number): Pair | null {
  if (waiting?.fits(source, heapMb) !== true) return null;
  const pair = waiting;
  waiting = null;
  return pair;
}

/** Asks `ask`, in which one candidate takes part. */
export async function askApart<Ask, Answer>(
  house: House,
  question: Asked<Ask, Answer>,
  ask: Ask,
  onAnswer: (answer: Answer) => void,
  onFault: (fault: Fault) => void,
): Promise<void> {
  const { kind } = question;
  const heapMb = question.endless === true ? SEARCH_MB : HEAP_MB;
  const [source, other] = question.sources(ask).filter(isApart) as [Source, Source?];
  if (other !== undefined)
    throw new UsageError(
      `${kind} has ${basename(source.file)} and ${basename(other.file)} in one run, and each candidate has a process of its own: ask for one after the other, or add --trust`,
    );
  const pair = taken(source, heapMb) ?? new Pair(house, source, heapMb);
  const last = kind !== 'card';
  let stays = false;
  try {
    stays = (await pair.ask(question, ask, last, onAnswer, onFault)) && !last;
  } finally {
    await (stays ? keep(pair) : pair.end());
  }
}
