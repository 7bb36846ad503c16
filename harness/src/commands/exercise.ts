import { Command } from '@commander-js/extra-typings';
import { EXERCISES, writeExercise } from '@lastref/bugs';
import { question } from '@lastref/bugs/exercise';
import { exerciseText, exercisesText, taskText } from '@lastref/report/text/exercise';
import { absolute, find, pose, sourceOf } from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import pc from 'picocolors';
import { house } from '../house.ts';
import { hint, typed } from './hint.ts';
import { show } from './say.ts';

type ExerciseFlags = ReturnType<typeof command.opts>;

async function exerciseCommand(id: string | undefined, flags: ExerciseFlags): Promise<void> {
  if (id === undefined) {
    const take = hint('exercise', EXERCISES[0]!.wrong.id);
    process.stdout.write(`${exercisesText(EXERCISES, pc, take)}\n`);
    return;
  }
  const exercise = find('exercise', EXERCISES, (e) => e.wrong.id, id);
  if (flags.with === undefined) {
    const file = absolute(flags.out ?? `${id}.ts`);
    writeExercise(exercise, file);
    const grade = hint('exercise', id, '--with', typed(file));
    process.stdout.write(`${taskText(exercise, pc, typed(file), grade)}\n`);
    return;
  }
  const { candidates } = await knownDesigns(house, [flags.with]);
  const source = sourceOf(candidates[0]!);
  const doc = await pose(house, question, { exercise: id, source });
  const { with: file } = flags;
  show(flags, doc, () => exerciseText(doc, pc, (token) => hint('replay', token, '--with', file)));
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
  );

command.action(exerciseCommand);
