// One build for all packages: what a package exports from its sources is what its dist/ has. Packages stay external to
// each other, so order does not matter; `tsc -b` writes the declarations, which a build leaves where they are.
import { readFileSync, readdirSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

const dirs = [
  ...readdirSync('packages').map((name) => `packages/${name}`),
  'strategies',
  'harness',
];

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly '@lastref/source': string }>>;
}

function build(dir: string): Options {
  const { exports } = JSON.parse(readFileSync(`${dir}/package.json`, 'utf8')) as Manifest;
  const sources = Object.values(exports).map((e) => `${dir}/${e['@lastref/source'].slice(2)}`);
  return {
    name: dir,
    entry: [...sources, `!${dir}/**/*.test.ts`, `!${dir}/**/dist`, `!${dir}/**/node_modules`],
    outDir: `${dir}/dist`,
    tsconfig: `${dir}/tsconfig.json`,
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    clean: ['!**/*.d.ts', '!**/*.d.ts.map'],
    dts: false,
    silent: true,
    skipNodeModulesBundle: true,
  };
}

export default defineConfig(dirs.map(build));
