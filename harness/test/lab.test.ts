// Without QEMU, and with what it does not know, lastref lab says so in one line.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labSchema, labSummary } from '@lastref/report';
import { expect, test } from 'vitest';
import { launcher } from './run-cli.ts';

/** lastref lab with nothing but node in its PATH. */
function labWithout(...args: string[]) {
  const home = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  try {
    return spawnSync(process.execPath, [launcher, 'lab', ...args], {
      encoding: 'utf8',
      env: { PATH: '', HOME: home, XDG_CACHE_HOME: home, NO_COLOR: '1' },
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test('the README says of five kernels what the kept run found', () => {
  const root = new URL('../../', import.meta.url);
  const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
  const doc = labSchema.parse(JSON.parse(read('results/lab.json')));
  expect(doc.kernels.map((k) => k.era)).toEqual([
    '5.10.223',
    '6.1.192',
    'debian-6.12.117',
    '7.2.13',
    '7.2.13', // beside 7.3
  ]);
  expect(read('README.md')).toContain(labSummary(doc));
  expect(doc.disagreements.length).toBeLessThanOrEqual(5);
  for (const { reason, couldChange } of doc.disagreements)
    expect([reason !== '', couldChange]).toEqual([true, false]);
});

test('without its tools it names all of them with their packages, before it fetches anything', () => {
  const { status, stderr } = labWithout('--kernel', '6.1');
  expect(status).toBe(3);
  expect(stderr).toContain(
    'not found: qemu-system-x86_64 (qemu-system-x86), setpriv (util-linux), gcc-12 (gcc-12), make (make), xz (xz-utils), apt-get (apt), dpkg-deb (dpkg). On Debian: apt-get install',
  );
  expect(stderr).not.toContain('package lists');
});

test.each([
  [['--kernel', '6.2'], "no kernel '6.2': 5.10, 6.1, 6.12, 7.2, 7.3 or all"],
  [['--image', '/nowhere'], '--image FILE and --headers DIR belong together'],
  [['--ops', 'clonne'], 'clonne'],
])('%j is said in one line', (args, text) => {
  const { status, stderr } = labWithout(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(text);
});

test('mutants are made of the sources, whether the command runs from these or from a build', () => {
  const { status, stdout, stderr } = labWithout('--mutants', '1', '--seed', '1');
  expect([status, stderr]).toEqual([0, expect.stringContaining('1 of ')]);
  expect(stdout).toContain('1 one-line mutant');
});
