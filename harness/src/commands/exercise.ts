import { Command } from '@commander-js/extra-typings';
import { EXERCISES, writeExercise } from '@lastref/bugs';
import { question } from '@lastref/bugs/exercise';
import { exerciseText, exercisesText, taskText } from '@lastref/report/text/exercise';
import { FINDS, cellsOfExercise } from '@lastref/report/ci';
import { UsageError, absolute, find, pose, sourceOf } from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import pc from 'picocolors';
import { hint, typed, type Together } from '@lastref/runner/typed';
import { house } from '../house.ts';
import { JUDGING, Outcome, judging } from './outcome.ts';
import { show } from './say.ts';
import { together } from './together.ts';

type ExerciseFlags = ReturnType<typeof command.opts>;

async function exerciseCommand(id: string | undefined, flags: ExerciseFlags): Promise<void> {
  const { with: file } = flags;
  const outcome = new Outcome({ ...flags, with: file === undefined ? [] : [file] }, FINDS.exercise);
  if (id === undefined && (file ?? flags.out) !== undefined)
    throw new UsageError(`which exercise? ${EXERCISES.map((e) => e.wrong.id).join(', ')}`);
  if (id === undefined) {
    const take = hint('exercise', EXERCISES[0]!.wrong.id);
    process.stdout.write(`${exercisesText(EXERCISES, pc, take)}\n`);
    return;
  }
  const exercise = find('exercise', EXERCISES, (e) => e.wrong.id, id);
  if (file === undefined) {
    const there = absolute(flags.out ?? `${id}.ts`);
    writeExercise(exercise, there);
    const grade = hint('exercise', id, '--with', typed(there));
    process.stdout.write(`${taskText(exercise, pc, typed(there), grade)}\n`);
    return;
  }
  const { candidates } = await knownDesigns(house, { with: [file] }, { next: question });
  const source = sourceOf(candidates[0]!);
  outcome.brings(candidates);
  const doc = await pose(house, question, { exercise: id, source });
  show(flags, doc, () => exerciseText(doc, pc, (token) => hint('replay', token, '--with', file)));
  outcome.tell(cellsOfExercise(doc));
}

export const command = judging(
  new Command('exercise')
    .description('six wrong designs to repair: writes one, and grades its repair')
    .argument('[id]', 'which (default: lists them)')
    .option('--out <file>', 'where the wrong design goes (default: its name, in this directory)')
    .option('--with <file>', 'the repair to grade'),
)
  .option('--json', 'print the grading as one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref exercise
  lastref exercise repair-copies --out my-repair.ts
  lastref exercise repair-copies --with my-repair.ts`,
  );

/** A grading is what has an outcome. */
const ofGrading = Object.fromEntries(['--json', ...JUDGING].map((flag) => [flag, ['--with']]));
const TOGETHER: Together = { needs: ofGrading, apart: { '--out': ['--with'] } };

command.hook('preAction', together(TOGETHER)).action(exerciseCommand);
