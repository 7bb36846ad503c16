// What runs beside the judge, a trusted candidate or a bug of a user's, has constants as a candidate apart from it has: two
// that are alike are two to it, and so to a search.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MachineFingerprint } from '@lastref/search';
import { afterAll, expect, test } from 'vitest';
import { bring, moduleIn } from '../src/brought.ts';
import { compile } from '../src/candidates/compile.ts';
import { loadCandidate } from '../src/candidates/load.ts';

const dir = mkdtempSync(join(tmpdir(), 'lastref-constants-'));
afterAll(() => rmSync(dir, { recursive: true }));

const CONSTANTS = 'const STATES = { free: {}, busy: {} }; const DONE = {};';
const LISTED = '[STATES.free, STATES.busy, DONE]';

function written(name: string, code: string): string {
  const file = join(dir, name);
  writeFileSync(file, code);
  return file;
}

function states(all: readonly unknown[]): string[] {
  return all.map((one) => {
    const print = new MachineFingerprint();
    print.design(one);
    return `${print.lo} ${print.hi}`;
  });
}

test('of a bug that is brought', async () => {
  const file = written('bug.ts', `${CONSTANTS} export const list = ${LISTED};`);
  const module = await moduleIn(await bring('bugs', file, (name) => import.meta.resolve(name)));
  expect(Object.keys(module)).toEqual(['list']);
  const { list } = module as { list: unknown[] };
  expect(new Set(states(list)).size).toBe(3);
  expect(new Set(states([{}, {}])).size).toBe(1);
});

test('of a candidate that is trusted', async () => {
  const card = `id: 'mine', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0, claims: []`;
  const file = written(
    'mine.ts',
    `import { GetPutPage } from '@lastref/kernel'; ${CONSTANTS}
export const design = { ${card}, create: (k) => new Mine(k) };
class Mine extends GetPutPage { list = ${LISTED}; }`,
  );
  const { raw } = await loadCandidate(await compile(file, true));
  const { list } = raw.create({} as never) as unknown as { list: unknown[] };
  expect(new Set(states(list)).size).toBe(3);
});
