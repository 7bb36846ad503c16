// Plays a token and tells what happened.
import type { ReplayDocument } from '@lastref/report';
import type { CellInput } from '@lastref/search';
import {
  STORIES,
  TracePicker,
  WORKLOADS,
  traceLength,
  workloadCalled,
  type Workload,
} from '@lastref/workloads';
import { UsageError } from './errors.ts';
import {
  allDesigns,
  bundledCaptureByDigest,
  canaries,
  captureDigest,
  find,
  findEra,
  loadCapture,
  type CaptureSource,
  type DesignFile,
} from './registry.ts';
import { variantsOf } from './claims/variants.ts';
import { moverWorkloads } from './matrix.ts';
import { Telling, type Told } from './telling.ts';
import type { Token } from './token.ts';

export interface ReplayOptions {
  /** Steps to play at most. */
  readonly until: number | undefined;
  /** A capture file, for tokens of a capture that does not ship with the project. */
  readonly capture: string | undefined;
  readonly extra: readonly DesignFile[];
}

export interface Replay {
  readonly doc: ReplayDocument;
  /** Per step: the loans that it touched. */
  readonly touched: readonly ReadonlySet<number>[];
  /** Loan of the last finding, 0: none. */
  readonly loan: number;
  /** What was run. */
  readonly input: CellInput;
}

/** What a token names. */
export async function inputOf(token: Token, options: ReplayOptions): Promise<CellInput> {
  const files = [...(await allDesigns()), ...(await canaries()), ...options.extra];
  const designs = files.map((f) => f.design);
  const named = [...designs, ...variantsOf(designs)];
  const design = find('design', named, (d) => d.id, token.design);
  const workload = workloadOf(token, options.capture);
  return { design, workload, era: findEra(token.era), seed: token.seed };
}

export async function replay(token: Token, options: ReplayOptions): Promise<Replay> {
  const input = await inputOf(token, options);
  const telling = new Telling(input);
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
  return {
    doc: {
      schema: 'lastref.replay/1',
      design: token.design,
      workload: token.workload,
      era: token.era,
      seed: token.seed,
      steps: told.map(({ n, tick, text }) => ({ n, tick, text })),
      findings: telling.findings(),
      same: options.until !== undefined || digest.startsWith(token.check),
      digest,
    },
    touched: told.map((t) => t.touched),
    loan: telling.loan,
    input,
  };
}

/** The machines of the stories, without their scripts: a token has the steps. */
const STAGES: readonly Workload[] = STORIES.map((s) => s.workload);

/** The workload that a token names. */
export function workloadOf(token: Token, capture: string | undefined): Workload {
  const match = /^capture-([0-9a-f]{8})-(\d{1,9})$/.exec(token.workload);
  if (match === null) {
    const found = workloadCalled(token.workload);
    return (
      found ??
      find('workload', [...WORKLOADS, ...moverWorkloads(), ...STAGES], (w) => w.id, token.workload)
    );
  }
  const [, digest, ticks] = match as unknown as [string, string, string];
  const file = capture ?? bundledCaptureByDigest(digest);
  if (file === undefined) {
    throw new UsageError(
      `this token needs the capture file with digest ${digest}; name it with --capture FILE`,
    );
  }
  const source: CaptureSource = { file, driverTicks: Number(ticks) };
  const workload = loadCapture(source);
  if (captureDigest(file) !== digest) {
    throw new UsageError(
      `${file} is not the capture of this token: its digest is ${captureDigest(file)}, not ${digest}`,
    );
  }
  return workload;
}
