// What a killed writer leaves, and who ends it: the cases that harness/test/fault-runs.test.ts brings about with real kills.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputsAt, readInput } from '../src/asked/input.ts';
import {
  Owned,
  absolute,
  settle,
  tryDirectory,
  tryFile,
  writeFile,
  writeTogether,
} from '../src/index.ts';
import { isOutlet } from '../src/outlet.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'lastref-test-'));
/** The number of a process that is gone. */
const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid;

test('a directory is made with those above it', () => {
  const dir = join(scratch(), 'a', 'b', 'c');
  expect(tryDirectory(dir)).toBe(dir);
  expect(tryDirectory(dir)).toBe(dir);
  expect(readdirSync(dir)).toEqual([]);
});

// Node's own way to make several at once tries for ever there (20.20)
test.runIf(process.platform === 'linux')(
  'where the system takes no directory, that is said at once',
  () => {
    for (const dir of ['/proc/lastref', '/proc/lastref/a'])
      expect(() => tryDirectory(dir)).toThrow(
        /^\/proc\/lastref.*: cannot be written: no such file/,
      );
  },
);

describe.runIf(process.platform === 'linux')('what is no plain file is not replaced', () => {
  const dir = scratch();
  const at = (name: string): string => join(dir, name);
  const pipe = at('pipe');
  spawnSync('mkfifo', [pipe]);

  test('a pipe is written to, where somebody reads it', async () => {
    expect(() => writeFile(tryFile(pipe), 'x')).toThrow(/pipe: cannot be written: .* \(ENXIO\)$/);
    const reads = spawn('cat', [pipe]);
    let got = '';
    reads.stdout.on('data', (text: Buffer) => (got += text.toString()));
    const over = new Promise((resolve) => reads.once('close', resolve));
    const reader = openSync(pipe, constants.O_RDWR); // until cat has opened it
    writeFile(tryFile(pipe), 'all of it');
    await new Promise((resolve) => reads.stdout.once('data', resolve));
    closeSync(reader);
    await over;
    expect([got, statSync(pipe).isFIFO()]).toEqual(['all of it', true]);
  });

  test('a link leads where it led, to a file that is there or is not yet', () => {
    writeFileSync(at('old'), 'old');
    for (const name of ['old', 'new']) {
      symlinkSync(name, at(`to-${name}`));
      writeFile(tryFile(at(`to-${name}`)), 'data');
      expect(lstatSync(at(`to-${name}`)).isSymbolicLink()).toBe(true);
      expect(readFileSync(at(name), 'utf8')).toBe('data');
    }
    symlinkSync('round', at('round'));
    expect(() => tryFile(at('round'))).toThrow(/round: cannot be written: .* \(ELOOP\)$/);
  });

  test('a device is one', () => {
    expect(['/dev/null', '/dev/tty', dir].map((file) => whatIs(file))).toEqual([
      'an outlet',
      'an outlet',
      `${dir}: cannot be written: a directory is there`,
    ]);
    expect(() => writeTogether(dir, [{ name: 'pipe', data: '' }])).toThrow(
      `${pipe}: cannot be written: what is there is no file`,
    );
  });
});

function whatIs(file: string): string {
  try {
    return isOutlet(file) ? 'an outlet' : 'a file';
  } catch (error) {
    return (error as Error).message;
  }
}

test("'' is no path, and not the directory at hand", () => {
  expect(() => absolute('')).toThrow("'' is no path: name a file or a directory");
  expect(absolute('.')).toBe(process.cwd());
  expect(() => readInput('', 'a recording', 1)).toThrow("'': there is no such file; a recording");
  expect(() => inputsAt('', '.pkt', 'a script')).toThrow("'': there is no such file; a script or");
});

describe('a writer that was killed between two names', () => {
  /** As it leaves a directory: one file is placed, the other is not. */
  function torn(pid: number): string {
    const dir = scratch();
    writeTogether(dir, [
      { name: 'a.json', data: 'new' },
      { name: 'a.md', data: 'old' },
    ]);
    writeFileSync(join(dir, `.a.md.${pid}.lastref`), 'new');
    const moves = ['a.json', 'a.md'].map((to) => ({ from: `.${to}.${pid}.lastref`, to }));
    const record = JSON.stringify({ pid, anew: false, moves });
    for (const name of ['.placing.lastref', `.placing.${pid}.lastref`])
      writeFileSync(join(dir, name), record);
    return dir;
  }

  test.each([
    ['who reads', settle],
    ['who writes', tryDirectory],
  ])('is ended by %s', (_who, work) => {
    const dir = torn(gone());
    work(dir);
    expect(readFileSync(join(dir, 'a.md'), 'utf8')).toBe('new');
    tryDirectory(dir);
    expect(readdirSync(dir).sort()).toEqual(['a.json', 'a.md']);
  });

  test('is left alone while it lives', () => {
    const dir = torn(process.ppid);
    settle(dir);
    tryDirectory(dir);
    expect(readFileSync(join(dir, 'a.md'), 'utf8')).toBe('old');
    expect(readdirSync(dir)).toContain('.placing.lastref');
  });

  test('and whose record leads out of the directory is not followed', () => {
    const dir = scratch();
    const inner = join(dir, 'inner');
    mkdirSync(inner);
    writeFileSync(join(dir, 'mine'), 'mine');
    const moves = [{ from: '../mine', to: 'theirs' }];
    writeFileSync(
      join(inner, '.placing.lastref'),
      JSON.stringify({ pid: gone(), anew: false, moves }),
    );
    settle(inner);
    expect(readFileSync(join(dir, 'mine'), 'utf8')).toBe('mine');
  });
});

test('a writer with the number of a killed one (in containers all have the same) writes', () => {
  const dir = scratch();
  writeFileSync(join(dir, `.a.md.${process.pid}.lastref`), 'half');
  writeTogether(dir, [{ name: 'a.md', data: 'new' }]);
  expect(readdirSync(dir)).toEqual(['a.md']);
});

test('what one process has is another one’s when it ends or was killed', () => {
  const dir = scratch();
  const file = join(dir, '.campaign.lastref');
  writeFileSync(file, String(process.ppid));
  expect(() => new Owned(dir, 'campaign')).toThrow(`process ${process.ppid} is at work there`);
  writeFileSync(file, String(gone()));
  new Owned(dir, 'campaign').giveBack();
  expect(readdirSync(dir)).toEqual([]);
});
