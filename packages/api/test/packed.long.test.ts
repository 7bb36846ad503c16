// The package as its user has it: a tarball, an empty directory outside of the clone, Node.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '@lastref/runner';

const dir = mkdtempSync(join(tmpdir(), 'lastref-packed-'));
let tarball: string;

function run(command: string, ...args: string[]): string {
  const env = { ...process.env, NO_COLOR: '1', npm_config_cache: process.env['npm_config_cache'] };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

beforeAll(() => {
  const built = spawnSync('npm', ['run', 'pack:npm', '--silent', '--', join(dir, 'out')], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
  tarball = built.stdout.trim().split('\n').at(-1)!;
  writeFileSync(join(dir, 'package.json'), '{"private":true,"type":"module"}');
  run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', tarball);
}, 900_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('npx lastref new, then compare, as the README says', () => {
  const written = run('npx', 'lastref', 'new', 'my-design');
  expect(written).toContain('npx lastref check my-design nfs-odirect --with ./my-design.ts');
  const only = ['--designs', 'my-design', '--workloads', 'tap-slow-reader', '--json'];
  const doc = JSON.parse(run('npx', 'lastref', 'compare', '--with', 'my-design.ts', ...only)) as {
    rows: { findings: { harm: string }[] }[];
  };
  expect(doc.rows[0]!.findings.map((f) => f.harm)).toContain('wire');
}, 300_000);

test('the script of the action judges a candidate, in a directory with nothing but Node and the package', () => {
  const script = join(dir, 'node_modules/lastref/scripts/action.mjs');
  const { PATH = '', HOME = '' } = process.env;
  const on = { LASTREF_DESIGNS: 'my-design.ts', LASTREF_WORKLOADS: 'tap-slow-reader' };
  const files = { LASTREF_JUNIT: 'junit.xml', LASTREF_COMMENT: 'comment.md' };
  const { status, stderr } = spawnSync(process.execPath, [script], {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH, HOME, ...on, ...files },
  });
  expect(status, stderr).toBe(1); // the skeleton is no finished design
  expect(readFileSync(join(dir, 'comment.md'), 'utf8')).toContain('## Verdicts on my-design');
  expect(readFileSync(join(dir, 'junit.xml'), 'utf8')).toMatch(/<failure message="[^"]*corrupt/);
}, 300_000);

test('as a library, with types that a caller can check', () => {
  writeFileSync(
    join(dir, 'use.ts'),
    `import { check, GetPutPage, runCell, type Design } from 'lastref';
class Silent extends GetPutPage {}
const design: Design = { id: 'silent', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's',
  adds: [], hooks: 0, claims: [], create: (k) => new Silent(k) };
const word: string = runCell({ design, workload: 'sendfile-locked' }).word;
const result: 'exhausted' | 'refuted' | 'bound-reached' | 'not-a-proof' = check({ design, workload: 'nfs-odirect' }).result;
console.log(word, result);
`,
  );
  // `lastref new` has written a tsconfig.json, which is for designs.
  const flags = '--ignoreConfig --module nodenext --target es2022 --strict --noEmit --skipLibCheck';
  run(process.execPath, 'node_modules/typescript/bin/tsc', ...flags.split(' '), 'use.ts');
  run('npx', 'esbuild', 'use.ts', '--format=esm', '--outfile=use.mjs', '--log-level=error');
  expect(run(process.execPath, 'use.mjs').trim()).toBe('lost refuted');
}, 300_000);

test('it carries its licence, its README and no file of the site', () => {
  const there = join(dir, 'node_modules/lastref');
  expect(readdirSync(there)).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'index.d.ts']),
  );
  expect(readFileSync(join(there, 'README.md'), 'utf8')).toContain('as a library');
  expect(readdirSync(join(there, 'packages'))).not.toContain('site');
});

test('publint and are-the-types-wrong find nothing', () => {
  const tool = (name: string, ...args: string[]) => {
    const bin = join(ROOT, 'node_modules/.bin', name);
    const ran = spawnSync(bin, [tarball, ...args], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    return { code: ran.status, said: ran.stdout + ran.stderr };
  };
  const lint = tool('publint', '--strict');
  expect(lint.code, lint.said).toBe(0);
  expect(lint.said).toContain('All good!');
  // Modules alone: Node 20.19 and later take them by require() too.
  const types = tool('attw', '--profile', 'esm-only');
  expect(types.code, types.said).toBe(0);
}, 300_000);

test('what it prints says from which commit it was packed', () => {
  const head = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const only = ['--designs', 'copy-always', '--workloads', 'sendfile-locked'];
  expect(run('npx', 'lastref', 'compare', ...only)).toContain(`, commit ${head.stdout.trim()}`);
}, 120_000);
