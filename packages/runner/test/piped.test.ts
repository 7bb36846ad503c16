// What is named as a file and is none: a pipe is read to its end, and one that nobody writes to is said in one line, where a
// command would wait for ever.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInput } from '../src/asked/input.ts';
import { keepInput, listFile } from '../src/captures.ts';
import { readDocument } from '../src/documents.ts';
import { piecesOf, textOf } from '../src/piped.ts';
import { z } from 'zod';

const dir = mkdtempSync(join(tmpdir(), 'lastref-piped-'));
let made = 0;

function pipe(): string {
  const path = join(dir, `pipe-${made++}`);
  execFileSync('mkfifo', [path]);
  return path;
}

/** Another process writes so many bytes, after a while. */
function writes(path: string, bytes: number, ms: number): void {
  const code = `setTimeout(() => require('fs').writeFileSync(${JSON.stringify(path)}, 'x'.repeat(${bytes})), ${ms})`;
  spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
}

const NOBODY = /^[^\n]*: a pipe that nobody has opened for writing; [^\n]*$/;

test('a text is the same from a file and from a pipe, of whatever size', () => {
  const file = join(dir, 'text');
  writeFileSync(file, 'x'.repeat(300_000));
  const path = pipe();
  writes(path, 300_000, 200);
  expect(textOf(path, 'a text', 1 << 20)).toBe(textOf(file, 'a text', 1 << 20));
});

test('a text that an editor wrote with a mark of its encoding begins behind that', () => {
  const [plain, marked] = ['', '\ufeff'].map((mark, i) => {
    const file = join(dir, `marked-${i}`);
    writeFileSync(file, `${mark}+0 socket(…) \ufeff`);
    return textOf(file, 'a text', 99);
  });
  expect(marked).toBe(plain);
  expect(plain).toContain('\ufeff');
});

test('a pipe that nobody writes to is said, and not waited for', async () => {
  expect(() => textOf(pipe(), 'a text', 9, 0.1)).toThrow(NOBODY);
  await expect(piecesOf(pipe(), 0.1).next()).rejects.toThrow(NOBODY);
});

test('nor do captures, scripts and documents wait', { timeout: 30_000 }, async () => {
  await expect(keepInput(pipe())).rejects.toThrow(NOBODY);
  await expect(listFile(pipe())).rejects.toThrow(NOBODY);
  expect(() => readInput(pipe(), 'a script', 9)).toThrow(NOBODY);
  expect(() => readDocument(pipe(), z.object({}))).toThrow(NOBODY);
});

test('a writer who has nothing yet is waited for, longer than for one to come', () => {
  const path = pipe();
  const code = `const fs = require('fs'); const f = fs.openSync(${JSON.stringify(path)}, 'w'); setTimeout(() => fs.writeSync(f, 'late'), 700)`;
  spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  const began = performance.now();
  expect(textOf(path, 'a text', 9, 20)).toBe('late');
  expect(performance.now() - began).toBeGreaterThan(600);
});

test('what is too long is not read to its end, and a device not at all', () => {
  const path = pipe();
  writes(path, 100_000, 0);
  expect(() => textOf(path, 'a text', 99)).toThrow('more than 99 bytes, which a text has at most');
  for (const device of ['/dev/zero', '/dev/null'])
    expect(() => readInput(device, 'a script', 99)).toThrow(`${device}: a device, where a file`);
  expect(() => textOf(dir, 'a text', 99)).toThrow(`${dir}: a directory, where a file is wanted`);
  expect(() => textOf(join(dir, 'none'), 'a text', 99)).toThrow('cannot be read: no such file');
});
