// The seam as it is published: its reference is made from the sources without a warning, and its example runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareSchema } from '@lastref/report';
import { expect, test } from 'vitest';
import { HOOKS } from '@lastref/runner/candidates';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';
import { LONG } from '../../scripts/tier.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const scratch = (): string => mkdtempSync(join(tmpdir(), 'lastref-test-'));

test.runIf(LONG)(
  'typedoc has nothing to warn of, and a page for everything that a design is given',
  () => {
    const out = scratch();
    const typedoc = join(ROOT, 'node_modules/typedoc/bin/typedoc');
    const args = [typedoc, '--options', join(ROOT, 'typedoc.json'), '--out', out];
    const ran = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: ROOT });
    expect(ran.stdout + ran.stderr).not.toMatch(/warning|error/i);
    expect(ran.status).toBe(0);
    for (const page of ['classes/GetPutPage', 'classes/SkBuff', 'interfaces/Services'])
      expect(existsSync(join(out, `${page}.html`)), page).toBe(true);
    const seam = readFileSync(join(out, 'interfaces/PageLifetime.html'), 'utf8');
    for (const hook of HOOKS) expect(seam).toContain(`id="${hook.toLowerCase()}"`);
  },
);

test('the example of docs/seam.md is a design', () => {
  const text = readFileSync(join(ROOT, 'docs/seam.md'), 'utf8');
  const file = join(scratch(), 'at-the-reply.ts');
  writeFileSync(file, /^```ts\n([\s\S]*?)^```$/m.exec(text)![1]!);
  const only = ['--designs', 'at-the-reply,rpc-reply', '--workloads', 'nfs-odirect', '--json'];
  const ran = said(dirname(file), lastref, 'compare', '--with', file, ...only);
  const { rows } = compareSchema.parse(JSON.parse(ran.stdout));
  const [theirs, ours] = rows as [(typeof rows)[0], (typeof rows)[0]];
  expect(ours.design).toBe('at-the-reply');
  expect(ours.verdicts).toEqual(theirs.verdicts);
});
