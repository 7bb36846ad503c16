// What the page asks, answered by the same questions as on the command line.
import {
  cellWord,
  besideLetters,
  headline,
  storyPicture,
  toneOf,
  type CompareRow,
  type Story,
} from '@lastref/report';
import {
  answers,
  decodeToken,
  findEra,
  isRuntime,
  loadDesign,
  mustPlay,
  ownEra,
  type Faulted,
  type Source,
} from '@lastref/runner';
import { question as checking } from '@lastref/runner/check';
import { question as comparing, rowIn } from '@lastref/runner/compare';
import { question as exploring } from '@lastref/runner/explore';
import { workloadOf } from '@lastref/runner/replay';
import { question as telling } from '@lastref/runner/story';
import { DEFAULT_BOUND, boundText } from '@lastref/search';
import { RUNTIME_WORKLOADS, WORKLOADS, lacks, miniature, type Workload } from '@lastref/workloads';
import type { Design, Era } from '@lastref/kernel';
import { house } from './house.ts';
import { PageIsolate } from './isolate.ts';
import type { Answer, Ask, CellSaid, Subject } from './protocol.ts';
import { STRATEGIES } from './source.ts';

export type Say = (answer: Answer) => void;

const isolate = new PageIsolate(house);
const SEED = 1;
/** Of a search from where a reader is: some seconds. */
const EXPLORE_STATES = 20_000;
/** Operations of a miniature: enough that pages are used again. */
const SMALL = 4;
/** Tones of words in which nothing is wrong. */
const CLEAN = new Set(['good', 'copied', 'none']);

/** Takes as many steps as several others together, so it comes last: a reader sees what the others say meanwhile. */
const LONGEST = 'nfs-tcp-retransmit';
/** The runs of a page are of no capture. */
const NO_CAPTURE = { file: '', driverTicks: 0, flows: null };

/** The design's source, as questions take it. */
async function sourceOf(subject: Subject): Promise<Source> {
  if ('code' in subject) return subject;
  const { file, code, version, name } = await loadDesign(`${STRATEGIES}${subject.id}.ts`);
  return { file, code, version, name };
}

export async function row(ask: Ask & { kind: 'row' }, say: Say): Promise<void> {
  const source = await sourceOf(ask.design);
  const design = await isolate.design(source);
  const era = eraIn(design, ask.era);
  say({ kind: 'card', id: design.id, era: era.id, runtime: isRuntime(design) });
  const { at, of } = ask.share;
  const plays = (w: Workload): boolean => lacks(w, era, design.over) === null;
  const known = workloadsOf(design);
  const playable = known
    .filter(plays)
    .sort((a, b) => Number(a.id === LONGEST) - Number(b.id === LONGEST))
    .filter((_, i) => i % of === at);
  const runs = ask.small ? playable.map((w) => miniature(w, SMALL)) : playable;
  const places = runs.map((w) => ({ workload: w.id, era: era.id }));
  // Said as well: what stands in its place would be the word of a design that was there before.
  if (at === 0 && !ask.small)
    for (const w of known.filter((w) => !plays(w)))
      say({ kind: 'cell', cell: cellOf(rowIn(design, w, era.id, undefined)!, w, false) });
  const words = ask.words ? ({ words: true } as const) : {};
  const asked = { source, places, capture: NO_CAPTURE, seed: SEED, repeat: 1, ...words };
  let n = 0;
  for await (const answer of answers(comparing, asked, isolate)) {
    const workload = playable[n]!;
    const run = runs[n++]!;
    if ('fault' in answer) {
      if (!ask.small) say({ kind: 'cell', cell: stopped(workload.id, workload.title, answer) });
      return; // in miniature the whole run will say it again
    }
    const found = rowIn(design, run, era.id, answer)!;
    const cell = cellOf(found, workload, ask.small);
    if (ask.small && CLEAN.has(cell.tone)) continue;
    say({ kind: 'cell', cell });
  }
}

function cellOf(row: CompareRow, { id, title }: Workload, small: boolean): CellSaid {
  const word = headline(row);
  return {
    workload: id,
    title,
    word,
    shown: cellWord(row, word),
    tone: toneOf(word),
    domain: row.domain,
    beside: besideLetters(row),
    small,
    row,
    fault: '',
  };
}

function stopped(workload: string, title: string, { fault }: Faulted): CellSaid {
  const word = 'stopped';
  const base = { workload, title, word, shown: word, tone: 'broken' };
  return { ...base, domain: true, beside: '', small: false, row: null, fault: fault.text };
}

/** What a design is asked about, or a runtime. */
function workloadsOf(design: Design): readonly Workload[] {
  return isRuntime(design) ? RUNTIME_WORKLOADS : WORKLOADS;
}

function eraIn(design: Design, era: string | null): Era {
  return era === null ? ownEra(design) : findEra(era);
}

export async function story(ask: Ask & { kind: 'story' }, say: Say): Promise<void> {
  const token = decodeToken(ask.token);
  await workloadOf(house, token, undefined); // says what it does not know
  const play = async (subject: Subject, loan: number | null, keep: readonly number[]) => {
    const source = await sourceOf(subject);
    const plays = [{ token: ask.token, loan, keep }];
    for await (const answer of answers(telling, { source, capture: '', plays }, isolate)) {
      if ('fault' in answer) throw new Error(answer.fault.text);
      return answer;
    }
    throw new Error(`nothing came of ${ask.token}`);
  };
  const { sides, same } = await play(ask.design, null, []);
  const [first] = sides;
  if (first === undefined) {
    say({ kind: 'story', story: null, same });
    return;
  }
  const { loan, side } = first;
  const shown = [side];
  if (ask.beside !== null && ask.beside !== side.design) {
    const keep = side.steps.filter((s) => s.marks.some((m) => m.mark !== 'read')).map((s) => s.n);
    const beside = await play({ id: ask.beside }, loan, keep);
    shown.push(...beside.sides.map((s) => s.side));
  }
  const { workload, era, seed } = token;
  const told: Story = { token: ask.token, workload, era, seed, loan, sides: shown };
  say({ kind: 'story', story: told, same });
}

export async function check(ask: Ask & { kind: 'check' }, say: Say): Promise<void> {
  const source = await sourceOf(ask.design);
  const design = await isolate.design(source);
  const era = eraIn(design, ask.era);
  const bound = { ...DEFAULT_BOUND, ...ask.bound };
  const asked = {
    candidates: source.code === null ? [] : [source],
    design: design.id,
    workload: ask.workload,
    era: era.id,
    scopes: [bound] as const,
    reduction: true,
    property: ask.property ?? undefined,
    threads: 1,
    limit: undefined,
  };
  for await (const answer of answers(checking, asked, isolate)) {
    if ('fault' in answer) throw new Error(answer.fault.text);
    const { result, reason, states, executions, depth, property, text, token, steps } = answer.doc;
    const passes = answer.doc.passes?.length ?? 1;
    const said = { result, reason: reason ?? '', scope: boundText(bound), states, executions };
    say({
      kind: 'check',
      check: { ...said, depth, passes, property, text, token, steps: steps.length },
    });
  }
}

export async function explore(ask: Ask & { kind: 'explore' }, say: Say): Promise<void> {
  const source = await sourceOf(ask.design);
  const design = await isolate.design(source);
  const era = eraIn(design, ask.era);
  const workload = workloadsOf(design).find((w) => w.id === ask.workload);
  if (workload === undefined)
    throw new Error(
      `${ask.workload} is for ${isRuntime(design) ? 'designs' : 'runtimes'}, and ${design.id} is none`,
    );
  mustPlay(workload, era, design.over);
  const asked = {
    candidates: source.code === null ? [] : [source],
    design: design.id,
    workload: ask.workload,
    era: era.id,
    bound: { ...DEFAULT_BOUND, operations: ask.operations, failures: 0, states: EXPLORE_STATES },
    picks: ask.picks,
    goOn: ask.goOn,
    draw: true,
  };
  for await (const answer of answers(exploring, asked, isolate)) {
    if ('fault' in answer) throw new Error(answer.fault.text);
    const { doc, picks, choices, side, loan } = answer;
    const { token, workload } = doc;
    const story = side && { token, workload, era: era.id, seed: SEED, loan, sides: [side] };
    const title = `${design.id} on ${workload}, era ${era.id}`;
    const picture = side && ask.picture ? storyPicture(side, title, `replay ${token}`) : null;
    say({ kind: 'explore', said: { doc, picks, choices, story, picture } });
  }
}
