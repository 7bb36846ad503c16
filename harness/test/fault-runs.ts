// The fault runs: kill -9 at random moments and at each file operation of commands, and what else may go wrong outside.
// Writes results/faults.json and results/faults.md. Exit code 1 when something did not hold.
// With --only, what is kept in --out of the other commands stays.
//   npm run faults [-- --moments 15 --operations 8 --seed 1 --only compare,bench --out DIR]
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ROOT, digestOfDocument, writeTogether } from '@lastref/runner';
import { ordeal, wrongOf, type Outcome } from './house/ordeals.ts';
import { LAB, SUBJECTS } from './house/subjects.ts';

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '15' },
    operations: { type: 'string' }, // of each command; default: all
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    out: { type: 'string', default: join(ROOT, 'results') },
  },
});
const [moments, seed] = [Number(values.moments), Number(values.seed)];
const operations = values.operations === undefined ? null : Number(values.operations);
const only = values.only?.split(',');
const chosen = [...SUBJECTS, ...(LAB === null ? [] : [LAB])].filter(
  ({ id }) => only === undefined || only.includes(id),
);

function markdown(rows: readonly Outcome[], command: string): string {
  const killed = rows.reduce((n, r) => n + r.moments.kills, 0);
  const stepped = rows.reduce((n, r) => n + r.operations.kills, 0);
  const wrong = rows.flatMap(wrongOf);
  const faults = ['full disk', 'not writable', 'closed output', 'clock jumps', 'two at once'];
  const word = (made: readonly string[] | null | undefined): string =>
    made === undefined ? '–' : made === null ? 'not here' : made.length === 0 ? 'held' : 'GAVE WAY';
  return [
    '# Fault runs',
    '',
    `Made by \`${command}\`: kill -9 at ${killed} random moments and at ${stepped} file operations of ${rows.length} commands with small arguments.`,
    'After each kill every file has to be the old one or the new one, whole, and those of one run together; no process may be',
    'left, and the next run has to end with exit code 0, the same bytes as an undisturbed run, and nothing temporary left over.',
    'Every second kill leaves the processes alone that the command had started.',
    '',
    wrong.length === 0 ? '**Everything held.**' : `**${wrong.length} gave way:**`,
    ...(wrong.length === 0 ? [] : ['', ...wrong.map((line) => `- ${line.replaceAll('\n', ' ')}`)]),
    '',
    '## Kills',
    '',
    'old: nothing new was there yet; part: some lines of the journal; whole: all was. Settled: between the first name and the last, which the next reader or run ends.',
    '',
    '| command | undisturbed | at | kills | old | part | whole | of these settled | left something temporary | gave way |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.flatMap((r) =>
      [
        ['random moments', r.moments] as const,
        [`file operations (of ${r.steps})`, r.operations] as const,
      ]
        .filter(([, k]) => k.kills > 0)
        .map(
          ([at, k]) =>
            `| ${r.id} | ${(r.ms / 1000).toFixed(1)} s | ${at} | ${k.kills} | ${k.old} | ${k.part} | ${k.whole} | ${k.settled} | ${k.litter} | ${k.wrong.length} |`,
        ),
    ),
    '',
    '## Other faults',
    '',
    `| command | ${faults.join(' | ')} |`,
    `| --- |${' --- |'.repeat(faults.length)}`,
    ...rows.map((r) => `| ${r.id} | ${faults.map((f) => word(r.faults[f])).join(' | ')} |`),
    '',
    'Full disk: a disk of memory with less room than the new files need beside the old: exit code 3, one line, the old files; with room again, the',
    'next run ends well. Not writable: a file in place of the directory, and a disk mounted for reading: exit code 3 and one line, before any work. Closed output: the reader goes after the first bytes.',
    'Clock jumps: each look at the clock is an hour off, forth and back. Two at once: two runs with different arguments in one directory; the files are those of one of them,',
    'and of two campaigns one is sent away.',
    '',
    LAB === null
      ? '`lab` with a kernel in QEMU was left out: QEMU, or what is fetched of a kernel, is not here.\n'
      : '',
  ].join('\n');
}

/** Of the commands that are not asked for, in the order of all. */
function withKept(made: readonly Outcome[]): readonly Outcome[] {
  const file = join(values.out, 'faults.json');
  if (only === undefined || !existsSync(file)) return made;
  const { rows: kept } = JSON.parse(readFileSync(file, 'utf8')) as { rows: Outcome[] };
  const all = [...kept.filter((row) => !made.some((m) => m.id === row.id)), ...made];
  const ids = [...SUBJECTS.map((s) => s.id), 'lab'];
  return all.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

function keep(now: readonly Outcome[]): void {
  const made = withKept(now);
  const whole = [
    `npm run faults -- --moments ${moments}`,
    ...(operations === null ? [] : [`--operations ${operations}`]),
    `--seed ${seed}`,
  ].join(' ');
  const command =
    only === undefined
      ? whole
      : 'npm run faults (in parts, with --only; the kills of each are in its row)';
  const content = { schema: 'lastref.faults/1', command, seed, rows: made };
  const doc = { ...content, digest: digestOfDocument(content) };
  writeTogether(values.out, [
    { name: 'faults.json', data: `${JSON.stringify(doc, null, 1)}\n` },
    { name: 'faults.md', data: markdown(made, command) },
  ]);
}

const rows: Outcome[] = [];
for (const subject of chosen) {
  const isLab = subject === LAB;
  const draw = {
    seed,
    moments: isLab ? Math.ceil(moments / 3) : moments,
    operations: isLab ? 3 : operations,
    rest: !isLab,
  };
  rows.push(await ordeal(subject, draw, (line) => process.stderr.write(`faults: ${line}\n`)));
  keep(rows); // as far as it is: it takes its time
}
keep(rows);
const wrong = rows.flatMap(wrongOf);
process.stdout.write(wrong.length === 0 ? 'everything held\n' : `${wrong.join('\n')}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
