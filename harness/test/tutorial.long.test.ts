// The tutorial is true: a newcomer who types it in an empty directory sees what it says.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Newcomer } from './tutorial.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = join(ROOT, 'docs/tutorial.md');

test('the tutorial, command by command', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const newcomer = new Newcomer(dir, ROOT, 'my-design.ts');
  const seen = await newcomer.follow(readFileSync(page, 'utf8'));
  expect(newcomer.complaints).toEqual([]);
  await expect(seen).toMatchFileSnapshot(page);
  expect(readFileSync(join(newcomer.at(), 'my-report/report.md'), 'utf8')).toContain('my-design');
}, 600_000);
