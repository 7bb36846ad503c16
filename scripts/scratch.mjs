// Around all tests: what they write to the system's temporary directory is in one of this run, and goes with it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup() {
  const before = process.env['TMPDIR'];
  const scratch = mkdtempSync(join(tmpdir(), 'lastref-tests-'));
  process.env['TMPDIR'] = scratch;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(scratch, { recursive: true, force: true });
  };
}
