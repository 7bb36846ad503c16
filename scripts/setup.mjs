// Installs the locked dependencies and, with --build, builds every package; says nothing when both are up to date. With
// --run only what the command line needs, and no tools: whatever asks for more installs the rest.
// Needs only Node and npm: a pnpm already at hand is used, otherwise npx brings the pinned one.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt, packagesOf, recordBuild, recorded, stamp } from './build-state.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const shell = process.platform === 'win32';
const packages = packagesOf('.');
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

const RECORD = 'node_modules/.lastref-installed';
const HARNESS = '@lastref/harness';
/** How much there is to install: of the first the second is a part. */
const EVERYTHING = 'everything';
const FOR_RUNNING = 'what runs';

function dependenciesOf(manifest) {
  const { dependencies, devDependencies } = json(manifest);
  return Object.keys({ ...dependencies, ...devDependencies });
}

/** Packages that the command line and its build need, itself among them. */
function running() {
  const dirs = new Map(packages.map((dir) => [json(`${dir}/package.json`).name, dir]));
  const found = new Set([HARNESS]);
  for (const name of found)
    for (const other of dependenciesOf(`${dirs.get(name)}/package.json`))
      if (dirs.has(other)) found.add(other);
  return [...found].map((name) => `${dirs.get(name)}/package.json`);
}

/** Does every dependency that is declared have its link in node_modules? */
function linked(what) {
  return (what === EVERYTHING ? manifests : running()).every((manifest) =>
    dependenciesOf(manifest).every((name) =>
      existsSync(`${dirname(manifest)}/node_modules/${name}`),
    ),
  );
}

/** Installs `wanted`, unless it is there; where everything was, everything again. */
function install(wanted) {
  const mark = (what) =>
    `${what}\n${stamp('.', ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests])}`;
  const there = recorded(RECORD);
  const full = there.startsWith(EVERYTHING);
  const what = full ? EVERYTHING : wanted;
  if (there === mark(what) && linked(what)) return;
  rmSync(RECORD, { force: true }); // whoever is stopped from here on has installed nothing
  const part = what === EVERYTHING ? [] : ['--filter', `${HARNESS}...`];
  run('installing', ...pnpm(), 'install', '--frozen-lockfile', '--prefer-offline', ...part);
  writeFileSync(RECORD, mark(what));
}

/** Builds, unless sources and outputs are as the last time. */
function build() {
  if (isBuilt('.')) return;
  const tsup = 'harness/node_modules/tsup/dist/cli-default.js';
  run('building', process.execPath, tsup, '--config', 'harness/tsup.config.ts');
  recordBuild('.');
}

install(process.argv.includes('--run') ? FOR_RUNNING : EVERYTHING);
if (process.argv.includes('--build')) build();
