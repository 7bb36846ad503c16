// Where an output comes from: every document and every page says tool, version, machine, command, and the same command
// gives the same bytes.
import { SCHEMAS, madeSchema, type Made } from '@lastref/report';
import { digestOfDocument } from '@lastref/runner';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'lastref-made-'))));
afterAll(() => rmSync(dir, { recursive: true }));

const CAPTURE = fileURLToPath(
  new URL('../../packages/capture/test/inputs/bulk-whole.pcap', import.meta.url),
);
const CELL = ['--designs', 'naive-sendpage', '--workloads', 'sendfile-locked'];

test('every document has a digest', () => {
  const without = Object.entries(SCHEMAS).filter(([, { shape }]) => !('digest' in shape));
  expect(without.map(([name]) => name)).toEqual([]);
});

describe.each([
  ['list', []],
  ['layout', ['--designs', 'skb-cb', '--era', '3.8']],
  ['capture', [CAPTURE]],
  ['compare', CELL],
  ['processors', CELL],
  ['port', ['ian-frag-destructor']],
  ['claims', ['--claim', 'L11']],
] as const)('%s', (command, args) => {
  test('the document says what made it, outside of its digest', () => {
    const { stdout } = lastref(command, ...args, '--json');
    const { made, digest, ...content } = JSON.parse(stdout) as {
      schema: keyof typeof SCHEMAS;
      made: Made;
      digest: string;
    };
    const { tool, version, machine, from } = madeSchema.parse(made);
    expect([tool, version]).toEqual(['lastref', expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    expect(machine).toMatch(/^[0-9a-f]{8}$/);
    expect(made.command).toBe(['./lastref', command, ...args, '--json'].join(' '));
    expect(from).toContain('Node');
    expect('made' in SCHEMAS[content.schema].shape).toBe(true);
    expect(digest).toBe(digestOfDocument(content));
    expect(lastref(command, ...args, '--json').stdout).toBe(stdout);
  }, 60_000);

  test('so does the text, in its last line', () => {
    const { stdout } = lastref(command, ...args);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^lastref \d\S+, machine [0-9a-f]{8}/);
  }, 60_000);
});

test('files that are kept say it, and are read again', () => {
  const out = ['--out', dir];
  expect(lastref('compare', ...CELL, ...out).code).toBe(0);
  expect(lastref('claims', '--claim', 'L11', ...out).code).toBe(0);
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
  expect(read('compare.json')).not.toContain(dir); // the same bytes wherever it writes
  for (const name of ['claims.json', 'compare.json'])
    madeSchema.parse((JSON.parse(read(name)) as { made: Made }).made);
  for (const name of ['claims.md', 'compare.md'])
    expect(read(name), name).toMatch(
      /\n---\n\nMade by lastref \d\S+, machine [0-9a-f]{8}.*: `\.\/lastref \w+ --.*`\. Commands begin with/,
    );
  expect(readdirSync(dir).sort()).toEqual([
    'claims.json',
    'claims.md',
    'compare.json',
    'compare.md',
  ]);
  const again = lastref('compare', ...CELL, '--against', join(dir, 'compare.json'));
  expect(again.stdout).toContain('(1 cell in both): nothing changed.');
}, 60_000);
