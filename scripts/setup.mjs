// Installs the locked dependencies and, with --build, builds every package; says nothing when both are up to date.
// Needs only Node and npm: a pnpm already at hand is used, otherwise npx brings the pinned one.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const shell = process.platform === 'win32';
const packages = [
  ...readdirSync('packages').map((name) => `packages/${name}`),
  'strategies',
  'harness',
];
const manifests = ['.', ...packages].map((dir) => `${dir}/package.json`).filter(existsSync);
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The command that starts pnpm 10 or later. */
function pnpm() {
  const oldest = 10;
  const { npm_config_user_agent: agent = '', npm_execpath: self = '' } = process.env;
  const running = /^pnpm\/(\d+)/.exec(agent);
  if (running && self && Number(running[1]) >= oldest)
    return /\.[cm]?js$/.test(self) ? [process.execPath, self] : [self];
  const found = spawnSync('pnpm', ['--version'], { encoding: 'utf8', shell });
  if (found.status === 0 && Number.parseInt(found.stdout, 10) >= oldest) return ['pnpm'];
  const pinned = /^pnpm@\d+\.\d+\.\d+/.exec(json('package.json').packageManager)[0];
  return ['npx', '--yes', '--prefer-offline', pinned];
}

/** Runs a command; its output is shown only when it fails. */
function run(doing, command, ...args) {
  console.error(`lastref: ${doing} (${[command, ...args].join(' ')}) …`);
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: Infinity,
    shell,
  });
  if (status === 0) return;
  process.stderr.write(`${String(stdout ?? '')}${String(stderr ?? '')}`);
  console.error(`lastref: ${doing} failed: ${error?.message ?? signal ?? `exit code ${status}`}`);
  process.exit(status || 1);
}

/** A line per file: path, size and time of the last change. */
function stamp(files) {
  const line = (file) => {
    const { size, mtimeMs } = statSync(file);
    return `${file} ${size} ${mtimeMs}`;
  };
  return [process.platform, process.arch, ...files.filter(existsSync).map(line)].join('\n');
}

const sourcesAndOutputs = () => {
  const skipped = /(^|\/)(node_modules|test|data)(\/|$)|\.(test|d)\.ts$|\.tsbuildinfo$/;
  const files = (dir) =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const path = `${dir}/${entry.name}`;
      if (skipped.test(path)) return [];
      return entry.isDirectory() ? files(path) : [path];
    });
  return ['tsup.config.ts', 'tsconfig.base.json', ...packages.flatMap(files)];
};

/** Does every declared dependency have its link in node_modules? */
const linked = () =>
  manifests.every((manifest) => {
    const { dependencies, devDependencies } = json(manifest);
    const names = Object.keys({ ...dependencies, ...devDependencies });
    return names.every((name) => existsSync(`${dirname(manifest)}/node_modules/${name}`));
  });

/** Does `make`, unless the files are as the last time. */
function once(name, files, make, intact = () => true) {
  const record = `node_modules/.lastref-${name}`;
  if (existsSync(record) && readFileSync(record, 'utf8') === stamp(files()) && intact()) return;
  make();
  writeFileSync(record, stamp(files()));
}

once(
  'installed',
  () => ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests],
  () => run('installing', ...pnpm(), 'install', '--frozen-lockfile', '--prefer-offline'),
  linked,
);
if (process.argv.includes('--build'))
  once('built', sourcesAndOutputs, () =>
    run('building', process.execPath, 'node_modules/tsup/dist/cli-default.js'),
  );
