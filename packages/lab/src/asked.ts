// What is asked of the lab, by name: kernels, scenarios, recordings, runs of other days. Bad names throw UsageError.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { labSchema, liveSchema, type LabDocument, type LiveDocument } from '@lastref/report';
import { CouldNot, UsageError, decodeToken, digested, readDocument, select } from '@lastref/runner';
import { debianGuest, givenGuest, knownKernel, type Guest } from './guest/guest.ts';
import { KERNELS, KERNEL_IDS, type KnownKernel } from './guest/kernels.ts';
import { mergeLabs } from './lab.ts';
import { liveFormOf } from './live/form.ts';
import { mergeLive } from './live/run.ts';
import { SCENARIOS, type Scenario } from './live/scenarios.ts';
import { OPERATIONS } from './operations/index.ts';
import { RECORDED, RECORDERS, type Recorded, type Recorder } from './record/record.ts';

/** Told how far the lab is, a line at a time. */
export type Say = (line: string) => void;

/** `all` kernels of Debian, some of them, or any other with its image and headers. */
export interface Kernels {
  readonly kernel: string;
  readonly image?: string | undefined;
  readonly headers?: string | undefined;
  /** Under KVM, if a probe boots. */
  readonly kvm?: true | undefined;
}

/** The kernels that were asked for, one after another. Throws LabError for what does not boot. */
export async function* guestsCalled(asked: Kernels, say: Say): AsyncGenerator<Guest> {
  const { kernel: ids, image, headers } = asked;
  const kvm = asked.kvm === true;
  if (image !== undefined || headers !== undefined) {
    if (image === undefined || headers === undefined)
      throw new UsageError('--image FILE and --headers DIR belong together');
    yield await givenGuest(image, headers, kvm, say);
    return;
  }
  const known = (ids === 'all' ? KERNEL_IDS : ids.split(',')).map((id) => {
    const kernel = knownKernel(id);
    if (kernel === undefined)
      throw new UsageError(`no kernel '${id}': ${KERNEL_IDS.join(', ')} or all`);
    return kernel;
  });
  for (const kernel of known) yield await debianGuest(kernel, kvm, say);
}

/** Operations of scripts, separated by commas; null: nobody asked for some. */
export function operationsCalled(wanted: string | undefined): string[] | null {
  return wanted === undefined
    ? null
    : select('operation', OPERATIONS, (op) => op.name, wanted).map((op) => op.name);
}

/** Scenarios with real sockets, separated by commas, or all. */
export function scenariosCalled(wanted: string): readonly Scenario[] {
  return select('scenario', SCENARIOS, (s) => s.id, wanted === 'all' ? undefined : wanted);
}

/** The scenario of a finding, and its kernel: that of its era unless `kernel` is another than `all`. Throws CouldNot. */
export function liveFormCalled(
  text: string,
  kernel: string,
  say: Say,
): { readonly scenario: Scenario; readonly kernel: string } {
  const token = decodeToken(text);
  const scenario = liveFormOf(token);
  if (typeof scenario === 'string') throw new CouldNot(scenario);
  const own = KERNELS.find((k) => k.era === token.era.replace(/[-+][a-z]+[A-Z]\w*$/, ''));
  const id = kernel === 'all' ? (own ?? KERNELS.at(-1)!).id : kernel;
  if (own === undefined) say(`of era ${token.era} there is no kernel: it is played on ${id}`);
  return { scenario, kernel: id };
}

/** What runs on different kernels wrote: of scripts, or of scenarios where no script was played. */
export function mergedIn(
  dirs: readonly string[],
): { readonly lab: LabDocument } | { readonly live: LiveDocument } {
  const alive = (dir: string): boolean =>
    !existsSync(join(dir, 'lab.json')) && existsSync(join(dir, 'live.json'));
  if (dirs.every(alive)) {
    const live = (file: string): LiveDocument | null => readDocument(file, liveSchema);
    return { live: digested(mergeLive(dirs.map((dir) => kept(join(dir, 'live.json'), live)))) };
  }
  const lab = (file: string): LabDocument | null => readDocument(file, labSchema);
  return { lab: digested(mergeLabs(dirs.map((dir) => kept(join(dir, 'lab.json'), lab)))) };
}

/** Throws UsageError where there is none, and for one that was edited. */
function kept<T>(file: string, read: (file: string) => T | null): T {
  const doc = read(file);
  if (doc === null) throw new UsageError(`${file} does not exist: the lab has written none there`);
  return doc;
}

export interface RecordingAsked {
  /** `tool:scenario` */
  readonly id: string;
  readonly tool: Recorder;
  readonly scenario: Recorded;
}

/** Recordings that a tool can make, or all. */
export function recordingsCalled(wanted: string): RecordingAsked[] {
  const scenarios = Object.keys(RECORDED) as Recorded[];
  const all = RECORDERS.flatMap((tool) =>
    scenarios.map((scenario) => ({ id: `${tool}:${scenario}`, tool, scenario })),
  );
  return select('recording', all, (r) => r.id, wanted === 'all' ? undefined : wanted);
}

/** The scripts that ship stand for its structs. */
const RECORDED_ON = '6.12';

export function recordedOn(kernel: string): KnownKernel {
  const known = knownKernel(kernel === 'all' ? RECORDED_ON : kernel);
  if (known === undefined)
    throw new UsageError(`--record takes one kernel: ${KERNEL_IDS.join(', ')}`);
  return known;
}
