// A reference is made once for each state of its inputs: whatever changes one of them makes it anew.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheDir, inputsOf, kept, keptValue, said } from './house/reference.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('what is kept', () => {
  let root: string;
  let made: string[];
  const get = (...args: string[]): string =>
    kept({ root, dir: join(root, 'cache'), make: (...a) => `${made.push(a.join())}` }, ...args);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lastref-test-'));
    made = [];
    for (const dir of ['packages/kernel/src', 'packages/capture/data', 'strategies', 'harness/src'])
      mkdirSync(join(root, dir), { recursive: true });
    for (const path of [
      'packages/kernel/src/a.ts',
      'packages/capture/data/b.pcap',
      'pnpm-lock.yaml',
    ])
      writeFileSync(join(root, path), path);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('is made once, each list of arguments by itself', () => {
    expect([get('compare'), get('compare'), get('movers'), get('compare')]).toEqual([
      '1',
      '1',
      '2',
      '1',
    ]);
    expect(made).toEqual(['compare', 'movers']);
  });

  test.each([
    ['a source', 'packages/kernel/src/a.ts'],
    ['a new source', 'packages/kernel/src/c.ts'],
    ['a design', 'strategies/mine.ts'],
    ['a capture', 'packages/capture/data/b.pcap'],
    ['the lock file', 'pnpm-lock.yaml'],
    ['a manifest', 'packages/kernel/package.json'],
  ])('is made anew when %s changes', (_, path) => {
    expect(get('compare')).toBe('1');
    writeFileSync(join(root, path), 'changed');
    expect(get('compare')).toBe('2');
  });

  test('is not made anew for a test, a result or a page', () => {
    expect(get('compare')).toBe('1');
    for (const path of ['harness/test/x.test.ts', 'results/compare.json', 'docs/x.md']) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), 'changed');
    }
    expect(get('compare')).toBe('1');
  });

  test('may be a value, with all that JSON would lose', async () => {
    const value = { ticks: Infinity, none: undefined, places: new Map([['tap', 1]]) };
    let times = 0;
    const again = () =>
      keptValue({ root, dir: join(root, 'cache') }, 'seen', () => {
        times++;
        return Promise.resolve(value);
      });
    expect([await again(), await again(), times]).toEqual([value, value, 1]);
    writeFileSync(join(root, 'packages/kernel/src/a.ts'), 'changed');
    expect([await again(), times]).toEqual([value, 2]);
  });

  test('is forgotten after a few states', () => {
    for (let i = 0; i < 12; i++) {
      writeFileSync(join(root, 'pnpm-lock.yaml'), `${i}`);
      get('compare');
    }
    expect(readdirSync(join(root, 'cache')).length).toBeLessThanOrEqual(8);
  });

  test('that could not be made is not kept', () => {
    const make = (): string => {
      throw new Error('disk full');
    };
    expect(() => kept({ root, dir: join(root, 'cache'), make }, 'compare')).toThrow('disk full');
    expect(get('compare')).toBe('1');
  });
});

test('what a command says of files is asked once for each state of them, wherever they are', () => {
  const parent = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const [here, there] = ['here', 'there'].map((name) => join(parent, name)) as [string, string];
  let times = 0;
  const ask = (...args: string[]) => ({ code: 0, stdout: `${++times}`, stderr: args.join(' ') });
  const told = (dir: string) => said(dir, ask, 'check', '--with', join(dir, 'mine.ts'));
  for (const dir of [here, there]) {
    mkdirSync(dir);
    writeFileSync(join(dir, 'mine.ts'), basename(parent)); // nobody has asked about this one before
  }
  expect(told(here)).toEqual({ code: 0, stdout: '1', stderr: `check --with ${here}/mine.ts` });
  expect(told(there)).toEqual({ code: 0, stdout: '1', stderr: `check --with ${there}/mine.ts` });
  for (const [name, nth] of [
    ['beside.ts', '2'],
    ['mine.ts', '3'],
  ] as const) {
    writeFileSync(join(here, name), `another ${basename(parent)}`);
    expect([told(here).stdout, told(there).stdout]).toEqual([nth, '1']);
  }
  const failing = () => ({ code: 3, stdout: `${++times}`, stderr: 'disk full' });
  expect([said(here, failing, 'list').stdout, said(here, failing, 'list').stdout]).toEqual([
    '4',
    '5',
  ]);
  rmSync(parent, { recursive: true });
});

test('what a command writes beside files, and what it reads that its words name, are kept and looked at as well', () => {
  const parent = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const [dir, other] = [join(parent, 'here'), join(parent, basename(parent))] as const;
  let times = 0;
  const ask = (...args: string[]) => {
    writeFileSync(join(dir, 'out.txt'), `${++times} ${dir}`);
    return { code: 0, stdout: readFileSync(args[0]!, 'utf8'), stderr: '' };
  };
  mkdirSync(dir);
  for (const [text, nth] of [
    ['one', 1],
    ['one', 1],
    ['two', 2],
  ] as const) {
    rmSync(join(dir, 'out.txt'), { force: true });
    writeFileSync(other, text);
    expect(said(dir, ask, other).stdout).toBe(text);
    expect([readFileSync(join(dir, 'out.txt'), 'utf8'), times]).toEqual([`${nth} ${dir}`, nth]);
  }
  rmSync(parent, { recursive: true });
});

test('everything that a command reads is an input', () => {
  const inputs = inputsOf(ROOT);
  for (const path of [
    'packages/kernel/src/kernel.ts',
    'packages/capture/data/04-rpc-write-client.pcap',
    'strategies/naive-sendpage.ts',
    'harness/src/cli.ts',
    'harness/bin/lastref.mjs',
    'packages/report/src/html/client/style.css',
    'packages/search/package.json',
  ])
    expect(inputs).toContain(path);
  expect(inputs.filter((path) => /node_modules|\/dist\/|\.test\.ts/.test(path))).toEqual([]);
});

test('the cache is outside the repository, and can be put elsewhere', () => {
  expect(cacheDir({ LASTREF_CACHE: '/x' })).toBe('/x');
  expect(cacheDir({ XDG_CACHE_HOME: '/y' })).toBe(join('/y', 'lastref'));
  expect(cacheDir({}).startsWith(ROOT)).toBe(false);
});
