// A command put through kill -9, a full disk, a directory that cannot be written, a reader that goes away, a clock that
// jumps and a twin in the same directory. What must hold: each file is the old one or the new one, whole, and files that belong
// together are of one run; no process is left; nothing temporary is left for good; the next run ends well with the bytes of
// an undisturbed one. Non-goal: a machine that loses its power.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, digestOfDocument, settle } from '@lastref/runner';
import { launcher } from '../run-cli.ts';

/** A command with small arguments. */
export interface Subject {
  readonly id: string;
  /** Its words, for a run into `dir`. `from`: what `prepare` made. */
  readonly args: (dir: string, from: string) => readonly string[];
  /** Another run, whose files are in the directory before; none: it is empty. */
  readonly before?: (dir: string, from: string) => readonly string[];
  /** The next run, after a kill; else the same words. */
  readonly next?: (dir: string, from: string) => readonly string[];
  /** Makes what it reads. */
  readonly prepare?: (from: string) => Promise<void>;
  /** Its bytes differ from run to run (it measures): what a whole set of files is. Throws if it is none. */
  readonly measured?: (files: Files) => void;
  /** A file that grows by lines: the lines that a kill leaves are there to the end. */
  readonly journal?: string;
  /** Of two in one directory one is sent away. */
  readonly alone?: true;
}

/** Texts by name. */
export type Files = ReadonlyMap<string, string>;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  /** Processes that were still there long after. */
  readonly left: readonly number[];
}

interface Running {
  readonly env?: NodeJS.ProcessEnv;
  readonly killAfter?: number;
  /** With the processes that it started. */
  readonly group?: boolean;
  /** The reader of its output goes after the first bytes. */
  readonly deaf?: true;
}

/** So long a process may outlive the one that started it. */
const GRACE_MS = 20_000;
const SABOTEUR = new URL('./saboteur.mjs', import.meta.url).href;

/** lastref in a session of its own, so that whoever is left can be found. */
export async function lastref(args: readonly string[], how: Running = {}): Promise<Ended> {
  const began = performance.now();
  const child = spawn(process.execPath, [launcher, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, NO_COLOR: '1', ...how.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (how.deaf === true) child.stdout.destroy();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const pid = child.pid!;
  const timer =
    how.killAfter === undefined
      ? undefined
      : setTimeout(() => kill(how.group === true ? -pid : pid), how.killAfter);
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  clearTimeout(timer);
  const ms = performance.now() - began;
  let left = ofSession(pid);
  for (const end = Date.now() + GRACE_MS; left.length > 0 && Date.now() < end;) {
    await pause(20);
    left = ofSession(pid);
  }
  for (const id of left) kill(id);
  return { code, stdout, stderr, ms, left };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was over.
  }
}

/** Processes whose session `pid` began, as Linux tells it. */
function ofSession(pid: number): number[] {
  if (platform() !== 'linux') return [];
  return readdirSync('/proc').flatMap((id) => {
    if (!/^\d+$/.test(id)) return [];
    try {
      const [state, , , session] = readFileSync(`/proc/${id}/stat`, 'utf8')
        .split(') ')[1]!
        .split(' ');
      return Number(session) === pid && state !== 'Z' ? [Number(id)] : [];
    } catch {
      return []; // it went meanwhile
    }
  });
}

const isTemporary = (name: string): boolean => /(^|\/)\..*\.lastref$/.test(name);

/** What is in `dir`, without what is temporary. */
function filesOf(dir: string): Files {
  const files = new Map<string, string>();
  if (!existsSync(dir)) return files;
  for (const name of (readdirSync(dir, { recursive: true }) as string[]).sort())
    if (!isTemporary(name) && statSync(join(dir, name)).isFile())
      files.set(name, readFileSync(join(dir, name), 'utf8'));
  return files;
}

function temporariesOf(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return (readdirSync(dir, { recursive: true }) as string[]).filter(isTemporary);
}

const same = (a: Files, b: Files): boolean =>
  a.size === b.size && [...a].every(([name, text]) => b.get(name) === text);

/** What kills came to. */
export interface Kills {
  readonly kills: number;
  /** When they came: nothing new was there yet, a part of it (lines of a journal), all of it. */
  readonly old: number;
  readonly part: number;
  readonly whole: number;
  /** Between the first name and the last, which a reader or the next run made whole. */
  readonly settled: number;
  /** That left something temporary, for the next run to remove. */
  readonly litter: number;
  /** What did not hold, in words. */
  readonly wrong: readonly string[];
}

export class Ordeal {
  readonly subject: Subject;
  /** Of an undisturbed run. */
  ms = 0;
  /** What it does to files in its directory, one by one. */
  steps: readonly string[] = [];
  private old: Files = new Map();
  private whole: Files = new Map();
  private said = '';
  private readonly scratch: string;
  private count = 0;

  private constructor(subject: Subject) {
    this.subject = subject;
    this.scratch = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  }

  /** Runs it undisturbed, which tells how long it takes and what it writes. */
  static async of(subject: Subject): Promise<Ordeal> {
    const it = new Ordeal(subject);
    mkdirSync(it.from);
    mkdirSync(it.first);
    await subject.prepare?.(it.from);
    if (subject.before !== undefined) must(await lastref(subject.before(it.first, it.from)));
    it.old = filesOf(it.first);
    const dir = it.directory();
    const tally = join(it.scratch, 'tally');
    const env = sabotaged({ dir, tally });
    const ran = must(await lastref(subject.args(dir, it.from), { env }));
    it.ms = ran.ms;
    it.said = ran.stdout;
    it.whole = filesOf(dir);
    it.steps = readFileSync(tally, 'utf8').split(',').filter(Boolean);
    if (subject.measured === undefined && it.whole.size > 0 && same(it.old, it.whole))
      throw new Error(`${subject.id}: old and new are not to be told apart`);
    return it;
  }

  private get from(): string {
    return join(this.scratch, 'from');
  }
  private get first(): string {
    return join(this.scratch, 'first');
  }

  /** A new one, with the old files in it. */
  private directory(): string {
    const dir = join(this.scratch, `run${this.count++}`);
    cpSync(this.first, dir, { recursive: true });
    return dir;
  }

  /** kill -9 after so many ms. */
  async killedAfter(ms: number, group: boolean): Promise<Kills> {
    const dir = this.directory();
    const ended = await lastref(this.subject.args(dir, this.from), { killAfter: ms, group });
    return this.judged(dir, ended, `killed after ${ms.toFixed(0)} ms`);
  }

  /** kill -9 at the n-th thing that it does to its files. */
  async killedAt(at: number, group: boolean): Promise<Kills> {
    const dir = this.directory();
    const env = sabotaged({ dir, at, group });
    const ended = await lastref(this.subject.args(dir, this.from), { env });
    const what = `killed at file operation ${at} of ${this.steps.length} (${this.steps[at - 1]!})`;
    const judged = await this.judged(dir, ended, what);
    return ended.code === null ? judged : withWrong(judged, [`${what}: it was not killed`]);
  }

  private async judged(dir: string, ended: Ended, what: string): Promise<Kills> {
    const wrong: string[] = [];
    if (ended.left.length > 0) wrong.push(`${what}: ${ended.left.length} processes are left`);
    const litter = temporariesOf(dir).length > 0;
    const torn = this.state(filesOf(dir)) === 'mixed';
    settle(dir);
    const after = filesOf(dir);
    const state = this.state(after);
    if (state === 'mixed' || state === 'half') wrong.push(`${what}: ${this.described(after)}`);
    wrong.push(...(await this.goesOn(dir, after, what)));
    return {
      kills: 1,
      old: Number(state === 'old'),
      part: Number(state === 'part'),
      whole: Number(state === 'whole'),
      settled: Number(torn && state === 'whole'),
      litter: Number(litter),
      wrong,
    };
  }

  /** The next run in `dir`: does it end well, with the bytes of an undisturbed one? */
  private async goesOn(dir: string, after: Files, what: string): Promise<string[]> {
    const { args, next, journal, measured } = this.subject;
    const begun = journal === undefined || after.has(journal);
    const ran = await lastref((begun ? (next ?? args) : args)(dir, this.from));
    const wrong: string[] = [];
    if (ran.code !== EXIT.done)
      wrong.push(`${what}: the next run: ${ran.code}: ${ran.stderr.slice(-300)}`);
    else if (this.whole.size > 0 && this.state(filesOf(dir)) !== 'whole')
      wrong.push(`${what}: after the next run: ${this.described(filesOf(dir))}`);
    else if (measured === undefined && pathless(ran.stdout, dir) !== pathless(this.said, dir))
      wrong.push(`${what}: the next run says something else`);
    if (
      journal !== undefined &&
      !(filesOf(dir).get(journal) ?? '').startsWith(whole(after.get(journal)))
    )
      wrong.push(`${what}: lines of ${journal} are lost`);
    if (temporariesOf(dir).length > 0)
      wrong.push(`${what}: ${temporariesOf(dir).join()} outlives the next run`);
    rmSync(dir, { recursive: true, force: true });
    return wrong;
  }

  /** half: a file is neither the old nor the new one. mixed: they are of two runs. */
  private state(files: Files): 'old' | 'part' | 'whole' | 'mixed' | 'half' {
    const { journal, measured } = this.subject;
    if (same(files, this.old)) return 'old';
    if (journal !== undefined) return journalState(files.get(journal)!, this.whole.get(journal)!);
    if (measured !== undefined) {
      try {
        measured(files);
        return 'whole';
      } catch {
        const cut = [...files].some(([name, text]) => name.endsWith('.json') && !parses(text));
        return cut ? 'half' : 'mixed';
      }
    }
    if (same(files, this.whole)) return 'whole';
    for (const [name, text] of files)
      if (text !== this.old.get(name) && text !== this.whole.get(name)) return 'half';
    return 'mixed';
  }

  private described(files: Files): string {
    const of = (name: string, text: string): string =>
      text === this.whole.get(name)
        ? 'new'
        : text === this.old.get(name)
          ? 'old'
          : `${text.length} bytes`;
    return [...files].map(([name, text]) => `${name} ${of(name, text)}`).join(', ') || 'no file';
  }

  /** A disk with no room for the new files beside the old ones; null: none can be made here. */
  async fullDisk(): Promise<string[] | null> {
    const dir = this.directory();
    if (!mounted(dir, 'size=12m')) return null;
    try {
      for (const [name, text] of this.old) writeFileSync(join(dir, name), text);
      const room = Math.max(...[...this.whole.values()].map((text) => text.length), 8192) >> 1;
      const ballast = join(dir, 'ballast');
      fill(ballast, room);
      const ran = await lastref(this.subject.args(dir, this.from));
      rmSync(ballast);
      const wrong = refused(ran, /no space left on device/, 'the full disk');
      const after = filesOf(dir);
      if (!['old', 'part'].includes(this.state(after)))
        wrong.push(`the full disk leaves ${this.described(after)}`);
      const litter = temporariesOf(dir);
      if (litter.length > 0) wrong.push(`the full disk leaves ${litter.join()}`);
      const { args, next, journal } = this.subject;
      const begun = journal === undefined || after.has(journal);
      const again = await lastref((begun ? (next ?? args) : args)(dir, this.from));
      if (again.code !== EXIT.done) wrong.push(`room again: ${again.code}: ${again.stderr}`);
      else if (this.state(filesOf(dir)) !== 'whole')
        wrong.push(`room again: ${this.described(filesOf(dir))}`);
      return wrong;
    } finally {
      spawnSync('umount', [dir]);
    }
  }

  /** A file in place of the directory, and a disk that is mounted for reading; before any work is done. */
  async unwritable(): Promise<string[]> {
    const file = join(this.scratch, 'file');
    writeFileSync(file, '');
    const ran = await lastref(this.subject.args(join(file, 'dir'), this.from));
    const wrong = refused(ran, /not a directory/, 'a file in place of the directory');
    const dir = this.directory();
    if (!mounted(dir, 'ro')) return wrong;
    try {
      const other = await lastref(this.subject.args(dir, this.from));
      return [...wrong, ...refused(other, /read-only file system/, 'a disk for reading')];
    } finally {
      spawnSync('umount', [dir]);
    }
  }

  /** `lastref … | head -1`. */
  async deaf(): Promise<string[]> {
    const dir = this.directory();
    const ran = await lastref(this.subject.args(dir, this.from), { deaf: true });
    const wrong: string[] = [];
    if (ran.code !== EXIT.done || /Error|EPIPE|^ {4}at /m.test(ran.stderr))
      wrong.push(`nobody reads: ${ran.code}: ${ran.stderr}`);
    if (this.state(filesOf(dir)) !== 'whole' && this.whole.size > 0)
      wrong.push(`nobody reads: ${this.described(filesOf(dir))}`);
    return wrong;
  }

  /** The clock jumps an hour forth and back at each look. */
  async clockJumps(): Promise<string[]> {
    const dir = this.directory();
    const env = sabotaged({ dir, clock: true });
    const ran = await lastref(this.subject.args(dir, this.from), { env });
    if (ran.code !== EXIT.done) return [`the clock jumps: ${ran.code}: ${ran.stderr}`];
    const state = this.state(filesOf(dir));
    return state === 'whole' || this.whole.size === 0
      ? []
      : [`the clock jumps: ${this.described(filesOf(dir))}`];
  }

  /** Two runs at once in one directory, of different words where there are such. */
  async twins(): Promise<string[]> {
    const { args, before, alone, measured } = this.subject;
    const dir = this.directory();
    const [a, b] = await Promise.all([
      lastref(args(dir, this.from)),
      lastref((before ?? args)(dir, this.from)),
    ]);
    const wrong: string[] = [];
    const codes = [a.code, b.code].sort((x, y) => Number(x) - Number(y));
    if (alone !== true && !codes.every((code) => code === EXIT.done))
      wrong.push(`two at once: ${a.code} ${b.code}: ${a.stderr}${b.stderr}`);
    // The second either comes too early (3) or, begun after the first one's end, finds a campaign (2).
    if (
      alone === true &&
      !(codes[0] === EXIT.done && [EXIT.couldNot, EXIT.misuse].includes(codes[1] as 2 | 3))
    )
      wrong.push(`two at once: ${a.code} ${b.code}: ${a.stderr}${b.stderr}`);
    const files = filesOf(dir);
    const state = this.state(files);
    if (state !== 'whole' && (state !== 'old' || before === undefined) && this.whole.size > 0)
      wrong.push(`two at once: ${measured === undefined ? this.described(files) : state}`);
    if (temporariesOf(dir).length > 0) wrong.push(`two at once leave ${temporariesOf(dir).join()}`);
    return wrong;
  }

  remove(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

export const NO_KILLS: Kills = {
  kills: 0,
  old: 0,
  part: 0,
  whole: 0,
  settled: 0,
  litter: 0,
  wrong: [],
};

export function sum(a: Kills, b: Kills): Kills {
  return {
    kills: a.kills + b.kills,
    old: a.old + b.old,
    part: a.part + b.part,
    whole: a.whole + b.whole,
    settled: a.settled + b.settled,
    litter: a.litter + b.litter,
    wrong: [...a.wrong, ...b.wrong],
  };
}

function withWrong(kills: Kills, more: readonly string[]): Kills {
  return { ...kills, wrong: [...kills.wrong, ...more] };
}

function must(ran: Ended): Ended {
  if (ran.code !== EXIT.done) throw new Error(`undisturbed: ${ran.code}: ${ran.stderr}`);
  return ran;
}

/** Exit code 3 with one line, which says why; nothing is on stdout. */
function refused({ code, stderr, left }: Ended, why: RegExp, what: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('lastref: '));
  const right = code === EXIT.couldNot && lines.length === 1 && why.test(lines[0]!);
  return right && left.length === 0 && !/^ {4}at /m.test(stderr)
    ? []
    : [`${what}: ${code}: ${stderr.slice(-300)}`];
}

function sabotaged(sabotage: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${SABOTEUR}`,
    LASTREF_SABOTAGE: JSON.stringify(sabotage),
  };
}

/** The whole lines. */
const whole = (text = ''): string => text.slice(0, text.lastIndexOf('\n') + 1);

/** Lines come in any order: what is there has to be of those that an undisturbed run writes. */
function journalState(text: string, all: string): 'part' | 'whole' | 'half' {
  const lines = whole(text).split('\n').slice(0, -1);
  const known = new Set(all.split('\n').slice(0, -1));
  if (!lines.every((line) => known.has(line)) || new Set(lines).size < lines.length) return 'half';
  return lines.length === known.size && whole(text) === text ? 'whole' : 'part';
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Does a JSON document parse, and fit its digest where it has one? */
export function isWhole(text: string): boolean {
  try {
    const { digest, ...content } = JSON.parse(text) as { digest?: unknown };
    return digest === undefined || digest === digestOfDocument(content);
  } catch {
    return false;
  }
}

/** What is said of files names the directory; how long a search took differs from run to run, and with it the digest. */
const pathless = (text: string, dir: string): string =>
  text.replaceAll(/\S*\/run\d+/g, dir).replaceAll(/"(seconds|digest)":[^,}]*/g, '');

let mountable: boolean | undefined;

/** A small disk of memory at `dir`; false: that may not be done here. */
function mounted(dir: string, options: string): boolean {
  if (mountable === false) return false;
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'lastref-test', dir]);
  mountable = status === 0;
  return mountable;
}

/** Fills the disk until `room` bytes are left. */
function fill(file: string, room: number): void {
  const block = Buffer.alloc(4096);
  const blocks: Buffer[] = [];
  try {
    for (;;) {
      blocks.push(block);
      writeFileSync(file, block, { flag: 'a' });
    }
  } catch {
    writeFileSync(
      file,
      Buffer.alloc(Math.max(0, (blocks.length - 1 - Math.ceil(room / 4096)) * 4096)),
    );
  }
}
