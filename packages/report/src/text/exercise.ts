// Wrong designs to repair, for who repairs one: what there is, what is to be done, what became of it.
import type { ExerciseDocument } from '../bugs.ts';
import type { Paint } from '../tables.ts';
import type { Replay } from '../words.ts';

/** What a reader is told of an exercise. */
export interface Task {
  readonly wrong: { readonly id: string; readonly summary: string };
  readonly title: string;
  readonly hint: string;
}

/** `take`: the command that takes the first. */
export function exercisesText(all: readonly Task[], paint: Paint, take: string): string {
  return [
    paint.bold('Six wrong designs to repair'),
    ...all.map((e) => `  ${e.wrong.id.padEnd(24)}${e.title}`),
    '',
    `Take one: ${take}`,
  ].join('\n');
}

/** `file`: where the wrong design was written; `grade`: the command that grades its repair. */
export function taskText(
  { wrong, title, hint }: Task,
  paint: Paint,
  file: string,
  grade: string,
): string {
  return [
    paint.bold(title),
    `${wrong.summary} It is wrong: find out where, and repair it. A repair tells when the last reader is gone,`,
    'always and once, and copies nothing more than before.',
    `Something to think about: ${hint}`,
    '',
    `Written: ${file}`,
    `Graded by: ${grade}`,
  ].join('\n');
}

export function exerciseText(doc: ExerciseDocument, paint: Paint, replay: Replay): string {
  const out = doc.marks.flatMap((m) => [
    `${m.passed ? paint.green('passed') : paint.red('failed')}  ${m.what}: ${m.why}`,
    ...m.steps.map(({ n, text }) => `${String(n).padStart(10)}  ${text}`),
    ...(m.token === null ? [] : [`          ${replay(m.token)}`]),
  ]);
  const good = doc.marks.filter((m) => m.passed).length;
  const word = doc.passed ? paint.green('repaired') : paint.red('not repaired yet');
  return [...out, `${doc.design}: ${word}, ${good} of ${doc.marks.length}`].join('\n');
}
