// The package `lastref` as a tarball, from what was built: node scripts/pack.mjs [DIRECTORY]. It lies in the package as
// it does here, so that files find each other; what packages call each other by (@lastref/kernel …) are stubs in its
// own node_modules.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(root, 'dist/npm'));
const stage = join(out, 'package');
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const catalog = Object.fromEntries(
  [
    ...readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').matchAll(
      /^ {2}'?([^\s':]+)'?: (\d\S+)$/gm,
    ),
  ].map(([, name, version]) => [name, version]),
);

/** Not in the package: the site, which is made in a clone; what runs sources, as the package has a build. */
const LEFT_OUT = ['packages/site'];
const NOT_NEEDED = ['tsx'];
/** Has an install script, and only `lastref sites` and `port` read C. */
const OPTIONAL = ['tree-sitter-c', 'web-tree-sitter'];
/** Of each package: its build, its sources (their digest is the machine's version), what it reads. */
const PARTS = ['package.json', 'README.md', 'dist', 'src', 'data', 'answers'];

const dirs = [
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
  'strategies',
  'harness',
].filter((dir) => !LEFT_OUT.includes(dir) && existsSync(join(root, dir, 'package.json')));

function put(path, text) {
  mkdirSync(dirname(join(stage, path)), { recursive: true });
  writeFileSync(join(stage, path), text);
}

function copy(path) {
  if (!existsSync(join(root, path))) return;
  const filter = (from) =>
    !/\.(map|tsbuildinfo)$|\.test\.ts$|node_modules/.test(relative(root, from));
  cpSync(join(root, path), join(stage, path), { recursive: true, filter });
}

/** What a package is to the others: each of its exports as a module that leads to its build. */
function stub(dir, { name, version, exports }) {
  const at = `node_modules/${name}`;
  const list = {};
  for (const [key, { default: built }] of Object.entries(exports)) {
    for (const [entry, file] of filled(dir, key, built)) {
      const place = entry === '.' ? './index' : entry;
      const to = relative(join(stage, at, dirname(place)), join(stage, dir, file)).replaceAll(
        '\\',
        '/',
      );
      put(`${at}/${place}.js`, `export * from '${to}';\n`);
      put(`${at}/${place}.d.ts`, `export * from '${to}';\n`);
      list[entry] = { types: `${place}.d.ts`, default: `${place}.js` };
    }
  }
  put(
    `${at}/package.json`,
    JSON.stringify({ name, version, type: 'module', exports: list }, null, 2),
  );
}

/** The entries of an export: of one with a star, those that the build has. */
function filled(dir, key, file) {
  if (!key.includes('*')) return existsSync(join(root, dir, file)) ? [[key, file]] : [];
  const [before, after] = file.split('*');
  return readdirSync(join(root, dir, before), { recursive: true, encoding: 'utf8' })
    .map((path) => before + path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(after) && !/(^|\/)chunk-/.test(path))
    .map((path) => [key.replace('*', path.slice(before.length, -after.length)), path]);
}

rmSync(stage, { recursive: true, force: true });
const dependencies = {};
const optionalDependencies = {};
const bundled = {};
for (const dir of dirs) {
  const manifest = json(join(root, dir, 'package.json'));
  for (const part of dir === 'strategies' ? ['.'] : PARTS)
    copy(dir === 'strategies' ? dir : `${dir}/${part}`);
  // Node reads `exports` of the root alone; what is left says that its files are modules, and of which version.
  const { name, version, license, type } = manifest;
  put(`${dir}/package.json`, `${JSON.stringify({ name, version, license, type }, null, 2)}\n`);
  stub(dir, manifest);
  bundled[manifest.name] = manifest.version;
  for (const name of Object.keys(manifest.dependencies ?? {}))
    if (catalog[name] !== undefined && !NOT_NEEDED.includes(name))
      (OPTIONAL.includes(name) ? optionalDependencies : dependencies)[name] = catalog[name];
}
for (const path of ['LICENSE', 'tsconfig.base.json', 'docs/tutorial.md', 'docs/seam.md'])
  copy(path);
copy('packages/api/README.md');
copy('scripts/action.mjs'); // for any CI: node node_modules/lastref/scripts/action.mjs
cpSync(join(root, 'packages/api/README.md'), join(stage, 'README.md'));

const head = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' });
if (head.status === 0) put('commit.txt', head.stdout); // what it prints says where it comes from

const { version } = json(join(root, 'harness/package.json'));
const { description, license, engines } = json(join(root, 'package.json'));
put('index.js', "export * from './packages/api/dist/index.js';\n");
put('index.d.ts', "export * from './packages/api/dist/index.js';\n");
put(
  'lastref',
  "#!/usr/bin/env node\nprocess.env.LASTREF_PROGRAM ??= process.argv[1];\nawait import('./harness/dist/cli.js');\n",
);
const sorted = (object) =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
put(
  'package.json',
  `${JSON.stringify(
    {
      name: 'lastref',
      version,
      description,
      license,
      type: 'module',
      engines,
      bin: { lastref: 'lastref' },
      exports: {
        '.': { types: './index.d.ts', default: './index.js' },
        './package.json': './package.json',
      },
      dependencies: sorted({ ...dependencies, ...bundled }),
      optionalDependencies: sorted(optionalDependencies),
      bundleDependencies: Object.keys(bundled).sort(),
    },
    null,
    2,
  )}\n`,
);
const { status, stdout, stderr } = spawnSync(
  'npm',
  ['pack', '--silent', '--pack-destination', out],
  {
    cwd: stage,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  },
);
if (status !== 0) {
  console.error(`npm pack: ${stderr}`);
  process.exit(3);
}
console.log(join(out, stdout.trim().split('\n').at(-1)));
