// Mutation testing with StrykerJS: does a test fail when the source is wrong? A sample of mutants is drawn by a seed, in a
// copy of the repository, so that nothing here is ever mutated.
//   npm run mutate -- judge                       150 of its mutants
//   npm run mutate -- packages/judge/src/account  of one folder or file of a group
//   npm run mutate -- --changed main --sample 4   of the lines that changed since the merge base, in one group drawn by the
//                                                 seed, by the tests of its package alone
//   npm run mutate -- judge search --out results  also writes mutation.json and mutation.md
//   npm run mutate -- --merge a,b --out results   puts what was written into a and b together; of a group in both, b's
// Not mutated: texts (a test of a message would be the message once more), and by Stryker's ignoreStatic what runs once, while a
// module is loaded (such a mutant needs all tests); both are said in the result. Mutants that change nothing stand in
// equivalent/, each with its reason; they are drawn, and count neither for nor against.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { digestOfDocument, writeTogether } from '../packages/runner/src/index.ts';
import { shareInterval } from '../packages/report/src/index.ts';
import { Prng } from '../packages/workloads/src/index.ts';
import { EQUIVALENT } from './equivalent/index.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const OPERATIONS =
  'packages/operations/test/{operations,recipes,control,merge,carries,history-of-2026,handed-over}.test.ts';

/**
 * What is mutated, by which tests it is judged (those that call it in their own process, the quick ones first), and what is
 * aimed at, %.
 */
const GROUPS = {
  judge: {
    of: ['packages/judge/src'],
    tests: [
      'packages/judge/test/{histogram,by-hand,corners,details,shortcuts,cards,early,told,lendings,hold-times,memory}.test.ts',
      'packages/judge/test/{carried,walks,judge,shadow,oracle,witness,reality,blind}.test.ts',
      'harness/test/{stories.golden,committed}.test.ts',
    ],
    near: [
      'packages/judge/test/{histogram,by-hand,corners,details,shortcuts,cards,early,told,lendings,hold-times,memory}.test.ts',
      'packages/judge/test/{carried,walks,judge,shadow,oracle,witness,reality}.test.ts',
    ],
    aim: 90,
  },
  search: {
    of: ['packages/search/src'],
    // not what searches for long, runs many workloads, or reads sources
    tests: [
      'packages/search/test/{shared,coupled,told-apart,shrink,digest,search,visited,hidden-state,set-back,back,ample}.test.ts',
      'packages/search/test/{reach,kept,swarm,swarm-processors,eras,parts,plainly,behind-it,refused,widening,events,two-processors}.test.ts',
      'packages/search/test/{corners,state,moment,machine-fingerprint,numbers,audit,by-chance,explore,together,arising,armed,random,recorded,unseen,layouts,seen-later,room,player,depth-first,breadth-first,ways}.test.ts',
    ],
    near: [
      'packages/search/test/{corners,refused,shared,coupled,told-apart,shrink,digest,search,visited,hidden-state,back,ample}.test.ts',
      'packages/search/test/{reach,kept,swarm,swarm-processors,parts,plainly,numbers,by-chance,widening,arising,armed,random,recorded,unseen,layouts,seen-later,room,player,depth-first,breadth-first,ways}.test.ts',
    ],
    aim: 90,
  },
  runner: {
    of: ['packages/runner/src'],
    tests: [
      'packages/runner/test/{catches,constants,rest,remembered,words-of-candidates,services,foreign-words,hidden,tape,no-memory,around-candidates,apart,brought-designs,files,captures,piped,version-of-candidates}.test.ts',
      'packages/runner/test/capture-kinds.test.ts',
      'harness/test/{registry,tokens,seeds,reference}.test.ts',
    ],
    near: [
      'packages/runner/test/{catches,constants,rest,remembered,words-of-candidates,services,foreign-words,hidden,tape,no-memory,around-candidates,apart,brought-designs,files,captures,piped,version-of-candidates}.test.ts',
    ],
    aim: null,
  },
  core: {
    of: [
      'packages/kernel/src/net/core',
      'packages/kernel/src/lifetime.ts',
      'packages/kernel/src/seam.ts',
    ],
    tests: [
      'packages/kernel/test/{copies-alone,joining-alone,pages-alone,frag-list,ledger}.test.ts',
      'packages/kernel/test/**/*.test.ts',
      OPERATIONS,
      'harness/test/{stories.golden,committed}.test.ts',
    ],
    near: [
      'packages/kernel/test/{copies-alone,joining-alone,pages-alone,frag-list,ledger}.test.ts',
      'packages/kernel/test/*.test.ts',
    ],
    aim: 85,
  },
};

const EXCLUDED = ['StringLiteral'];

/** What the head of this file says. */
const HELP = readFileSync(fileURLToPath(import.meta.url), 'utf8')
  .split('\n')
  .slice(0, 8)
  .map((line) => line.replace(/^\/\/ ?/, ''))
  .join('\n');

const { values, positionals } = flags(() =>
  parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      sample: { type: 'string', default: '150' },
      seed: { type: 'string', default: '1' },
      changed: { type: 'string' },
      near: { type: 'boolean', default: false }, // by the quick tests of its package alone: a lower bound
      seconds: { type: 'string' }, // no longer than so
      concurrency: { type: 'string', default: '2' },
      out: { type: 'string' },
      merge: { type: 'string' }, // run nothing: put what is in these directories together
    },
  }),
);
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const number = (name) => {
  const n = Number(values[name]);
  if (!Number.isSafeInteger(n) || n < 0)
    fail(`--${name} ${values[name]} is no whole number from 0 on`);
  return n;
};
const [sample, seed, concurrency] = [number('sample'), number('seed'), number('concurrency')];
const seconds = values.seconds === undefined ? null : number('seconds');
for (const dir of values.merge?.split(',') ?? [])
  if (!existsSync(join(dir, 'mutation.json'))) fail(`--merge: there is no ${dir}/mutation.json`);

const COMMAND = `npm run mutate -- ${process.argv
  .slice(2)
  .filter((word, i, words) => word !== '--out' && words[i - 1] !== '--out')
  .join(' ')}`.trim();

/** Flags that there are not are misuse. */
function flags(parse) {
  try {
    return parse();
  } catch (error) {
    fail(`${error.message.split('. ')[0]}; npm run mutate -- --help has what there is`);
  }
}

function fail(text) {
  process.stderr.write(`mutate: ${text}\n`);
  process.exit(2);
}

/** Files below `path`. */
function sources(path) {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(join(ROOT, path), { recursive: true })
    .filter((name) => String(name).endsWith('.ts'))
    .map((name) => `${path}/${String(name)}`)
    .sort();
}

/** By group: its files, as far as they are asked for. */
function wanted() {
  const asked = positionals.length === 0 ? Object.keys(GROUPS) : positionals;
  const found = new Map();
  for (const name of asked.map((a) => a.replace(/\/$/, ''))) {
    let hit = false;
    for (const [id, { of }] of Object.entries(GROUPS)) {
      const files = of
        .flatMap(sources)
        .filter((f) => name === id || f === name || f.startsWith(`${name}/`));
      if (files.length === 0) continue;
      hit = true;
      found.set(id, [...new Set([...(found.get(id) ?? []), ...files])]);
    }
    if (!hit)
      fail(`'${name}' is none of ${Object.keys(GROUPS).join(', ')}, and no source of theirs`);
  }
  return found;
}

function git(...args) {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', ROOT, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28, // results change by megabytes
  });
  if (status !== 0) fail(`git ${args[0]}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

/** By file: the lines that are new since the merge base with `base`. */
function changedLines(base) {
  const lines = new Map();
  let file = '';
  for (const line of git(
    'diff',
    '-U0',
    git('merge-base', base, 'HEAD').trim(),
    '--',
    'packages',
  ).split('\n')) {
    if (line.startsWith('+++ ')) file = line.slice(6);
    const hunk = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null) continue;
    const [from, count] = [Number(hunk[1]), Number(hunk[2] ?? 1)];
    const of = lines.get(file) ?? new Set();
    for (let n = from; n < from + count; n++) of.add(n);
    lines.set(file, of);
  }
  return lines;
}

/** All mutants of `files`, as Stryker makes them. */
async function mutantsOf(files) {
  const core = createRequire(
    realpathSync(join(ROOT, 'node_modules/@stryker-mutator/core/package.json')),
  );
  const load = (name) => import(pathToFileURL(core.resolve(name)).href);
  const { Instrumenter } = await load('@stryker-mutator/instrumenter');
  const quiet = { debug() {}, info() {}, isDebugEnabled: () => false };
  const texts = files.map((name) => ({
    name,
    mutate: true,
    content: readFileSync(join(ROOT, name), 'utf8'),
  }));
  const options = { plugins: null, excludedMutations: EXCLUDED, ignorers: [], noHeader: true };
  const { mutants } = await new Instrumenter(quiet).instrument(texts, options);
  return mutants;
}

function drawn(list, count) {
  const prng = new Prng(seed);
  const left = [...list];
  const taken = [];
  while (taken.length < count && left.length > 0)
    taken.push(...left.splice(prng.below(left.length), 1));
  return taken;
}

/** Also how scripts/mutate-sample.mjs tells them. */
const keyOf = (file, { start, end }, replacement) =>
  [file, start.line, start.column, end.line, end.column, replacement].join(' ');

/** A copy as far as the tests need it: its packages lead to each other, what comes from outside is shared. */
function copy() {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-mutate-'));
  const filter = (from) => !/^(node_modules|dist|\.git)$/.test(basename(from));
  for (const name of readdirSync(ROOT))
    if (filter(name) && !name.startsWith('.') && name !== 'results')
      cpSync(join(ROOT, name), join(dir, name), { recursive: true, filter });
  cpSync(join(ROOT, 'results'), join(dir, 'results'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const packages = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`);
  for (const path of [...packages, 'harness', 'strategies']) {
    const modules = join(ROOT, path, 'node_modules');
    if (!existsSync(modules)) continue;
    const to = join(dir, path, 'node_modules');
    mkdirSync(to);
    for (const name of readdirSync(modules)) {
      if (name === '@lastref')
        cpSync(join(modules, name), join(to, name), { recursive: true, verbatimSymlinks: true });
      else symlinkSync(join(modules, name), join(to, name));
    }
  }
  return dir;
}

/** Runs Stryker on the drawn mutants of one group: what it says of each; null: it took too long. */
function tried(id, mutants) {
  const dir = copy();
  try {
    const file = join(dir, 'drawn.json');
    const keys = mutants.map(({ fileName, location, replacement }) =>
      keyOf(fileName, location, replacement),
    );
    writeFileSync(file, JSON.stringify(keys));
    const config = {
      testRunner: 'vitest',
      vitest: { configFile: 'vitest.mutation.config.ts', related: false },
      plugins: ['@stryker-mutator/vitest-runner', './scripts/mutate-sample.mjs'],
      checkers: ['sample'],
      mutate: mutants.map(
        ({ fileName, location: { start, end } }) =>
          `${fileName}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`,
      ),
      mutator: { excludedMutations: EXCLUDED },
      inPlace: true, // it is a copy, and packages find each other by links, which a sandbox would not have
      coverageAnalysis: 'perTest',
      ignoreStatic: true,
      concurrency,
      dryRunTimeoutMinutes: 20,
      timeoutMS: 15_000,
      timeoutFactor: 1.5,
      reporters: ['json', 'progress-append-only'],
      jsonReporter: { fileName: 'mutation.json' },
      tempDirName: 'stryker-tmp',
      allowEmpty: true,
      disableTypeChecks: false,
    };
    writeFileSync(join(dir, 'stryker.config.json'), JSON.stringify(config));
    const ran = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/@stryker-mutator/core/bin/stryker.js'),
        'run',
        'stryker.config.json',
      ],
      {
        cwd: dir,
        stdio: ['ignore', 2, 2],
        ...(seconds === null ? {} : { timeout: seconds * 1000 }),
        env: {
          ...process.env,
          LASTREF_MUTATION_TESTS:
            GROUPS[id][lines === null && !values.near ? 'tests' : 'near'].join(';'),
          LASTREF_DRAWN: file,
        },
      },
    );
    if (ran.error?.code === 'ETIMEDOUT') {
      process.stdout.write(
        `mutate: ${id}: not done within ${seconds} s; npm run mutate -- ${id} takes its time\n`,
      );
      return null;
    }
    if (ran.status !== 0) throw new Error(`stryker ended with ${ran.status ?? ran.signal}`);
    const { files } = JSON.parse(readFileSync(join(dir, 'mutation.json'), 'utf8'));
    return Object.entries(files).flatMap(([name, { mutants: all, source }]) =>
      all
        .filter((m) => m.status !== 'CompileError' && !EXCLUDED.includes(m.mutatorName)) // not drawn
        .map((m) => ({
          file: relative(dir, join(dir, name)),
          line: m.location.start.line,
          mutator: m.mutatorName,
          replacement: m.replacement.replace(/\s+/g, ' ').slice(0, 120),
          code: source.split('\n')[m.location.start.line - 1].trim().slice(0, 120),
          status: m.status,
          reason: m.statusReason ?? null,
        })),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Each entry of the list is about a line that still reads so: else its reason may no longer hold. */
function checkEquivalent() {
  for (const { file, code, reason } of EQUIVALENT) {
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    if (reason === '') fail(`scripts/equivalent/ gives no reason for '${code}' of ${file}`);
    if (!lines.some((line) => line.trim() === code))
      fail(`no line of ${file} reads '${code}' any more: look at scripts/equivalent/ again`);
  }
}

/** Why a mutant that survived changes nothing; undefined: nobody said so. */
function equivalence({ file, code, mutator, replacement, status }) {
  if (!['Survived', 'NoCoverage'].includes(status)) return undefined;
  return EQUIVALENT.find(
    (e) =>
      e.file === file &&
      e.code.slice(0, 120) === code &&
      e.mutator === mutator &&
      e.replacements.includes(replacement),
  )?.reason;
}

function row(id, all, drawn) {
  const tried = drawn.filter(({ status }) => status !== 'RuntimeError'); // with which the engine itself ends: left out, as where nothing compiles
  const equivalent = tried.flatMap((m) => {
    const reason = equivalence(m);
    return reason === undefined ? [] : [{ ...m, reason }];
  });
  const mutants = tried.filter((m) => equivalence(m) === undefined);
  const count = (...of) => mutants.filter((m) => of.includes(m.status)).length;
  const killed = count('Killed', 'Timeout');
  const isStatic = ({ reason }) => reason?.startsWith('Static mutant') === true;
  const survived = count('Survived', 'NoCoverage');
  const interval = killed + survived === 0 ? null : shareInterval(killed, killed + survived);
  return {
    group: id,
    mutants: all,
    drawn: tried.length,
    killed,
    survived,
    uncovered: count('NoCoverage'),
    equivalent,
    static: mutants.filter(isStatic).length,
    disabled: mutants.filter((m) => m.status === 'Ignored' && !isStatic(m)).length,
    score: killed + survived === 0 ? null : Math.round((1000 * killed) / (killed + survived)) / 10,
    interval,
    command: COMMAND,
    tests: GROUPS[id][lines === null && !values.near ? 'tests' : 'near'],
    aim: GROUPS[id].aim,
    survivors: mutants.filter((m) => ['Survived', 'NoCoverage'].includes(m.status)),
  };
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('`', "'");

const reasoned = ({ file, line, code, mutator, replacement, reason }) =>
  `- ${file}:${line}, \`${cell(code)}\`, ${mutator} \`${cell(replacement)}\`: ${reason}`;

function markdown(rows) {
  return [
    '# Mutation testing',
    '',
    'Made by `npm run mutate` with StrykerJS (the command of each group is below): of all mutants of a group so many are drawn by the seed. A score is the share of those that a',
    'test notices (killed, or an endless loop); beside it stands its 95 % interval (Wilson), since it is a sample. Tests are those that call',
    'the sources in their own process; what commands print, which shows more, is not among them.',
    'Not mutated: texts. Static mutants (what runs once, while a module is loaded) and equivalent ones (that change nothing: a list with',
    'reasons, which is looked at again when the line changes) are drawn and left out of the score; one with which the engine itself ends is not counted.',
    '',
    '| group | mutants | drawn | killed | survived | of these no test reaches | equivalent, with reason | static | disabled | score | 95 % | aim |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      (r) =>
        `| ${r.group} | ${r.mutants} | ${r.drawn} | ${r.killed} | ${r.survived} | ${r.uncovered} | ${r.equivalent.length} | ${r.static} | ${r.disabled} | ${r.score} % | ${r.interval === null ? '–' : `${r.interval.low}–${r.interval.high} %`} | ${r.aim === null ? '–' : `${r.aim} %`} |`,
    ),
    '',
    '## Survivors',
    ...rows.flatMap((r) => [
      '',
      `### ${r.group}`,
      '',
      `\`${r.command}\`, by ${r.tests.map((t) => `\`${t}\``).join(', ')}.`,
      '',
      ...(r.survivors.length === 0
        ? ['None.']
        : [
            '| where | line | becomes | |',
            '| --- | --- | --- | --- |',
            ...r.survivors.map(
              (m) =>
                `| ${m.file}:${m.line} | \`${cell(m.code)}\` | ${m.mutator}: \`${cell(m.replacement)}\` | ${m.status === 'NoCoverage' ? 'no test reaches it' : ''} |`,
            ),
          ]),
      ...(r.equivalent.length === 0 ? [] : ['', 'Equivalent:', '', ...r.equivalent.map(reasoned)]),
    ]),
    '',
  ].join('\n');
}

checkEquivalent();
const lines = values.changed === undefined ? null : changedLines(values.changed);
const rows = [];
let asked = [];
for (const dir of values.merge?.split(',') ?? [])
  for (const read of JSON.parse(readFileSync(join(dir, 'mutation.json'), 'utf8')).rows) {
    const there = rows.findIndex((one) => one.group === read.group);
    if (there < 0) rows.push(read);
    else rows[there] = read;
  }
for (const [id, files] of values.merge === undefined ? wanted() : []) {
  const of = lines === null ? files : files.filter((f) => lines.has(f));
  const all = (of.length === 0 ? [] : await mutantsOf(of)).filter(
    ({ fileName, location }) => lines === null || lines.get(fileName).has(location.start.line + 1),
  );
  if (all.length > 0) asked.push([id, all]);
}
if (lines !== null) asked = drawn(asked, 1);
for (const [id, all] of asked) {
  const chosen = drawn(all, sample);
  process.stderr.write(`mutate: ${id}: ${chosen.length} of ${all.length} mutants, seed ${seed}\n`);
  const told = tried(id, chosen);
  if (told === null) process.exit();
  rows.push(row(id, all.length, told));
}
if (rows.length === 0) {
  process.stdout.write('mutate: nothing that is mutated has changed\n');
} else {
  if (values.out !== undefined) {
    const content = { schema: 'lastref.mutation/1', rows };
    const doc = { ...content, digest: digestOfDocument(content) };
    writeTogether(values.out, [
      { name: 'mutation.json', data: `${JSON.stringify(doc, null, 1)}\n` },
      { name: 'mutation.md', data: markdown(rows) },
    ]);
  }
  process.stdout.write(markdown(rows).split('\n').slice(7).join('\n'));
}
