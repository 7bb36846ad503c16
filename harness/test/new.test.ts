// From nothing to a verdict: `new` writes a design that runs, and its test, into an empty directory.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareSchema, headline, newSchema } from '@lastref/report';
import { describe, expect, test } from 'vitest';
import { newCommand } from '../src/commands/new.ts';
import { lastref } from './run-cli.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const empty = (): string => mkdtempSync(join(tmpdir(), 'lastref-test-'));

describe('a design that new has just written', () => {
  const dir = empty();
  const ran = lastref('new', 'my-design', '--dir', dir, '--json');

  test('stands beside its test, and an editor finds the types of the seam', () => {
    const doc = newSchema.parse(JSON.parse(ran.stdout));
    expect(doc.files).toEqual(['my-design.ts', 'my-design.test.mjs', 'tsconfig.json']);
    expect(readdirSync(dir).sort()).toEqual([...doc.files].sort());
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const checked = spawnSync(tsc, ['--project', dir], { encoding: 'utf8' });
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });

  test('holds on some workloads and not on others, and has its counterexample', () => {
    const file = join(dir, 'my-design.ts');
    const only = ['--designs', 'my-design', '--workloads', 'sendfile-locked,nfs-odirect'];
    const printed = lastref('compare', '--with', file, ...only, '--json').stdout;
    const { rows } = compareSchema.parse(JSON.parse(printed));
    expect(rows.map((r) => [r.workload, headline(r)])).toEqual([
      ['nfs-odirect', 'delivered'],
      ['sendfile-locked', 'holds'],
    ]);
    expect(rows[0]!.findings[0]!.token).toMatch(/^lr1\.my-design\.nfs-odirect\./);
  });

  test('passes its own test', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--test', join(dir, 'my-design.test.mjs')],
      { encoding: 'utf8' },
    );
    expect(stdout).toMatch(/pass 2/);
    expect(status).toBe(0);
  });

  test('is never written over', () => {
    const file = join(dir, 'my-design.ts');
    writeFileSync(file, '// mine');
    const again = lastref('new', 'my-design', '--dir', dir);
    expect([again.code, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toContain('my-design.ts is there already');
    expect(readFileSync(file, 'utf8')).toBe('// mine');
  });
});

test.each([
  ['Capital', 'small letters'],
  ['dots.and.slashes/../x', 'small letters'],
  ['a'.repeat(33), 'at most 32'],
  ['rpc-reply', "two designs have the id 'rpc-reply'"],
])('the name %s is refused', async (name, hint) => {
  const dir = empty();
  await expect(newCommand(name, { dir })).rejects.toThrow(hint);
  expect(readdirSync(dir)).toEqual([]);
});
