// One ask of an explorer: plays the steps, tells them, lists what may come next; searches or runs on from there.
import { IN_THE_WORD } from '@lastref/judge';
import { Spend } from '@lastref/kernel';
import type { ExploreDocument } from '@lastref/report';
import { Cell, possible, stepsBeforeLending, type CellInput, type Choice } from '@lastref/search';
import { TracePicker, miniature, stepText, type Trace } from '@lastref/workloads';
import { trustedIn } from '../candidates/source.ts';
import type { Subject } from '../check/subject.ts';
import { digestOfDocument } from '../digest.ts';
import { named } from '../replay/replay.ts';
import { Telling, type Told } from '../replay/telling.ts';
import { searching } from '../searching.ts';
import { recordSide } from '../story/record.ts';
import { tokenOf } from '../token.ts';
import { ListPicker } from './picker.ts';
import type { ExploreAnswer, ExploreAsk } from './question.ts';

/** Steps that are taken by the clock at most, as timers may go on for ever. */
const CLOCK_MAX = 2000;

/** What a step is, where it is not what the machine does if nothing goes wrong. */
const WORDS: Readonly<Record<Spend, string | null>> = {
  [Spend.NOTHING]: null,
  [Spend.DROP]: 'the wire loses it',
  [Spend.DUPLICATE]: 'the wire doubles it',
  [Spend.OVERTAKE]: 'it overtakes others',
  [Spend.TIMEOUT]: 'a timer makes somebody send again',
  [Spend.FAILURE]: 'a failure',
  [Spend.DELAY]: 'only time passes',
  [Spend.TEARDOWN]: 'what the workload is named for',
  [Spend.PREEMPTION]: 'on the other processor',
};

export function explored(of: Subject, ask: ExploreAsk): ExploreAnswer {
  const { design, era } = of;
  const small = miniature(of.workload, ask.bound.operations);
  const input: CellInput = { ...of, workload: small, seed: 1 };
  const before = stepsBeforeLending(input);
  const search = ask.goOn === 'search' ? searched(input, ask) : null;
  const picks = search?.picks ?? (ask.goOn === 'clock' ? byClock(input, before, ask) : ask.picks);
  const picker = new ListPicker(before, picks);
  const telling = new Telling(input, { deviations: [], tail: 0 });
  const told: Told[] = [];
  for (let step = telling.step(picker); step !== null; step = telling.step(picker)) told.push(step);
  const { agenda } = telling.kernel;
  const next = possible(agenda, ask.bound.failures > 0);
  const choices = next.map(({ place, verb, item, spend }) => ({
    text: stepText(agenda, place, verb, item),
    what: WORDS[spend],
  }));
  const readers = telling.readers();
  const trace = picker.trace();
  const over = agenda.atRest;
  if (over) told.push(...telling.end());
  const content: Omit<ExploreDocument, 'digest'> = {
    schema: 'lastref.explore/1',
    ...trustedIn(named(ask.candidates, [design.id])),
    design: design.id,
    workload: small.id,
    era: era.id,
    before,
    picks: picker.taken.length,
    steps: told.map(({ n, tick, text }) => ({ n, tick, text })),
    choices,
    readers,
    findings: telling.findings(),
    over,
    search: search?.said ?? null,
    token: tokenOf(input, trace),
  };
  const loan = telling.loan || (readers[0]?.loan ?? 1);
  const lent = told.some((t) => t.touched.has(loan));
  return {
    doc: { ...content, digest: digestOfDocument(content) },
    picks: picker.taken,
    choices: next.map(({ place, verb, item }) => ({ place, verb, item })),
    loan,
    side: ask.draw && lent ? sideOf(input, trace, loan) : null,
  };
}

function sideOf(input: CellInput, trace: Trace, loan: number): ExploreAnswer['side'] {
  return recordSide(input, trace, { loan, until: Infinity, beyond: false, keep: [], whole: true });
}

/** The steps, and then the earliest one again and again. */
function byClock(input: CellInput, before: number, { picks }: ExploreAsk): Choice[] {
  const cell = new Cell(input);
  const { agenda } = cell.k;
  const picker = new ListPicker(before, picks);
  while (picker.step(agenda)) cell.judge.afterStep();
  const all = [...picker.taken];
  for (let n = 0; n < CLOCK_MAX; n++) {
    const place = agenda.earliest();
    if (place < 0) break;
    const item = agenda.sources[place]!.item();
    if (!cell.take(place, 0, item)) break;
    all.push({ place, verb: 0, item });
  }
  return all;
}

/** Every order of the steps that may come after those chosen, up to the first finding. */
function searched(
  input: CellInput,
  { bound, picks }: ExploreAsk,
): { picks: readonly Choice[]; said: NonNullable<ExploreDocument['search']> } {
  const found = searching(input, { bound, from: picks });
  const { result, reason, states, executions, finding, trace } = found;
  return {
    picks: trace === null ? picks : picksOf(input, trace),
    said: {
      result,
      reason,
      states,
      executions,
      property: finding?.property ?? null,
      harm: finding?.harm ?? null,
      text: finding?.text ?? null,
      exercised: IN_THE_WORD.filter((p) => found.exercised.has(p)),
    },
  };
}

/** The steps that a search chose, from where its clock stands still. */
function picksOf(input: CellInput, trace: Trace): Choice[] {
  const cell = new Cell(input);
  cell.prepare(trace);
  const picker = new TracePicker(trace);
  const picks: Choice[] = [];
  while (picker.step(cell.k.agenda)) {
    const { kind, place, verb, item } = picker.taken!;
    if (cell.k.agenda.stopped && kind !== 'clock stops') picks.push({ place, verb, item });
  }
  return picks;
}
