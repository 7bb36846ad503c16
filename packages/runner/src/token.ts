// A token names a design, a workload and a list of steps, and replays anywhere:
//   lr1.<design>.<workload>.<era>.<seed>.<trace>.<check>
// The trace is a run-length code (steps by the clock, then a step that is not), in base64url. The check is the
// start of the digest of the state that the maker's machine ended in.
import { Cell, type CellInput } from '@lastref/search';
import { traceLength, type Deviation, type Trace } from '@lastref/workloads';
import { UsageError } from './errors.ts';

export const TOKEN_VERSION = 'lr1';
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
    token.check.slice(0, CHECK_LENGTH),
  ].join('.');
}

/** The token of a run: plays it once more, for its digest. */
export function tokenOf(input: CellInput, trace: Trace): string {
  const check = new Cell(input).play(trace).digest;
  const { design, workload, era, seed } = input;
  return encodeToken({ design: design.id, workload: workload.id, era: era.id, seed, trace, check });
}

/** Throws UsageError with the part that is wrong. */
export function decodeToken(text: string): Token {
  const bad = (what: string): never => {
    throw new UsageError(
      `this is not a token: ${what}; a token looks like ${TOKEN_VERSION}.DESIGN.WORKLOAD.ERA.SEED.STEPS.CHECK`,
    );
  };
  if (text.length > LENGTH_MAX) bad(`${text.length} characters are too many`);
  const parts = text.trim().split('.');
  if (parts[0] !== TOKEN_VERSION) {
    if (/^lr\d+$/.test(parts[0] ?? '')) {
      throw new UsageError(
        `this token is of version ${parts[0]}; this lastref reads ${TOKEN_VERSION}`,
      );
    }
    bad(`it starts with '${(parts[0] ?? '').slice(0, 12)}'`);
  }
  if (parts.length !== 7)
    bad(`it has ${parts.length} parts instead of 7${parts.length < 7 ? ' (was it cut?)' : ''}`);
  const [, design, workload, era, seed, steps, check] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (!/^[0-9a-z]{1,11}$/.test(seed)) bad(`'${seed.slice(0, 20)}' is no seed`);
  if (!/^[A-Za-z0-9_-]+$/.test(steps)) bad('its steps have characters that no token has');
  if (!/^[0-9a-f]{8}$/.test(check))
    bad(`its check '${check.slice(0, 20)}' is not 8 hexadecimal digits`);
  const trace = decodeTrace(steps);
  if (trace === null) return bad('its steps end in the middle of a number');
  if (traceLength(trace) > STEPS_MAX) bad(`it has ${traceLength(trace)} steps, more than any run`);
  return {
    design,
    workload,
    era: era.replaceAll('_', '.'),
    seed: Number.parseInt(seed, 36),
    trace,
    check,
  };
}

function encodeTrace(trace: Trace): string {
  const bytes: number[] = [];
  const put = (n: number): void => {
    let v = n;
    while (v > 127) {
      bytes.push((v % 128) | 128);
      v = Math.floor(v / 128);
    }
    bytes.push(v);
  };
  put(trace.tail);
  for (const d of trace.deviations) {
    put(d.after);
    put(d.place);
    put(d.verb);
    put(d.item);
  }
  return Buffer.from(bytes).toString('base64url');
}

function decodeTrace(text: string): Trace | null {
  const bytes = Buffer.from(text, 'base64url');
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    if (value > Number.MAX_SAFE_INTEGER) return null;
    if (byte < 128) {
      numbers.push(value);
      value = 0;
      scale = 1;
    } else {
      scale *= 128;
    }
  }
  if (scale !== 1 || numbers.length % 4 !== 1) return null;
  const deviations: Deviation[] = [];
  for (let i = 1; i < numbers.length; i += 4) {
    deviations.push({
      after: numbers[i]!,
      place: numbers[i + 1]!,
      verb: numbers[i + 2]!,
      item: numbers[i + 3]!,
    });
  }
  return { deviations, tail: numbers[0]! };
}
