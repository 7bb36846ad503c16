import { Command } from '@commander-js/extra-typings';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { EXERCISES, type Exercise } from '@lastref/bugs';
import { question } from '@lastref/bugs/exercise';
import type { ExerciseDocument } from '@lastref/report';
import {
  UsageError,
  absolute,
  find,
  pose,
  sourceOf,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import pc from 'picocolors';
import { house } from '../house.ts';
import { sayDocument, sayText } from './say.ts';
import { hint, typed } from './hint.ts';

interface ExerciseFlags {
  readonly with?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

async function exerciseCommand(id: string | undefined, flags: ExerciseFlags): Promise<void> {
  if (id === undefined) {
    process.stdout.write(`${all().join('\n')}\n`);
    return;
  }
  const exercise = find('exercise', EXERCISES, (e) => e.wrong.id, id);
  if (flags.with === undefined) {
    process.stdout.write(`${task(exercise, written(exercise, flags.out)).join('\n')}\n`);
    return;
  }
  const { candidates } = await knownDesigns(house, [flags.with]);
  const source = sourceOf(candidates[0]!);
  const doc = await pose(house, question, { exercise: id, source });
  if (flags.json === true) sayDocument(doc);
  else sayText(marks(doc, flags.with).join('\n'));
}

function all(): string[] {
  return [
    pc.bold('Six wrong designs to repair'),
    ...EXERCISES.map((e) => `  ${e.wrong.id.padEnd(24)}${e.title}`),
    '',
    `Take one: ${hint('exercise', EXERCISES[0]!.wrong.id)}`,
  ];
}

/** Writes the wrong design to `out`, beside nothing; where it is now, as one would type it. */
function written({ wrong }: Exercise, out: string | undefined): string {
  const file = absolute(out ?? `${wrong.id}.ts`);
  if (existsSync(file))
    throw new UsageError(
      `${file} is there already, and is left as it is; --out takes another name`,
    );
  tryDirectory(dirname(file));
  const from = import.meta.resolve('@lastref/bugs');
  const text = readFileSync(new URL(`../src/exercises/${wrong.id}.ts`, from), 'utf8');
  const data = text.replace(`id: '${wrong.id}'`, `id: 'my-${wrong.id}'`);
  writeTogether(dirname(file), [{ name: basename(file), data }], { anew: true });
  return typed(file);
}

function task({ wrong, title, hint: idea }: Exercise, file: string): string[] {
  return [
    pc.bold(title),
    `${wrong.summary} It is wrong: find out where, and repair it. A repair tells when the last reader is gone,`,
    'always and once, and copies nothing more than before.',
    `Something to think about: ${idea}`,
    '',
    `Written: ${file}`,
    `Graded by: ${hint('exercise', wrong.id, '--with', file)}`,
  ];
}

function marks(doc: ExerciseDocument, file: string): string[] {
  const out = doc.marks.flatMap((m) => [
    `${m.passed ? pc.green('passed') : pc.red('failed')}  ${m.what}: ${m.why}`,
    ...m.steps.map(({ n, text }) => `${String(n).padStart(10)}  ${text}`),
    ...(m.token === null ? [] : [`          ${hint('replay', m.token, '--with', file)}`]),
  ]);
  const good = doc.marks.filter((m) => m.passed).length;
  const word = doc.passed ? pc.green('repaired') : pc.red('not repaired yet');
  return [...out, `${doc.design}: ${word}, ${good} of ${doc.marks.length}`];
}

export const command = new Command('exercise')
  .description('six wrong designs to repair: writes one, and grades its repair')
  .argument('[id]', 'which (default: lists them)')
  .option('--out <file>', 'where the wrong design goes (default: its name, in this directory)')
  .option('--with <file>', 'the repair to grade')
  .option('--json', 'print the grading as one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref exercise
  lastref exercise repair-copies --out my-repair.ts
  lastref exercise repair-copies --with my-repair.ts`,
  )
  .action(exerciseCommand);
