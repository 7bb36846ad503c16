// Before any test: the build that commands run from is that of the sources.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup() {
  const script = fileURLToPath(new URL('./setup.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, '--build'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
}
