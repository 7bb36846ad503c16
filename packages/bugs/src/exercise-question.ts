// Grades a repair: every order within the bound of what the wrong design failed on.
import type { ExerciseDocument } from '@lastref/report';
import {
  decodeToken,
  digestOfDocument,
  single,
  tokenOf,
  type Isolate,
  type Question,
  type Source,
} from '@lastref/runner';
import { replay } from '@lastref/runner/replay';
import { EXERCISES, grade, type Mark } from './exercise.ts';
import { ownWorkloads } from './ground.ts';
import { lastSteps } from './hunt.ts';

export interface ExerciseAsk {
  /** The id of the wrong design. */
  readonly exercise: string;
  readonly source: Source;
}

export const question: Question<ExerciseAsk, ExerciseAsk, ExerciseDocument, ExerciseDocument> =
  single({
    kind: 'exercise',
    endless: true,
    searches: true,
    sources: (ask) => [ask.source],
    cells: (ask) => [ask.exercise],
    when: () => '',
    async answer({ exercise, source }, _cell, isolate) {
      const one = EXERCISES.find((e) => e.wrong.id === exercise)!;
      const { design, twins } = await isolate.subject(source);
      const marks = [];
      for (const mark of grade(one, design, twins)) marks.push(await told(mark, source, isolate));
      const content = {
        schema: 'lastref.exercise/1' as const,
        exercise,
        design: design.id,
        passed: marks.every((m) => m.passed),
        marks,
      };
      return { ...content, digest: digestOfDocument(content) };
    },
    designs: (known) =>
      EXERCISES.map((e) => e.wrong).filter((d) => !known.some(({ id }) => id === d.id)),
    workloads: () => EXERCISES.flatMap((e) => ownWorkloads(e.on)),
  });

/** The shortest run that shows what is wrong, in words. */
async function told(
  { shown, ...mark }: Mark,
  source: Source,
  isolate: Isolate,
): Promise<ExerciseDocument['marks'][number]> {
  if (shown === null) return { ...mark, token: null, steps: [] };
  const token = tokenOf(shown.input, shown.trace);
  const { played } = await replay(isolate, decodeToken(token), {
    candidates: [source],
    until: undefined,
    capture: undefined,
  });
  return { ...mark, token, steps: lastSteps(played.doc.steps, shown.steps) };
}
