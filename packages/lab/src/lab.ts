// The question of `lastref lab`: do the model and a running kernel say the same after every operation?
import { eraOf, type Era } from '@lastref/kernel';
import type { LabDisagreement, LabDocument } from '@lastref/report';
import { parseAnswers } from './answer.ts';
import { differingWords, firstDifference, type Disagreement } from './compare.ts';
import { SKIP } from './desk.ts';
import { foundScripts } from './found.ts';
import { generate, type Length } from './generate.ts';
import type { Guest } from './guest/guest.ts';
import { LabError } from './guest/process.ts';
import type { KeptAnswers } from './check.ts';
import { notCompared } from './not-compared.ts';
import { OPERATIONS } from './operations/index.ts';
import { play, type Answer } from './play.ts';
import { lineText, scriptText, type Script } from './script.ts';
import { shrink, type Parted } from './shrink.ts';
import { known } from './known.ts';

/** Scripts of one boot: more would not fit into the guest's memory at ease; fewer where the clock decides. */
const BATCH = 3000;
const TIMED_BATCH = 600;
/** Whose model draws the scripts to keep; and some with what kernels before 6.5 do on another seam (operations/corking.ts). */
const KEPT_ERA = '7.2.13';
const KEPT_BEFORE = '5.10.223';

export interface LabRun {
  readonly guest: Guest;
  readonly era: Era;
  readonly seed: number;
  /** How many scripts; null: until the time is over. */
  readonly sequences: number | null;
  /** Begin no batch after so many minutes; null: when `sequences` are played. */
  readonly minutes: number | null;
  /** Milliseconds on a clock; left out: the system's. */
  readonly now?: () => number;
  readonly ops: readonly string[] | null;
  readonly say: (line: string) => void;
}

export interface LabResult {
  readonly kernel: LabDocument['kernels'][number];
  readonly rows: LabDocument['rows'];
  readonly disagreements: LabDisagreement[];
}

/** Half of them short, half long. */
export async function runLab(run: LabRun): Promise<LabResult> {
  const { guest, era, seed, say } = run;
  const tally = new Tally(guest.id);
  const parted: Parted[] = [];
  const { minutes, now = Date.now } = run;
  const wantedCount = run.sequences ?? Infinity;
  const size = minutes === null ? BATCH : TIMED_BATCH;
  const until = minutes === null ? Infinity : now() + minutes * 60_000;
  for (let done = 0, batch = 0; done < wantedCount && now() < until; batch++) {
    const count = Math.min(size, wantedCount - done);
    const short = Math.ceil(count / 2);
    const seedOfBatch = seed + 7919 * batch;
    const wanted = { era, seed: seedOfBatch, ops: run.ops };
    const scripts = [
      ...generate({ ...wanted, count: short, length: 'short' }),
      ...generate({ ...wanted, count: count - short, length: 'long' }),
    ];
    const answers = await ask(guest, scripts);
    for (const answer of answers) {
      const script = scriptOf(answer);
      const difference = firstDifference(play(script, era), answer);
      tally.add(answer, difference);
      if (difference !== null) parted.push({ script, difference });
    }
    done += count;
    const of = run.sequences === null ? '' : ` of ${run.sequences}`;
    const again = minutes === null ? '' : ` (these: --seed ${seedOfBatch} --sequences ${count})`;
    say(`${guest.id}: ${done}${of} sequences, ${parted.length} differ${again}`);
  }
  const disagreements = await shortest(run, parted);
  return { kernel: tally.kernel(guest, era), rows: tally.rows(era), disagreements };
}

/** The kernel's answers, one for each script and to each of its lines. Throws LabError where it did not say so much. */
export async function ask(guest: Guest, scripts: readonly Script[]): Promise<Answer[]> {
  const answers = parseAnswers(await guest.play(scripts.map(scriptText).join('')));
  scripts.forEach(({ id, lines }, n) => {
    const answer = answers[n];
    if (answer?.id !== id || answer.steps.length !== lines.length || answer.end.length === 0)
      throw new LabError(`${guest.id} gave no whole answer to sequence ${id}`);
  });
  return answers;
}

export function scriptOf({ id, seam, steps }: Answer): Script {
  return { id, seam, lines: steps.map((s) => s.line) };
}

/**
 * The scripts to keep answers to, the same for every kernel: a third short, some with full packets, some with two that
 * become one, some with frag_lists, some with datagrams that are put together, the rest long; and those that tell the model from mutants of it (scripts/found.script).
 */
export function keptScripts(seed: number, count: number): Script[] {
  const parts: readonly (readonly [Length, number])[] = [
    ['short', 0.33],
    ['full', 0.13],
    ['joined', 0.12],
    ['listed', 0.18],
    ['corked', 0.14],
    ['long', 0.22],
  ];
  const draw = (era: string, from: number, length: Length, share: number) =>
    generate({ era: eraOf(era)!, seed: from, ops: null, count: Math.ceil(count * share), length });
  const drawn = parts.flatMap(([length, share]) => draw(KEPT_ERA, seed, length, share));
  return [...drawn, ...draw(KEPT_BEFORE, seed + 1, 'corked', 0.04), ...foundScripts()];
}

/** The answers to keep. */
export async function askKept(
  guest: Guest,
  era: Era,
  seed: number,
  count: number,
): Promise<KeptAnswers> {
  const scripts = keptScripts(seed, count);
  const { id, version, sha256 } = guest;
  return { id, version, sha256, era: era.id, answers: await ask(guest, scripts) };
}

/** One for each way of parting: where, on which seam, in which words. */
async function shortest(run: LabRun, parted: readonly Parted[]): Promise<LabDisagreement[]> {
  const kinds = new Map<string, Parted[]>();
  for (const p of parted) {
    const kind = kindOf(p);
    kinds.set(kind, [...(kinds.get(kind) ?? []), p]);
  }
  const starts = [...kinds.values()].map((list) =>
    list.reduce((a, b) => (b.difference.step < a.difference.step ? b : a)),
  );
  const counts = [...kinds.values()].map((list) => list.length);
  const ends = await shrink(starts, (scripts) => ask(run.guest, scripts), run.era, kindOf);
  return ends.map(({ script, difference }, i) => ({
    op: difference.op,
    kernel: run.guest.id,
    seam: script.seam,
    count: counts[i]!,
    script: script.lines.map((l) => `${lineText(l)}\n`).join(''),
    differs: differingWords(difference),
    ...known(
      difference.op,
      script.lines.slice(0, difference.step).map((l) => l.op),
      differingWords(difference),
    ),
  }));
}

/** Names of the words that differ, without their numbers. */
export function kindOf({ script, difference }: Parted): string {
  const words = differingWords(difference).flatMap((line) =>
    [...line.matchAll(/([a-z]+)[\d=]/g)].map((m) => m[1]!),
  );
  return `${script.seam} ${difference.op} ${[...new Set(words)].sort().join(',')}`;
}

class Tally {
  private readonly id: string;
  private readonly ops = new Map<
    string,
    { sequences: number; steps: number; skipped: number; disagree: number }
  >();
  private sequences = 0;
  private differ = 0;
  private steps = 0;
  private skipped = 0;

  constructor(id: string) {
    this.id = id;
  }

  add(answer: Answer, difference: Disagreement | null): void {
    this.sequences++;
    if (difference !== null) {
      this.differ++;
      this.of(difference.op).disagree++;
    }
    for (const op of new Set(answer.steps.map((s) => s.line.op))) this.of(op).sequences++;
    for (const { line, result } of answer.steps) {
      const row = this.of(line.op);
      this.steps++;
      if (result === SKIP) {
        row.skipped++;
        this.skipped++;
      } else {
        row.steps++;
      }
    }
  }

  private of(op: string) {
    let row = this.ops.get(op);
    if (row === undefined) {
      row = { sequences: 0, steps: 0, skipped: 0, disagree: 0 };
      this.ops.set(op, row);
    }
    return row;
  }

  kernel({ id, version, sha256 }: Guest, era: Era): LabDocument['kernels'][number] {
    const { sequences, differ, steps, skipped } = this;
    return {
      id,
      version,
      sha256,
      era: era.id,
      sequences,
      agree: sequences - differ,
      steps,
      skipped,
    };
  }

  rows(era: Era): LabDocument['rows'] {
    const names = OPERATIONS.filter((op) => op.lacks?.(era) !== true).map((op) => op.name);
    return [...names, 'end']
      .filter((op) => this.ops.has(op))
      .map((op) => ({ op, kernel: this.id, ...this.of(op) }));
  }
}

/** How a run is told from another one. */
export interface Asked {
  readonly command: string;
  readonly date: string;
  readonly seed: number;
}

/** The document of all kernels, without its digest. */
export function labDocument(
  { command, date, seed }: Asked,
  results: readonly LabResult[],
): Omit<LabDocument, 'digest'> {
  return {
    schema: 'lastref.lab/1',
    command,
    date,
    kernels: results.map((r) => r.kernel),
    seed,
    rows: results.flatMap((r) => r.rows),
    disagreements: results.flatMap((r) => r.disagreements),
    notCompared: notCompared(),
  };
}

/** Runs of one seed on different kernels, as if they had been one; the day is that of the last. */
export function mergeLabs(docs: readonly LabDocument[]): Omit<LabDocument, 'digest'> {
  const all = docs.flatMap((d) => d.kernels.map((k) => k.id));
  const twice = all.find((id, i) => all.indexOf(id) !== i);
  if (twice !== undefined)
    throw new LabError(`${twice} is in two of these: each script counts once`);
  const other = docs.find((d) => d.seed !== docs[0]!.seed);
  if (other !== undefined)
    throw new LabError(
      `seeds ${docs[0]!.seed} and ${other.seed}: only runs of one seed are merged`,
    );
  const ids = all.join(',');
  const dates = docs.map((d) => d.date).sort();
  return {
    schema: 'lastref.lab/1',
    command: (docs[0]?.command ?? '').replace(/--kernel \S+/, `--kernel ${ids}`),
    date: dates.at(-1) ?? '',
    kernels: docs.flatMap((d) => d.kernels),
    seed: docs[0]?.seed ?? 0,
    rows: docs.flatMap((d) => d.rows),
    disagreements: docs.flatMap((d) => d.disagreements),
    notCompared: notCompared(),
  };
}
