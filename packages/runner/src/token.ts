// A token names a design, a workload and a list of steps, and replays anywhere:
//   lr2.<design>.<workload>.<era>.<seed>.<steps>.<machine>.<code>.<check>
// The steps are a run-length code (steps by the clock, then a step that is not), in base64url; its kinds of steps are
// named in a table, so that what is added to a machine changes the meaning of no token. Machine and code are the versions
// of the machine and of the design that made the token; the check is the start of the digest of the state it ended in.
import type { CellInput } from '@lastref/search';
import { traceLength, type Deviation, type StepName, type Trace } from '@lastref/workloads';
import { oneLine } from './candidates/rules.ts';
import { DeafJudge } from './deaf.ts';
import { UsageError } from './errors.ts';
import { cellInMemory, leave } from './memory.ts';
import { codeOf, machineVersion } from './version.ts';

export const TOKEN_VERSION = 'lr2';
const CHECK_LENGTH = 8;
/** Longer tokens are refused: nobody copies them by hand, and nobody made them here. */
const LENGTH_MAX = 1 << 20;
const STEPS_MAX = 50_000_000;

export interface Token {
  readonly design: string;
  /** A workload's id; a capture is `capture-<digest of the file>-<driver ticks>`. */
  readonly workload: string;
  readonly era: string;
  readonly seed: number;
  readonly trace: Trace;
  /** Version of the machine that made it. */
  readonly machine: string;
  /** Version of the design's code; UNKNOWN: nobody could look at it. */
  readonly code: string;
  readonly check: string;
}

export function encodeToken(token: Token): string {
  return [
    TOKEN_VERSION,
    token.design,
    token.workload,
    token.era.replaceAll('.', '_'),
    token.seed.toString(36),
    encodeTrace(token.trace),
    token.machine,
    token.code,
    token.check.slice(0, CHECK_LENGTH),
  ].join('.');
}

/**
 * The token of a run. `workload`: as tokens name it, where that is not its id. `digest`: of where `trace` leads; who does
 * not know has it played once more.
 */
export function tokenOf(
  input: CellInput,
  trace: Trace,
  workload = input.workload.id,
  digest = digestOfRun(input, trace),
): string {
  const { design, era, seed } = input;
  return encodeToken({
    design: design.id,
    workload,
    era: era.id,
    seed,
    trace,
    machine: machineVersion(),
    code: codeOf(design),
    check: digest,
  });
}

/** Where `trace` leads: nobody has to judge it for that. */
function digestOfRun(input: CellInput, trace: Trace): string {
  const cell = cellInMemory(input, new DeafJudge());
  const { digest } = cell.play(trace);
  leave(cell);
  return digest;
}

/** Throws UsageError with the part that is wrong. */
export function decodeToken(text: string): Token {
  const bad = (what: string): never => {
    throw new UsageError(
      `this is not a token: ${oneLine(what)}; a token looks like ${TOKEN_VERSION}.DESIGN.WORKLOAD.ERA.SEED.STEPS.MACHINE.CODE.CHECK`,
    );
  };
  if (text.length > LENGTH_MAX) bad(`${text.length} characters are too many`);
  const parts = text.trim().split('.');
  if (parts[0] !== TOKEN_VERSION) {
    if (parts[0] === 'lr1') {
      throw new UsageError(
        `this token is of version lr1, whose steps are numbers that mean something only to the machine that made it; this lastref reads ${TOKEN_VERSION}: make the token again with the command that printed it`,
      );
    }
    if (/^lr\d{1,9}$/.test(parts[0] ?? '')) {
      throw new UsageError(
        `this token is of version ${parts[0]}; this lastref reads ${TOKEN_VERSION}`,
      );
    }
    bad(`it starts with '${(parts[0] ?? '').slice(0, 12)}'`);
  }
  if (parts.length !== 9)
    bad(`it has ${parts.length} parts instead of 9${parts.length < 9 ? ' (was it cut?)' : ''}`);
  const [, design = '', workload = '', era = '', seed = '', steps = ''] = parts;
  if (!/^[0-9a-z]{1,11}$/.test(seed)) bad(`'${seed.slice(0, 20)}' is no seed`);
  if (!/^[A-Za-z0-9_-]+$/.test(steps)) bad('its steps have characters that no token has');
  const [machine, code, check] = parts.slice(6) as [string, string, string];
  for (const [name, digest] of Object.entries({ machine, code, check }))
    if (!/^[0-9a-f]{8}$/.test(digest))
      bad(`its ${name} '${digest.slice(0, 20)}' is not 8 hexadecimal digits`);
  const trace = decodeTrace(steps);
  if (typeof trace === 'string') return bad(trace);
  if (traceLength(trace) > STEPS_MAX) bad(`it has ${traceLength(trace)} steps, more than any run`);
  return {
    design,
    workload,
    era: era.replaceAll('_', '.'),
    seed: Number.parseInt(seed, 36),
    trace,
    machine,
    code,
    check,
  };
}

/** `text` with the versions of its tokens left out: they say what made a token, not what was found. */
export function withoutVersions(text: string): string {
  return text.replace(
    /\b(lr2(?:\.[\w~-]+){5})\.[0-9a-f]{8}\.[0-9a-f]{8}(?=\.[0-9a-f]{8}\b)/g,
    '$1.machine.code',
  );
}

const NAME_BYTES = 4;

/** How many kinds of steps, their names, the tail, and for each deviation (after, kind, item). */
function encodeTrace({ deviations, tail }: Trace): string {
  const kinds = new Map<StepName, number>();
  for (const { step } of deviations) if (!kinds.has(step)) kinds.set(step, kinds.size);
  const bytes: number[] = [];
  const put = (n: number): void => {
    let v = n;
    while (v > 127) {
      bytes.push((v % 128) | 128);
      v = Math.floor(v / 128);
    }
    bytes.push(v);
  };
  put(kinds.size);
  for (const name of kinds.keys())
    for (let i = 0; i < NAME_BYTES; i++) bytes.push((name >>> (8 * i)) & 255);
  put(tail);
  for (const { after, step, item } of deviations) {
    put(after);
    put(kinds.get(step)!);
    put(item);
  }
  return Buffer.from(bytes).toString('base64url');
}

/** The trace, or what is wrong with it. */
function decodeTrace(text: string): Trace | string {
  const bytes = Buffer.from(text, 'base64url');
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value > Number.MAX_SAFE_INTEGER ? Number.NaN : value;
    }
    return Number.NaN;
  };
  const kinds: StepName[] = [];
  const count = number();
  if (!(count * NAME_BYTES <= bytes.length - at)) return 'its steps end in the middle of a name';
  for (; kinds.length < count; at += NAME_BYTES) kinds.push(bytes.readUInt32LE(at));
  const tail = number();
  const deviations: Deviation[] = [];
  let whole = Number.isInteger(tail);
  while (whole && at < bytes.length) {
    const [after, kind, item] = [number(), number(), number()];
    whole = Number.isInteger(after + kind + item);
    if (!whole) break;
    const step = kinds[kind];
    if (step === undefined) return 'it has a step of a kind that it does not name';
    deviations.push({ after, step, item });
  }
  return whole ? { deviations, tail } : 'its steps end in the middle of a number';
}
