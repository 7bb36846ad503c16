// Captures by path: which connection of a file drives a run, and how a token names it.
import { createHash } from 'node:crypto';
import {
  closeSync,
  createWriteStream,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CaptureError,
  listCapture,
  logFlows,
  type CaptureSummary,
  type ConnectionSummary,
  type Side,
} from '@lastref/capture';
import {
  DEFAULT_DRIVER_TICKS,
  WORKLOADS,
  captureWorkload,
  endpoint,
  flowWorkload,
  type CaptureWorkload,
  type Workload,
  workloadCalled,
} from '@lastref/workloads';
import { CouldNot, UsageError, isSystemError, systemReason } from './errors.ts';
import { isPipe, piecesOf, shown } from './piped.ts';
import { ROOT } from './registry.ts';

const CAPTURES = `${ROOT}packages/capture/data/`;

/** The capture that `capture` stands for when no file is named. */
export const DEFAULT_CAPTURE = '04-rpc-write-client.pcap';

/** One connection of a capture, and which of its sides is modelled; null: the one whose data go in whole pages. */
export interface FlowChoice {
  readonly id: number;
  readonly side: Side | null;
}

/** What drives the runs of a capture. */
export interface CaptureSource {
  readonly file: string;
  readonly driverTicks: number;
  /** The connections; null: the one with the most payload. */
  readonly flows: readonly FlowChoice[] | null;
}

/** The workload of one connection goes by this name where it is the only one. */
export const CAPTURE = 'capture';

/** The name of a connection's workload beside others of the same file. */
function nameOf({ id, side }: FlowChoice): string {
  return `${CAPTURE}/${id}${side === null ? '' : side === 0 ? 'c' : 's'}`;
}

/** Is this the name of a capture's workload? */
export function isCapture(id: string): boolean {
  return id === CAPTURE || id.startsWith(`${CAPTURE}/`);
}

const digests = new Map<string, string>();

/** First bytes of a capture file's SHA-256, as tokens carry them. The file is read by parts, and once. */
export function captureDigest(file: string): string {
  const known = digests.get(file);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  const buffer = new Uint8Array(1 << 20);
  const fd = openSync(file, 'r');
  try {
    for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer))
      hash.update(buffer.subarray(0, n));
  } finally {
    closeSync(fd);
  }
  const digest = hash.digest('hex').slice(0, 8);
  digests.set(file, digest);
  return digest;
}

/** How a token names the workload of a capture: `capture-<digest of the file>-<driver ticks>`, then the connection. */
export function captureToken(id: string, { file, driverTicks, flows }: CaptureSource): string {
  const base = `capture-${captureDigest(file)}-${driverTicks}`;
  const choice = flows?.find((flow) => flows.length === 1 || nameOf(flow) === id);
  return choice === undefined ? base : `${base}-${nameOf(choice).slice(CAPTURE.length + 1)}`;
}

/** What `captureToken` made, or null. */
export function captureOfToken(
  text: string,
): { digest: string; driverTicks: number; flows: readonly FlowChoice[] | null } | null {
  const match = /^capture-([0-9a-f]{8})-(\d{1,9})(?:-(\d{1,9})([cs])?)?$/.exec(text);
  if (match === null) return null;
  const [, digest, ticks, id, side] = match as unknown as [
    string,
    string,
    string,
    ...(string | undefined)[],
  ];
  const choice =
    id === undefined
      ? null
      : ({ id: Number(id), side: side === undefined ? null : side === 'c' ? 0 : 1 } as const);
  return { digest, driverTicks: Number(ticks), flows: choice === null ? null : [choice] };
}

/** What a path that was mistyped gives; anything else that the system says is the world's doing. */
const MISTYPED: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

/** What cannot be read becomes one line. */
async function readable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CaptureError) throw new UsageError(error.message);
    if (!isSystemError(error)) throw error;
    const line = `${shown(file)}: cannot be read: ${systemReason(error)}`;
    throw MISTYPED.has(error.code ?? '') ? new UsageError(line) : new CouldNot(line);
  }
}

function baseName(file: string): string {
  return file.split('/').at(-1)!;
}

/** What is in a capture file; `-` is standard input. */
export function listFile(file: string): Promise<CaptureSummary> {
  const piped = file !== '-' && isPipe(file);
  const input = file === '-' ? standardInput() : piped ? Readable.from(piecesOf(file)) : file;
  return readable(file, () => listCapture(input, file === '-' ? 'standard input' : baseName(file)));
}

/** Workloads that this isolate has read, by what was asked for: a job asks for one after the other. */
const loaded = new Map<string, Promise<readonly CaptureWorkload[]>>();

/** The workloads of a capture's connections. */
export function loadCaptures(source: CaptureSource): Promise<readonly CaptureWorkload[]> {
  const key = JSON.stringify(source);
  let workloads = loaded.get(key);
  if (workloads === undefined) {
    workloads = readable(source.file, () => read(source));
    loaded.clear(); // one capture at a time
    loaded.set(key, workloads);
  }
  return workloads;
}

async function read({
  file,
  driverTicks,
  flows,
}: CaptureSource): Promise<readonly CaptureWorkload[]> {
  const name = baseName(file);
  const choices = flows ?? [mostPayload(await listCapture(file, name))];
  const { logs, warnings } = await logFlows(
    file,
    name,
    choices.map(({ id }) => id),
  );
  return choices.map((choice, i) => {
    const log = logs[i];
    if (log === undefined)
      throw new UsageError(`${name} has no connection ${choice.id}; lastref capture lists them`);
    const id = choices.length === 1 ? CAPTURE : nameOf(choice);
    return flowWorkload(log, { id, file: name, driverTicks, side: choice.side, warnings });
  });
}

/** The workload called `id` of a capture. */
export async function loadCapture(source: CaptureSource, id = CAPTURE): Promise<CaptureWorkload> {
  const workloads = await loadCaptures(source);
  return workloads.find((w) => w.id === id) ?? workloads[0]!;
}

function mostPayload(summary: CaptureSummary): FlowChoice {
  const { connections, frames, file, warnings } = summary;
  if (connections.length === 0) {
    const why = warnings.length === 0 ? '' : ` (${warnings.join('; ')})`;
    throw new UsageError(
      `${file}: none of its ${frames} frames carries TCP over IP${why}; a capture with at least one TCP segment is expected`,
    );
  }
  const bytes = ({ payloadBytes: [a, b] }: ConnectionSummary): number => a + b;
  const most = connections.reduce((best, c) => (bytes(c) > bytes(best) ? c : best));
  return { id: most.id, side: null };
}

/** Which connections `--flow` names: numbers (`3`, `3/client`, `1,4`), `all` that carry data, or a filter. */
export async function chooseFlows(source: CaptureSource, wanted: string): Promise<CaptureSource> {
  const numbers = wanted
    .split(',')
    .map((part) => /^\s*(\d{1,9})(?:\/(client|server))?\s*$/.exec(part));
  if (numbers.every((match) => match !== null)) {
    const flows = numbers.map((match) => ({
      id: Number(match[1]),
      side: match[2] === undefined ? null : match[2] === 'client' ? (0 as const) : (1 as const),
    }));
    return { ...source, flows: distinct(flows) };
  }
  const matches = wanted.trim() === 'all' ? (): boolean => true : filterOf(wanted);
  const { connections, file } = await listFile(source.file);
  const flows = connections
    .filter((c) => c.payloadBytes[0] + c.payloadBytes[1] > 0 && matches(c))
    .map(({ id }) => ({ id, side: null }));
  if (flows.length === 0)
    throw new UsageError(
      `${file}: no connection with data is '${wanted}'; lastref capture lists them`,
    );
  return { ...source, flows };
}

/** Each choice once, whatever was typed. */
function distinct(flows: readonly FlowChoice[]): FlowChoice[] {
  return [...new Map(flows.map((flow) => [nameOf(flow), flow])).values()];
}

type Filter = (connection: ConnectionSummary) => boolean;

/** `host ADDRESS`, `port N`, `ADDRESS:PORT` and `rpc`, joined by `and`. */
function filterOf(text: string): Filter {
  const terms = text
    .trim()
    .split(/\s+and\s+/)
    .map(termOf);
  return (connection) => terms.every((term) => term(connection));
}

function termOf(term: string): Filter {
  const [word, value, ...rest] = term.split(/\s+/);
  const either =
    (test: (peer: ConnectionSummary['client']) => boolean): Filter =>
    (c) =>
      test(c.client) || test(c.server);
  if (rest.length === 0 && value !== undefined) {
    if (word === 'host') return either(({ address }) => address === value);
    if (word === 'port' && /^\d{1,5}$/.test(value))
      return either(({ port }) => port === Number(value));
  }
  if (value === undefined) {
    if (word === 'rpc') return ({ rpc }) => rpc !== null;
    if (/^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d{1,5}$/.test(word!))
      return either((peer) => endpoint(peer) === word);
  }
  throw new UsageError(
    `--flow does not know '${term}'; it takes a number (3, 3/client), all, or 'host ADDRESS', 'port N', 'ADDRESS:PORT', 'rpc' joined by 'and'`,
  );
}

/** The capture that ships with the project. */
export function bundledCapture(): CaptureSource {
  return { file: `${CAPTURES}${DEFAULT_CAPTURE}`, driverTicks: DEFAULT_DRIVER_TICKS, flows: null };
}

/** The workload of the capture that ships with the project. */
export function bundledWorkload(): CaptureWorkload {
  const { file, driverTicks } = bundledCapture();
  return captureWorkload(readFileSync(file), baseName(file), driverTicks);
}

/** A capture that ships with the project, by the name of its file. */
export function bundledFile(name: string): string {
  return CAPTURES + name;
}

/** The shipped capture with this digest, or undefined. */
export function bundledCaptureByDigest(digest: string): string | undefined {
  return readdirSync(CAPTURES)
    .filter((f) => /\.pcap(ng)?$/.test(f))
    .map((f) => CAPTURES + f)
    .find((f) => captureDigest(f) === digest);
}

/** Every workload: the scripted ones, then the shipped capture. */
export function allWorkloads(): Workload[] {
  return [...WORKLOADS, bundledWorkload()];
}

/** The workload called `id`: of the catalog, in miniature or not, or what a capture drives. */
export async function workloadNamed(id: string, capture: CaptureSource): Promise<Workload> {
  return workloadCalled(id) ?? (await loadCapture(capture, id));
}

/** A terminal is no capture, and waiting for one to be typed looks like a hang. */
function standardInput(): NodeJS.ReadStream {
  if (process.stdin.isTTY)
    throw new UsageError(
      'standard input is a terminal; pipe a capture into it: tcpdump -w - | lastref …',
    );
  return process.stdin;
}

/**
 * The path of a file with this capture that can be read more than once: standard input (`-`) and pipes are kept in a
 * file until the process ends.
 */
export async function keepInput(input: string): Promise<string> {
  if (input !== '-' && !isPipe(input)) return input;
  const name = input === '-' ? 'standard input' : input;
  const source = input === '-' ? standardInput() : piecesOf(input);
  const dir = mkdtempSync(join(tmpdir(), 'lastref-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, input === '-' ? 'standard-input' : baseName(input));
  try {
    await pipeline(source, createWriteStream(file));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CouldNot(`${name} cannot be kept in ${dir}: ${systemReason(error)}`);
  }
  return file;
}
