// A copy of the sources with one thing more, played by its own command line.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ran } from '../run-cli.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', 'results', 'images', 'api']);

export class Copy {
  readonly dir: string;

  /** Sources and manifests; what is installed is linked, what is built stays behind. */
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'lastref-copy-'));
    for (const entry of readdirSync(ROOT)) {
      if (LEFT_OUT.has(entry)) continue;
      cpSync(join(ROOT, entry), join(this.dir, entry), {
        recursive: true,
        filter: (from) => !LEFT_OUT.has(basename(from)),
      });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.dir, 'node_modules'));
    // The links between packages are relative: copied as links, they lead into the copy.
    const packages = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`);
    for (const home of [...packages, 'strategies', 'harness'])
      if (existsSync(join(ROOT, home, 'node_modules')))
        cpSync(join(ROOT, home, 'node_modules'), join(this.dir, home, 'node_modules'), {
          recursive: true,
          verbatimSymlinks: true,
        });
  }

  /** A file that was not there. */
  add(path: string, text: string): void {
    if (existsSync(join(this.dir, path))) throw new Error(`${path} is there already`);
    writeFileSync(join(this.dir, path), text);
  }

  /** One line of a file becomes what `put` says; throws if it is not there. */
  change(path: string, line: string, put: string): void {
    const text = readFileSync(join(this.dir, path), 'utf8');
    if (!text.includes(line)) throw new Error(`${path} has no line ${line}`);
    writeFileSync(join(this.dir, path), text.replace(line, put));
  }

  lastref(...args: string[]): Ran {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(this.dir, 'lastref'), ...args],
      {
        cwd: this.dir,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        env: { ...process.env, NO_COLOR: '1' },
      },
    );
    return { code: status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
