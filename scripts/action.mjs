// What action.yml runs, and any other CI can: judges designs and plays tokens again. Asks by environment: LASTREF_DESIGNS
// (files), LASTREF_WORKLOADS, LASTREF_TOKENS (a file), LASTREF_FAIL_ON, LASTREF_EXCLUDE, LASTREF_BASE (a comparison that was
// kept), LASTREF_JUNIT, LASTREF_SARIF, LASTREF_JSON and LASTREF_COMMENT (files to write). Writes what it found to stdout, and
// to the summary of a job where there is one. Exit codes are those of lastref: 1, something was found.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../lastref', import.meta.url));
const {
  LASTREF_DESIGNS: designs = '',
  LASTREF_WORKLOADS: workloads = '',
  LASTREF_TOKENS: tokens = '',
  LASTREF_FAIL_ON: failOn = 'corrupt,lost,double,stray,context,unmarked,dishonest,early',
  LASTREF_EXCLUDE: exclude = '',
  LASTREF_BASE: base = '',
  LASTREF_JUNIT: junit = '',
  LASTREF_SARIF: sarif = '',
  LASTREF_JSON: json = '',
  LASTREF_COMMENT: comment = '',
  GITHUB_STEP_SUMMARY: summary,
  GITHUB_ACTIONS: github,
} = process.env;

// a line of a design that begins with :: is no command to whoever runs the job, such as a note that all verdicts hold
if (github === 'true') {
  const token = randomUUID();
  console.log(`::stop-commands::${token}`);
  process.on('exit', () => console.log(`::${token}::`));
}

function misuse(text) {
  console.error(`lastref: ${text}`);
  process.exit(2);
}

function lastref(...args) {
  const env = { ...process.env, NO_COLOR: '1' };
  const ran = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 28,
  });
  if (ran.status > 1) {
    process.stderr.write(ran.stderr);
    process.exit(ran.status);
  }
  return ran;
}

function say(title, text) {
  console.log(`${title}\n\n${text}`);
  const ticks = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...ticks.map((run) => run.length + 1))); // nothing in it ends it
  const page = `## ${title}\n\n${fence}\n${text}${fence}\n\n`;
  if (summary) appendFileSync(summary, page);
  if (comment !== '') appendFileSync(comment, page);
}

const files = designs.split(/\s+/).filter((file) => file !== '');
if (files.length === 0) misuse('no design is named: LASTREF_DESIGNS (designs:) takes files');
if (comment !== '') writeFileSync(comment, '');
for (const file of [...files, ...[tokens, base].filter((file) => file !== '')])
  if (!existsSync(file)) misuse(`${file}: no such file`);
const brought = files.flatMap((file) => ['--with', file]);
const ids = files.map((file) => basename(file).replace(/\.[cm]?ts$/, ''));
// under the name of one of ours that one would be judged, and not what is in the file
const { designs: ours, runtimes } = JSON.parse(lastref('list', '--json').stdout);
const taken = ids.find((id) => [...ours, ...runtimes].some((one) => one.id === id));
if (taken !== undefined)
  misuse(
    `${taken}.ts: lastref has a design of its own called ${taken}; name the file after the id of yours`,
  );
const on = workloads === '' ? [] : ['--workloads', workloads];

const flag = (name, value) => (value === '' ? [] : [name, value]);
const out = mkdtempSync(join(tmpdir(), 'lastref-'));
const judged = lastref(
  'compare',
  ...brought,
  '--designs',
  ids.join(),
  ...on,
  '--fail-on',
  failOn,
  ...flag('--exclude', exclude),
  ...flag('--against', base),
  ...flag('--junit', junit),
  ...flag('--sarif', sarif),
  '--out',
  out,
);
process.stderr.write(judged.stderr.replace(/^compare: .*\n/gm, ''));
say(`Verdicts on ${ids.join(', ')}`, judged.stdout.replace(/^Written: .*\n/m, ''));
if (json !== '') copyFileSync(join(out, 'compare.json'), json);
let found = judged.status;

const lines = tokens === '' ? [] : readFileSync(tokens, 'utf8').split('\n');
for (const token of lines.map((line) => line.trim()).filter((line) => /^[^#]/.test(line))) {
  const { findings } = JSON.parse(lastref('replay', token, ...brought, '--json').stdout);
  if (findings.length === 0) continue;
  found = 1;
  say(
    `Found again: ${token}`,
    findings.map((f) => `${f.property} (${f.harm}): ${f.text}\n`).join(''),
  );
}
process.exit(found);
