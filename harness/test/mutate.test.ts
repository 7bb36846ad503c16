// Who asks the mutation tests for what there is not is told in one line, before anything is copied or run.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function mutate(...args: string[]) {
  const how = ['--import', 'tsx', '--conditions=@lastref/source', 'scripts/mutate.mjs'];
  return spawnSync(process.execPath, [...how, ...args], { cwd: ROOT, encoding: 'utf8' });
}

test('it says what it is for', () => {
  const { status, stdout, stderr } = mutate('--help');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Mutation testing .*\n[^]*npm run mutate -- judge/);
});

test.each([
  [['--nope'], "Unknown option '--nope'; npm run mutate -- --help has what there is"],
  [['judge', '--seconds', 'x'], '--seconds x is no whole number from 0 on'],
  [['--merge', '/none'], '--merge: there is no /none/mutation.json'],
])('%j is misuse', (args, line) => {
  const { status, stdout, stderr } = mutate(...args);
  expect([status, stdout, stderr]).toEqual([2, '', `mutate: ${line}\n`]);
});
