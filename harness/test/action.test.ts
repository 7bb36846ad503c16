// What action.yml runs, as a CI job runs it: by environment, in the repository of a candidate.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { LONG } from '../../scripts/tier.ts';
import { said } from './house/reference.ts';
import { lastref, type Ran } from './run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ON = { LASTREF_DESIGNS: 'mine.ts', LASTREF_WORKLOADS: 'tap-slow-reader' };
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lastref-action-'));
  lastref('new', 'mine', '--dir', dir);
});
afterAll(() => rmSync(dir, { recursive: true }));

function acted(script = '', asked = ''): Ran {
  const { PATH = '', HOME = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH, HOME, ...(JSON.parse(asked) as object) },
  });
  return { code: status, stdout, stderr };
}

const action = (env: Readonly<Record<string, string>>): Ran =>
  said(dir, acted, join(root, 'scripts/action.mjs'), JSON.stringify(env));

const file = (name: string): string => readFileSync(join(dir, name), 'utf8');

test('a candidate is judged; what changed since the base is in the comment', () => {
  // The skeleton is no finished design: a tap reads what was written anew.
  const first = action({ ...ON, LASTREF_JSON: 'base.json' });
  expect(first.code, first.stderr).toBe(1);
  const files = { LASTREF_JUNIT: 'j.xml', LASTREF_SARIF: 's.json', LASTREF_COMMENT: 'c.md' };
  writeFileSync(join(dir, 'tokens.txt'), '# found in May\n\n'); // which names none
  const asked = {
    LASTREF_BASE: 'base.json',
    LASTREF_EXCLUDE: 'mine',
    LASTREF_TOKENS: 'tokens.txt',
  };
  const again = action({ ...ON, ...files, ...asked });
  expect(again.code, again.stderr).toBe(0);
  expect(file('c.md')).toContain('(1 cell in both): nothing changed.');
  expect(file('c.md')).toContain('## Verdicts on mine');
  expect(file('j.xml')).toContain('<skipped message="known: ');
  expect(JSON.parse(file('s.json'))).toHaveProperty('version', '2.1.0');
}, 120_000);

test('what is not there gets one line', () => {
  const wrong = [{}, { LASTREF_DESIGNS: 'none.ts' }, { ...ON, LASTREF_BASE: 'none.json' }];
  for (const env of wrong) {
    const { code, stderr } = action(env);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }
}, 120_000);

test('no file passes under the name of a design that is right', () => {
  const mine = file('mine.ts');
  writeFileSync(join(dir, 'copy-always.ts'), mine);
  const named = action({ ...ON, LASTREF_DESIGNS: 'copy-always.ts' });
  expect([named.code, named.stdout]).toEqual([2, '']);
  expect(named.stderr).toMatch(/^lastref: copy-always\.ts: [^\n]*\n$/);
}, 120_000);

test.runIf(LONG)(
  'no line of tokens is passed over',
  () => {
    writeFileSync(join(dir, 'tokens.txt'), 'lr2.nonsense\n');
    expect(action({ ...ON, LASTREF_TOKENS: 'tokens.txt' }).code).toBe(2);
    writeFileSync(join(dir, 'tokens.txt'), '# found in May\n\n- lr2.mine.tap-slow-reader\n');
    const listed = action({ ...ON, LASTREF_TOKENS: 'tokens.txt', LASTREF_EXCLUDE: 'mine' });
    expect(listed.code, listed.stderr).toBe(2);
  },
  120_000,
);

test.runIf(LONG)(
  'what a design prints gives no orders to whoever runs the job',
  () => {
    const hook = 'override released(loan: Loan): void {';
    const loud = file('mine.ts')
      .replaceAll('mine', 'loud')
      .replace(hook, `${hook} console.log('::notice::all verdicts hold');`);
    writeFileSync(join(dir, 'loud.ts'), loud);
    const on = { ...ON, LASTREF_DESIGNS: 'loud.ts', LASTREF_EXCLUDE: 'loud' };
    const { code, stdout, stderr } = action({ ...on, GITHUB_ACTIONS: 'true' });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^loud\.ts prints: ::notice::all verdicts hold$/m);
    const [, token] = /^::stop-commands::([0-9a-f-]{36})\n/.exec(stdout)!;
    expect(stdout.endsWith(`\n::${token}::\n`)).toBe(true);
    expect(action(on).stdout).not.toContain('::');
  },
  120_000,
);

test('every input of the action reaches the script, and the recipe names no other', () => {
  const yaml = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    inputs: Record<string, unknown>;
    runs: { steps: { env: Record<string, string> }[] };
  };
  const env = yaml.runs.steps[0]!.env;
  expect(Object.values(env)).toEqual(Object.keys(yaml.inputs).map((i) => `\${{ inputs.${i} }}`));
  const script = readFileSync(join(root, 'scripts/action.mjs'), 'utf8');
  for (const name of Object.keys(env)) expect(script).toContain(`  ${name}: `);
  const recipe = parse(readFileSync(join(root, 'docs/recipes/github-candidate.yml'), 'utf8')) as {
    jobs: { judge: { steps: { uses?: string; with?: object }[] } };
  };
  const step = recipe.jobs.judge.steps.find((s) => s.uses?.startsWith('OWNER/') === true)!;
  for (const input of Object.keys(step.with!)) expect(Object.keys(yaml.inputs)).toContain(input);
});
