// Plays a token and tells what happened.
import { bundledCaptureByDigest, captureDigest, captureOfToken, loadCapture } from '../captures.ts';
import type { Design } from '@lastref/kernel';
import type { Played } from '@lastref/report/text/replay';
import type { CellInput } from '@lastref/search';
import {
  CLOCK_STOPS,
  RUNTIME_WORKLOADS,
  TracePicker,
  WORKLOADS,
  traceLength,
  type Trace,
  type Workload,
} from '@lastref/workloads';
import type { Source } from '../candidates/source.ts';
import { UsageError } from '../errors.ts';
import { designsIn, extraWorkloads, workloadIn, type House } from '../house.ts';
import type { Isolate } from '../isolate.ts';
import { mustSuit } from '../kinds.ts';
import { allDesigns, canaries, find, findEra, mustPlay, runtimes } from '../registry.ts';
import { encodeToken, type Token } from '../token.ts';
import { codeOf, machineVersion } from '../version.ts';
import { Telling, type Told } from './telling.ts';

export interface ReplayOptions {
  /** Steps to play at most. */
  readonly until: number | undefined;
  /** A capture file, for tokens of a capture that does not ship with the project. */
  readonly capture: string | undefined;
  readonly candidates: readonly Source[];
}

/** Of candidates those that take part: a question has no use for the code of the others. */
export function named(
  candidates: readonly Source[],
  ids: readonly (string | undefined)[],
): Source[] {
  return candidates.filter((source) => ids.includes(source.name));
}

/** Every design that a token or `check` may name: the repository's, the canaries, the runtimes, and the candidates that take part. */
export async function designsOf(
  isolate: Isolate,
  candidates: readonly Source[],
): Promise<Design[]> {
  const files = await ownDesigns();
  const there = candidates.filter((source) => isolate.has(source));
  const theirs = await Promise.all(there.map((source) => isolate.design(source)));
  return [...files, ...theirs];
}

async function ownDesigns(): Promise<Design[]> {
  const own = [...(await allDesigns()), ...(await canaries()), ...(await runtimes())];
  return own.map((f) => f.design);
}

/** Is it none of the repository's? */
export async function isForeignDesign(design: Design): Promise<boolean> {
  return !(await ownDesigns()).includes(design);
}

/** What a token names. */
export async function inputOf(
  isolate: Isolate,
  token: Token,
  options: ReplayOptions,
): Promise<CellInput> {
  const known = await designsOf(isolate, options.candidates);
  const plain = known.find((d) => d.id === token.design);
  const named = plain === undefined ? await designsIn(isolate.house, known) : known;
  const design = find('design', named, (d) => d.id, token.design);
  const workload = await workloadOf(isolate.house, token, options.capture);
  mustSuit(design, workload);
  const era = findEra(token.era);
  mustPlay(workload, era, design.over);
  return { design, workload, era, seed: token.seed };
}

/** Plays `token`. Throws UsageError for what it names and nobody knows. */
export async function replay(
  isolate: Isolate,
  token: Token,
  options: ReplayOptions,
): Promise<{ readonly played: Played; readonly input: CellInput }> {
  const input = await inputOf(isolate, token, options);
  const telling = new Telling(input, token.trace);
  const picker = new TracePicker(token.trace);
  const limit = Math.min(options.until ?? Number.MAX_SAFE_INTEGER, traceLength(token.trace));
  const told: Told[] = [];
  for (let n = 1; n <= limit; n++) {
    const step = telling.step(picker);
    if (step === null) break;
    told.push(step);
  }
  const digest = telling.digest();
  if (options.until === undefined) told.push(...telling.end());
  const played: Played = {
    doc: {
      schema: 'lastref.replay/1',
      token: encodeToken(token),
      design: token.design,
      workload: token.workload,
      era: token.era,
      seed: token.seed,
      steps: told.map(({ n, tick, text }) => ({ n, tick, text })),
      findings: telling.findings(),
      skipped: picker.skipped,
      lastApplied: picker.applied,
      same: options.until !== undefined || digest.startsWith(token.check),
      versions: {
        token: { machine: token.machine, code: token.code },
        here: { machine: machineVersion(), code: codeOf(input.design) },
      },
      digest,
    },
    touched: told.map((t) => t.touched),
    chosen: chosenSteps(token.trace),
    loan: telling.loan,
  };
  return { played, input };
}

/** More choices than this are a random run's, of which a finding needs hardly one. */
const CHOSEN_MAX = 24;

/**
 * Steps that a search or a script picked against the clock. Where the clock stands still, every one was; shrinking has
 * left only those that the finding needs.
 */
export function chosenSteps({ deviations }: Trace): Set<number> {
  const chosen = new Set<number>();
  const few = deviations.length <= CHOSEN_MAX;
  let stopped = false;
  let n = 0;
  for (const { after, step } of deviations) {
    n += after + 1;
    if (step === CLOCK_STOPS) stopped = true;
    else if (stopped || few) chosen.add(n);
  }
  return chosen;
}

/** The workload that a token names. */
export async function workloadOf(
  house: House,
  token: Token,
  capture: string | undefined,
): Promise<Workload> {
  const named = captureOfToken(token.workload);
  if (named === null) {
    if (capture !== undefined)
      throw new UsageError(
        `no capture drives ${token.workload}: this token goes without --capture`,
      );
    const found = await workloadIn(house, token.workload);
    if (found !== undefined) return found;
    const all = [...WORKLOADS, ...RUNTIME_WORKLOADS, ...(await extraWorkloads(house))];
    return find('workload', all, (w) => w.id, token.workload);
  }
  const { digest, driverTicks, flows } = named;
  const file = capture ?? bundledCaptureByDigest(digest);
  if (file === undefined) {
    throw new UsageError(
      `this token needs the capture file with digest ${digest}; name it with --capture FILE`,
    );
  }
  const workload = await loadCapture({ file, driverTicks, flows });
  if (captureDigest(file) !== digest) {
    throw new UsageError(
      `${file} is not the capture of this token: its digest is ${captureDigest(file)}, not ${digest}`,
    );
  }
  return workload;
}
