// The document of `lastref bugs`: bugs of history, each found by a search in its wrong version, and what the same search
// says of the fixed one.
import { HARMS, PROPERTIES } from '@lastref/judge';
import Table from 'cli-table3';
import { z } from 'zod';
import { boundSchema } from './documents/parts.ts';
import { code, table } from './markup.ts';
import { PLAIN, type Paint } from './tables.ts';
import type { Replay } from './words.ts';

const result = z.enum(['exhausted', 'refuted', 'bound-reached', 'not-a-proof']);

const bugRowSchema = z.object({
  id: z.string(),
  title: z.string(),
  year: z.number().int(),
  where: z.string(),
  source: z.string(),
  kind: z.string(),
  property: z.enum(PROPERTIES),
  /** The workloads that the wrong version is searched on. */
  on: z.array(z.string()),
  bound: boundSchema,
  wrong: z.object({
    design: z.string(),
    era: z.string(),
    result,
    harm: z.enum(HARMS).nullable(),
    text: z.string().nullable(),
    /** Of the shortest run from the first page lent on; a last row that begins with 'the end' is no step. */
    steps: z.array(z.object({ n: z.number().int(), text: z.string() })),
    token: z.string().nullable(),
    states: z.number().int(),
  }),
  fixed: z.object({
    design: z.string(),
    era: z.string(),
    /** And the fixed one: the same, unless it is the program that was mended. */
    on: z.array(z.string()),
    result,
    reason: z.string().nullable(),
    states: z.number().int(),
    /** What is wrong with it instead, of a bug of one's own whose card names nothing that is left. */
    also: z
      .object({ property: z.enum(PROPERTIES), harm: z.enum(HARMS), text: z.string() })
      .nullable(),
  }),
  /** Complete runs of the wrong version at random, and those that show nothing of it. */
  runs: z.number().int(),
  clean: z.number().int(),
  seconds: z.number(),
});

/** `lastref bugs --json` */
export const bugsSchema = z.object({
  schema: z.literal('lastref.bugs/1'),
  rows: z.array(bugRowSchema),
  /** Known, and not to be expressed yet. */
  missing: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      year: z.number().int(),
      where: z.string(),
      source: z.string(),
      /** What would have to be there first. */
      lacks: z.string(),
    }),
  ),
  digest: z.string(),
});
export type BugsDocument = z.infer<typeof bugsSchema>;
export type BugRow = BugsDocument['rows'][number];

/** `lastref exercise ID --with FILE --json` */
export const exerciseSchema = z.object({
  schema: z.literal('lastref.exercise/1'),
  /** The wrong design that is to be repaired. */
  exercise: z.string(),
  design: z.string(),
  passed: z.boolean(),
  /** What a repair has to do: to be found nothing of on each workload, and to copy no more than before. */
  marks: z.array(
    z.object({
      what: z.string(),
      passed: z.boolean(),
      why: z.string(),
      token: z.string().nullable(),
      /** Of the shortest run that shows it. */
      steps: z.array(z.object({ n: z.number().int(), text: z.string() })),
    }),
  ),
  digest: z.string(),
});
export type ExerciseDocument = z.infer<typeof exerciseSchema>;

const FIXED = {
  exhausted: 'exhausted, nothing found',
  refuted: 'found there too',
  'bound-reached': 'nothing found so far',
  'not-a-proof': 'nothing found, not a proof',
} as const;

/** What the search says of the wrong version, and of the fixed one. */
export function bugWords(row: BugRow): { readonly wrong: string; readonly fixed: string } {
  const { property, wrong, fixed } = row;
  const steps = wrong.steps.filter(({ text }) => !text.startsWith('the end;')).length;
  const found =
    wrong.result === 'refuted'
      ? `${property} (${wrong.harm!}) in ${steps} ${steps === 1 ? 'step' : 'steps'}`
      : `not found: ${wrong.result}`;
  const { also } = fixed;
  const instead = also === null ? null : `exhausted, but ${also.property} (${also.harm}) in it`;
  return { wrong: found, fixed: instead ?? FIXED[fixed.result] };
}

/** What the two versions are searched on, each name as `shown`. */
export function playedOn(row: BugRow, shown: (id: string) => string): string {
  const list = (ids: readonly string[]): string => ids.map(shown).join(', ');
  const wrong = list(row.on);
  const fixed = list(row.fixed.on);
  return wrong === fixed ? `Both on ${wrong}` : `On ${wrong}, and the fixed one on ${fixed}`;
}

/** The kernels around the two versions. One for both is no release that has the bug, and may have the fix. */
function kernels({ wrong, fixed }: BugRow): string {
  return wrong.era === fixed.era
    ? `around both is ${wrong.era}, with the bug or without: the versions are what differs`
    : `kernels ${wrong.era} and ${fixed.era}`;
}

/** Random runs that show nothing: how seldom a test meets the bug. */
export function cleanShare({ runs, clean }: BugRow): string {
  return `${((100 * clean) / runs).toFixed(1)} %`;
}

/** Is it as history says: found, and gone behind the fix? */
export function asItWas({ wrong, fixed }: BugRow): boolean {
  return wrong.result === 'refuted' && fixed.result === 'exhausted';
}

export function bugsText(doc: BugsDocument, paint: Paint): string {
  const grid = new Table({
    head: ['bug', 'year', 'wrong version', 'clean runs', 'fixed version', 'seconds'],
    ...PLAIN,
  });
  for (const row of doc.rows) {
    const { wrong, fixed } = bugWords(row);
    grid.push([
      row.id,
      String(row.year),
      row.wrong.result === 'refuted' ? paint.red(wrong) : paint.yellow(wrong),
      cleanShare(row),
      row.fixed.result === 'exhausted' && row.fixed.also === null
        ? paint.green(fixed)
        : paint.red(fixed),
      row.seconds.toFixed(1),
    ]);
  }
  const there = doc.rows.filter(asItWas).length;
  return `${[
    paint.bold(
      'Bugs of history: the wrong version is searched, then the fixed one within the same bound',
    ),
    grid.toString(),
    `${there} of ${doc.rows.length} found, and gone behind the fix. Clean runs: of complete runs of the wrong version at random, those that show nothing.`,
    missingText(doc),
  ].join('\n')}\n`;
}

function missingText({ rows, missing }: BugsDocument): string {
  const ids = missing.map(({ id }) => id).join(', ');
  return `${missing.length} of ${rows.length + missing.length} are not expressed: ${ids} (docs/bugs.md says what is missing).`;
}

/** What is not in the catalog, and why. */
export function missingTable({ missing }: Pick<BugsDocument, 'missing'>): string {
  return table(
    ['bug', 'year', 'where', 'what', 'what is missing'],
    missing.map(({ id, title, year, where, source, lacks }) => [
      code(id),
      String(year),
      `${where}; ${source}`,
      title,
      lacks,
    ]),
  );
}

/** The table for docs/bugs.md; `page` is the link to a bug's own page. */
export function bugsTable(doc: Pick<BugsDocument, 'rows'>, page: (id: string) => string): string {
  return table(
    ['bug', 'year', 'where', 'what', 'wrong version', 'clean runs', 'fixed version'],
    doc.rows.map((row) => {
      const { wrong, fixed } = bugWords(row);
      return [
        `[${code(row.id)}](${page(row.id)})`,
        String(row.year),
        row.where,
        row.title,
        wrong,
        cleanShare(row),
        fixed,
      ];
    }),
  );
}

/** What is told of a bug beside what was found. */
export interface BugTold {
  readonly mechanism: string;
  readonly fix: string;
  readonly left?: string;
  readonly lesson: string;
}

/** One bug with its story. */
export function bugPage(row: BugRow, bug: BugTold, paint: Paint, replay: Replay): string {
  const { wrong, fixed } = bugWords(row);
  return [
    paint.bold(`${row.id}: ${row.title}`),
    `${row.where}, ${row.year}; ${row.source}`,
    '',
    bug.mechanism,
    `Fix: ${bug.fix}`,
    ...(bug.left === undefined ? [] : [`What is left: ${bug.left}`]),
    bug.lesson,
    '',
    paint.bold(`Wrong version: ${wrong}`),
    ...row.wrong.steps.map(({ n, text }) => `${String(n).padStart(6)}  ${text}`),
    ...(row.wrong.text === null ? [] : [row.wrong.text]),
    ...(row.wrong.token === null ? [] : [`  ${replay(row.wrong.token)}`]),
    `Clean runs: ${cleanShare(row)} of ${row.runs} at random show nothing.`,
    paint.bold(`Fixed version: ${fixed}`),
    ...(row.fixed.also === null ? [] : [row.fixed.also.text]),
    `${playedOn(row, (id) => id)}; ${kernels(row)}.`,
  ].join('\n');
}
