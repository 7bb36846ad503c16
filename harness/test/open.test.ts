import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openFile } from '../src/commands/open.ts';

afterEach(() => vi.unstubAllEnvs());

test.skipIf(platform() !== 'linux')('a report is opened by the desktop', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  writeFileSync(join(dir, 'xdg-open'), `#!/bin/sh\necho "$1" > ${dir}/seen\n`);
  chmodSync(join(dir, 'xdg-open'), 0o755);
  vi.stubEnv('PATH', `${dir}${delimiter}${process.env['PATH']}`);
  expect(await openFile('/some/report.html')).toBe(true);
  await vi.waitUntil(() => existsSync(join(dir, 'seen')));
  await vi.waitUntil(() => readFileSync(join(dir, 'seen'), 'utf8') === '/some/report.html\n');
});

test.skipIf(platform() !== 'linux')('where there is no desktop, nothing happens', async () => {
  vi.stubEnv('PATH', mkdtempSync(join(tmpdir(), 'lastref-test-')));
  expect(await openFile('/some/report.html')).toBe(false);
});
