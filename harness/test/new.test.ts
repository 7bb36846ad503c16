// `new` writes a design and its test into an empty directory; that both run is the tutorial's first page.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newSchema } from '@lastref/report';
import { describe, expect, test, beforeAll } from 'vitest';
import { newDesign } from '../src/commands/new.ts';
import { said } from './house/reference.ts';
import { lastref, type Ran } from './run-cli.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const empty = (): string => mkdtempSync(join(tmpdir(), 'lastref-test-'));

describe('a design that new has just written', () => {
  const dir = empty();
  let ran: Ran;
  beforeAll(() => {
    ran = lastref('new', 'my-design', '--dir', dir, '--json');
  });

  test('stands beside its test, and an editor finds the types of the seam', () => {
    const doc = newSchema.parse(JSON.parse(ran.stdout));
    expect(doc.files).toEqual(['my-design.ts', 'my-design.test.mjs', 'tsconfig.json']);
    expect(readdirSync(dir).sort()).toEqual([...doc.files].sort());
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const types = (...args: string[]): Ran => {
      const { status, stdout, stderr } = spawnSync(tsc, args, { encoding: 'utf8' });
      return { code: status, stdout, stderr };
    };
    const checked = said(dir, types, '--project', dir);
    expect(checked.stdout).toBe('');
    expect(checked.code).toBe(0);
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
  await expect(newDesign(name, { dir })).rejects.toThrow(hint);
  expect(readdirSync(dir)).toEqual([]);
});
