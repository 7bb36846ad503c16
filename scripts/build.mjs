// One build for all packages: what a package exports from its sources is what its dist/ has. Packages stay external to
// each other, so order does not matter, and nothing but esbuild has to be installed; `tsc -b` writes the declarations.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const { build } = createRequire(join(ROOT, 'harness/package.json'))('esbuild');

/** Files of `dir` that `pattern` names; its `*` is one part of a path. */
function matches(dir, pattern) {
  const star = pattern.indexOf('*');
  if (star < 0) return [join(dir, pattern)];
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return readdirSync(join(dir, before))
    .map((name) => (after.startsWith('/') ? name : name.slice(0, -after.length)))
    .map((name) => join(dir, before, name + after))
    .filter((path) => existsSync(path) && !path.endsWith('.test.ts'));
}

/** What an earlier build wrote; declarations are the compiler's. */
function clean(dist) {
  for (const path of existsSync(dist) ? readdirSync(dist, { recursive: true }) : [])
    if (/\.js(\.map)?$/.test(path)) rmSync(join(dist, path));
}

async function buildPackage(dir) {
  const { exports } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const sources = Object.values(exports).flatMap((e) => matches(dir, e['@lastref/source']));
  clean(join(dir, 'dist'));
  await build({
    entryPoints: [...new Set(sources)],
    outdir: join(dir, 'dist'),
    tsconfig: join(dir, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    logLevel: 'warning',
  });
}

const packages = readdirSync(join(ROOT, 'packages')).map((name) => join('packages', name));
await Promise.all(
  [...packages, 'strategies', 'harness'].map((dir) => buildPackage(join(ROOT, dir))),
);
