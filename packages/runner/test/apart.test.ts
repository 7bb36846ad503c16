// Whoever asks about a candidate in a process of its own: what he is told of that process and of the thread that judges, each
// played here by a script that does as the ask says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { Broken, type Fault } from '../src/candidates/rules.ts';
import { CouldNot, RunError, UsageError } from '../src/errors.ts';
import type { House } from '../src/house.ts';
import { askApart } from '../src/tape/apart.ts';
import { faultIn, lineOf } from '../src/tape/faults.ts';
import type { Asked, Said } from '../src/pool.ts';

/** What the process does, and what the thread that judges says when there are no more pieces. */
interface Ask {
  readonly prints?: string;
  readonly tape?: string;
  readonly line?: string;
  readonly signal?: string;
  readonly stays?: true;
  /** In place of what it heard. */
  readonly says?: readonly Said[];
  readonly exits?: number;
}

const SCRIPT = `
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
if (isMainThread) {
  let text = '';
  for await (const part of process.stdin) text += part;
  const [, scene] = text.trim().split('\\n');
  const { asks: [ask] } = JSON.parse(scene);
  if (ask.prints !== undefined) process.stdout.write(ask.prints.replace('ENV', Object.keys(process.env).filter((name) => !name.startsWith('__')).sort().join()));
  if (ask.tape !== undefined) writeSync(3, ask.tape);
  if (ask.line !== undefined) writeSync(4, ask.line);
  if (ask.signal !== undefined) process.kill(process.pid, ask.signal);
  if (ask.stays !== undefined) setInterval(() => {}, 1000);
} else {
  const { role, hearing: { port, count } } = workerData;
  const { asks: [ask] } = await new Promise((resolve) => parentPort.once('message', resolve));
  const came = new Int32Array(count);
  let tape = '';
  let line = null;
  for (let seen = Atomics.load(came, 0); ask.says === undefined && line === null; seen = Atomics.load(came, 0)) {
    const got = receiveMessageOnPort(port);
    if (got === undefined) Atomics.wait(came, 0, seen, 50);
    else if (typeof got.message === 'string') line = got.message;
    else tape += Buffer.from(got.message).toString();
  }
  for (const said of ask.says ?? [{ answer: { tape, line, role } }, { done: true }]) parentPort.postMessage(said);
  if (ask.exits !== undefined) process.exit(ask.exits);
}`;

const dir = mkdtempSync(join(tmpdir(), 'lastref-apart-'));
const worker = join(dir, 'worker.mjs');
writeFileSync(worker, SCRIPT);
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const house = { worker: pathToFileURL(worker) } as unknown as House;
const source = { file: '/d/mine.ts', code: 'x', version: '1', name: 'mine' };

function questionOf(...sources: (typeof source)[]): Asked<Ask, unknown> {
  const cells = (): string[] => ['one', 'two'];
  return { kind: 'some', sources: () => sources, cells } as unknown as Asked<Ask, unknown>;
}

async function asked(ask: Ask): Promise<{ answers: unknown[]; faults: Fault[] }> {
  const answers: unknown[] = [];
  const faults: Fault[] = [];
  await askApart(
    house,
    questionOf(source),
    ask,
    (answer) => answers.push(answer),
    (fault) => faults.push(fault),
  );
  return { answers, faults };
}

/** Why there was no more of the tape, as who judges was told. */
async function why(ask: Ask): Promise<Broken | null> {
  const [heard] = (await asked(ask)).answers as [{ line: string }];
  return faultIn(heard.line);
}

test('who judges hears what the process wrote, and then why there is no more', async () => {
  const said = new Broken('hook lend', 'what it did', 'alive');
  const { answers } = await asked({ tape: 'a tape', line: lineOf(said) });
  expect(answers).toEqual([{ tape: 'a tape', line: lineOf(said), role: 'judges' }]);
});

test.each<[string, Ask, string, string]>([
  ['no word', {}, 'process', 'its process ended, or waits for what never comes'],
  ['a line that is no fault', { line: '[1]\n' }, 'process', 'its process ended'],
  [
    'an engine that broke down',
    { signal: 'SIGABRT' },
    'memory',
    'it asked more of its process than there is (SIGABRT)',
  ],
  ['somebody who killed it', { signal: 'SIGTERM' }, 'process', 'its process ended'],
])('of a process that ends with %s it is said', async (_, ask, rule, text) => {
  const broken = await why(ask);
  expect(broken?.rule).toBe(rule);
  expect(broken?.message).toContain(text);
});

test('a process that is long in coming is waited for, two minutes and no more', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'hrtime'] });
  const broken = why({ stays: true });
  vi.advanceTimersByTime(120_000);
  vi.advanceTimersByTime(1000);
  expect(await broken).toMatchObject({
    rule: 'returns',
    message: 'its process has said nothing for 120 s',
  });
});

test('answers come as they are said, faults too, and a process that stays is ended', async () => {
  const fault = { design: 'mine', where: 'two', hook: null, rule: 'r', text: 't' };
  const says = [{ answer: 1 }, { answer: { fault } }, { done: true } as const];
  expect(await asked({ stays: true, says })).toEqual({ answers: [1], faults: [fault] });
});

test.each<['user' | 'world' | 'us', new (text: string) => Error]>([
  ['user', UsageError],
  ['world', CouldNot],
  ['us', RunError],
])('what ends all by the doing of %s is thrown', async (by, kind) => {
  const ending = asked({ stays: true, says: [{ failed: 'so it is', by }] });
  await expect(ending).rejects.toThrow('so it is');
  await expect(ending).rejects.toBeInstanceOf(kind);
});

test('a thread that judges and ends without a word is a bug of ours', async () => {
  await expect(asked({ stays: true, says: [], exits: 7 })).rejects.toThrow(
    'the isolate that judges ended with code 7',
  );
});

test('two candidates have no process together', async () => {
  const other = { ...source, file: '/d/other.ts' };
  const ending = askApart(
    house,
    questionOf(source, other),
    {},
    () => {},
    () => {},
  );
  await expect(ending).rejects.toThrow('some has mine.ts and other.ts in one run');
});

test('what it prints has its name before it, and of where it runs it knows nothing', async () => {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  await asked({ prints: 'lastref: honest on ENV\n' });
  vi.restoreAllMocks();
  expect(lines).toEqual(['mine.ts prints: lastref: honest on LC_ALL,NO_COLOR,TMPDIR,TZ\n']);
});
