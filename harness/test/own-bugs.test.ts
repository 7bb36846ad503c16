// A bug that a user brings: written by `new`, found, replayed; and what is said where its file is not right.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringBug, bugIn } from '@lastref/bugs/own';
import { bugsSchema } from '@lastref/report';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { said } from './house/reference.ts';
import { lastref, spawned, type Ran } from './run-cli.ts';

let dir: string;
let file: string;
let skeleton: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lastref-own-'));
  lastref('new', 'my-bug', '--bug', '--dir', dir);
  file = join(dir, 'my-bug.ts');
  skeleton = readFileSync(file, 'utf8');
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Once for each state of the files in `dir`. */
const asked = (...args: string[]): Ran => said(dir, lastref, ...args);

/** The skeleton with one thing changed, as a file of its own. */
function changed(what: string, into: string): string {
  expect(skeleton).toContain(what);
  const other = join(dir, 'other.ts');
  writeFileSync(other, skeleton.replaceAll(what, into));
  return other;
}

test('what new writes is found, its fixed version searched to its end, and its token replays with the file', () => {
  const ran = asked('bugs', '--with', file, '--json');
  const { rows } = bugsSchema.parse(JSON.parse(ran.stdout));
  expect(rows.map(({ id, wrong, fixed }) => [id, wrong.result, fixed.result])).toEqual([
    ['my-bug', 'refuted', 'exhausted'],
  ]);
  const [{ wrong, clean, runs }] = rows as [(typeof rows)[number]];
  expect(clean).toBeGreaterThan(0); // a test that does not search may well not see it
  expect(clean).toBeLessThan(runs);
  const again = ['replay', wrong.token!, '--with', file, '--fail-on', 'early'];
  const untrusted = asked(...again);
  expect([untrusted.code, untrusted.stdout]).toEqual([2, '']);
  expect(untrusted.stderr).toContain('my-bug.ts has a bug, which runs beside the judge');
  const replayed = asked(...again, '--trust');
  expect(replayed.code).toBe(1);
  expect(replayed.stdout).toContain('EARLY');
  expect(replayed.stdout).not.toContain('made on another'); // machine, or with other code
});

test('a candidate that says it has a bug as well is not run beside the judge for that', () => {
  const both = join(dir, 'both.ts');
  const ran = join(dir, 'ran');
  const code = `process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(ran)}, '')`;
  writeFileSync(both, `${code};\nexport const design = {};\nexport const bug = {};\n`);
  const token = 'lr2.naive-sendpage.nfs-odirect.2_6_24.1.AAA.00000000.00000000.00000000';
  const { code: exit, stderr } = asked('replay', token, '--with', both);
  expect(exit).toBe(2);
  expect(stderr).toContain('both.ts has a bug');
  expect(existsSync(ran)).toBe(false);
});

test('a fix that is none is seen', () => {
  const other = changed('return this.busy === 0', 'return this.busy === 1');
  const ran = asked('bugs', '--with', other, '--fail-on', 'early', '--exclude', '*/wrong');
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stdout).toContain('Fixed version: found there too');
});

test('a fix that brings another bug is seen', () => {
  const told = 'if (this.busy === 0) this.k.complete(this.lent!);';
  const other = changed('return this.busy === 0', `${told}\n    return this.busy === 0`);
  const ran = asked('bugs', '--with', other, '--fail-on', 'double', '--exclude', '*/wrong');
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stdout).toContain('Fixed version: exhausted, but double (hazard) in it');
  expect(ran.stdout).toContain('loan 1 is completed a second time');
});

test('what the card says is left is no news', () => {
  const told = 'if (this.busy === 0) this.k.complete(this.lent!);';
  const other = changed('return this.busy === 0', `${told}\n    return this.busy === 0`);
  const source = readFileSync(other, 'utf8');
  writeFileSync(
    other,
    source.replace('  words: []', "  left: 'The user is told twice.',\n  words: []"),
  );
  const ran = asked('bugs', '--with', other, '--fail-on', 'double', '--exclude', '*/wrong');
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('Fixed version: exhausted, nothing found');
});

test('two files with one bug are told apart by nobody', () => {
  const other = changed('// A bug: ', '// The same bug: ');
  const ran = asked('bugs', '--with', file, '--with', other);
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toContain("two of the files have a bug called 'my-bug'");
});

const REFUSED: readonly (readonly [string, string, string])[] = [
  ["kind: 'told too early'", "kind: 'too early'", "other.ts: the card's kind is none of: told too"],
  ["property: 'early'", "property: 'erly'", "the card's property is none of: "],
  ["id: 'my-bug'", "id: 'My bug'", "the id 'My bug' is not made of small letters"],
  ["id: 'my-bug'", "id: 'rxe-state-lock'", "the catalog has a bug called 'rxe-state-lock'"],
  ["era: '7.2.13'", "era: '7.3'", "runs in '7.3', which is no kernel of lastref"],
  ['fixed: {', 'fxed: {', 'the fixed version has no design'],
  ["source: 'a commit, an advisory, an issue'", 'source: null', "the card's source is no text"],
  ['export const bug', 'export const bugs', "other.ts exports no 'bug'"],
  ["'@lastref/workloads'", "'@lastref/none'", 'it imports @lastref/none, which there is not'],
  ['const driver =', 'const driver =;', 'other.ts:'],
];
test.each(REFUSED)('%s is %s: one line says so', async (what, into, line) => {
  const bringing = bringBug(changed(what, into)).then(bugIn);
  await expect(bringing).rejects.toThrow(line);
});

test('what it throws while it is read is said with its place', () => {
  const file = changed('const driver =', "throw new Error('no');\nconst driver =");
  const { code, stderr } = said(dir, spawned, 'bugs', '--with', file); // a process maps places back to the source
  expect([code, stderr]).toEqual([2, expect.stringContaining('other.ts: no (other.ts:')]);
});

const BREAKS: readonly (readonly [string, string, string])[] = [
  ["state: 'lent busy'", "state: 'lent'", 'field busy of class SecondTells is declared neither'],
  ['this.busy--;', 'this.none.busy--;', 'other.ts: Cannot read properties of undefined'],
];
test.each(BREAKS)('%s is %s: the search stops, and one line says so', (what, into, line) => {
  const ran = asked('bugs', '--with', changed(what, into));
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  const last = ran.stderr.trim().split('\n').at(-1)!;
  expect(last).toContain(line);
  expect(last).toMatch(/^lastref: /);
});
