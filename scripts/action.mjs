// What action.yml runs, and any other CI can: judges designs and plays tokens again. Asks by environment: LASTREF_DESIGNS
// (files), LASTREF_WORKLOADS, LASTREF_TOKENS (a file), LASTREF_FAIL_ON. Writes what it found to stdout, and to the
// summary of a job where there is one. Exit codes are those of lastref: 1, something was found.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../lastref', import.meta.url));
const {
  LASTREF_DESIGNS: designs = '',
  LASTREF_WORKLOADS: workloads = '',
  LASTREF_TOKENS: tokens = '',
  LASTREF_FAIL_ON: failOn = 'corrupt,lost,double,stray,context,unmarked,dishonest,early',
  GITHUB_STEP_SUMMARY: summary,
} = process.env;

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
  if (summary) appendFileSync(summary, `## ${title}\n\n\`\`\`\n${text}\`\`\`\n\n`);
}

const files = designs.split(/\s+/).filter((file) => file !== '');
if (files.length === 0) misuse('no design is named: LASTREF_DESIGNS (designs:) takes files');
for (const file of [...files, ...(tokens === '' ? [] : [tokens])])
  if (!existsSync(file)) misuse(`${file}: no such file`);
const brought = files.flatMap((file) => ['--with', file]);
const ids = files.map((file) => basename(file).replace(/\.[cm]?ts$/, ''));
const on = workloads === '' ? [] : ['--workloads', workloads];

const judged = lastref('compare', ...brought, '--designs', ids.join(), ...on, '--fail-on', failOn);
say(`Verdicts on ${ids.join(', ')}`, judged.stdout);
let found = judged.status;

const lines = tokens === '' ? [] : readFileSync(tokens, 'utf8').split('\n');
for (const token of lines.map((line) => line.trim()).filter((line) => /^lr\d/.test(line))) {
  const { findings } = JSON.parse(lastref('replay', token, ...brought, '--json').stdout);
  if (findings.length === 0) continue;
  found = 1;
  say(
    `Found again: ${token}`,
    findings.map((f) => `${f.property} (${f.harm}): ${f.text}\n`).join(''),
  );
}
process.exit(found);
