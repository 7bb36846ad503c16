// All bugs of the catalog, a cell each: found in the wrong version, looked for in the fixed one.
import { basename } from 'node:path';
import type { BugRow, BugsDocument } from '@lastref/report';
import {
  UsageError,
  decodeToken,
  digestOfDocument,
  tokenOf,
  type Brought,
  type Isolate,
  type Question,
} from '@lastref/runner';
import { designsOf, replay } from '@lastref/runner/replay';
import { BUGS } from './catalog/index.ts';
import { bugDesigns } from './designs.ts';
import { ownWorkloads } from './ground.ts';
import { boundOf, cleanRuns, hunt, huntForOthers, lastSteps, playedOn, type Seen } from './hunt.ts';
import type { Bug } from './bug.ts';
import { MISSING } from './missing.ts';
import { bugIn, knownBugs, thrownIn } from './own.ts';

export interface BugsPlan {
  /** By id, in the order of the catalog. */
  readonly bugs: readonly string[];
  /** Those of a user's own, behind them. */
  readonly own: readonly Brought[];
}

export interface BugsAsk {
  /** Its id, or the file that has it. */
  readonly bug: string | Brought;
}

export const question: Question<BugsPlan, BugsAsk, BugRow, BugsDocument> = {
  kind: 'bugs',
  brief: true,
  endless: true,
  asks: ({ bugs, own }) => [...bugs, ...own].map((bug) => ({ bug })),
  sources: () => [],
  cells: ({ bug }) => [typeof bug === 'string' ? bug : basename(bug.file)],
  when: () => '',
  design: ({ bug }) => (typeof bug === 'string' ? named(bug).wrong.design.id : 'a bug'),
  about: ({ id }) => id,
  answer: ({ bug }, _cell, isolate) =>
    typeof bug === 'string' ? rowOf(named(bug), isolate) : rowOfOwn(bug, isolate),
  async brings(brought) {
    await bugIn(brought);
  },
  merge({ bugs }, answers) {
    const own = answers.filter(({ id }) => !bugs.includes(id));
    const rows = [...bugs.map((id) => answers.find((row) => row.id === id)!), ...own];
    const timeless = rows.map(({ seconds: _, ...row }) => row);
    const schema = 'lastref.bugs/1' as const;
    const missing = [...MISSING];
    return { schema, rows, missing, digest: digestOfDocument({ schema, rows: timeless, missing }) };
  },
  workloads: () =>
    knownBugs().flatMap(({ on, wrong, fixed }) => [
      ...ownWorkloads(on),
      ...ownWorkloads(wrong.on ?? []),
      ...ownWorkloads(fixed.on ?? []),
    ]),
  designs: bugDesigns,
};

function named(id: string): Bug {
  return BUGS.find((bug) => bug.id === id)!;
}

/** What its code throws is the user's to mend. */
async function rowOfOwn(brought: Brought, isolate: Isolate): Promise<BugRow> {
  const bug = await bugIn(brought);
  try {
    const row = await rowOf(bug, isolate);
    return { ...row, fixed: { ...row.fixed, also: alsoIn(bug, row) } };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const name = basename(brought.file);
    throw new UsageError(`${name}: ${thrownIn(name, error)}`, { cause: error });
  }
}

/** Another bug that a fix has brought, or has left without a word. */
function alsoIn(bug: Bug, { fixed }: BugRow): BugRow['fixed']['also'] {
  if (fixed.result !== 'exhausted' || bug.left !== undefined) return null;
  const { found } = huntForOthers(bug, bug.fixed);
  if (found === null) return null;
  const { property, harm, text } = found.finding;
  return { property, harm, text };
}

async function rowOf(bug: Bug, isolate: Isolate): Promise<BugRow> {
  const began = process.hrtime.bigint();
  const wrong = hunt(bug, bug.wrong);
  const fixed = hunt(bug, bug.fixed);
  const { runs, clean } = cleanRuns(bug, bug.wrong);
  const { token, steps } = await story(wrong, isolate);
  const { id, title, year, where, source, kind, property } = bug;
  return {
    id,
    title,
    year,
    where,
    source,
    kind,
    property,
    on: playedOn(bug, bug.wrong).map((w) => w.id),
    bound: boundOf(bug),
    wrong: {
      design: bug.wrong.design.id,
      era: bug.wrong.era,
      result: wrong.result,
      harm: wrong.found?.finding.harm ?? null,
      text: wrong.found?.finding.text ?? null,
      steps,
      token,
      states: wrong.states,
    },
    fixed: {
      design: bug.fixed.design.id,
      era: bug.fixed.era,
      on: playedOn(bug, bug.fixed).map((w) => w.id),
      result: fixed.result,
      reason: fixed.reason,
      states: fixed.states,
      also: null, // the card says so, and a test holds it to that
    },
    runs,
    clean,
    seconds: Number(process.hrtime.bigint() - began) / 1e9,
  };
}

/** The shortest run, as a token and in words. */
async function story(
  { found }: Seen,
  isolate: Isolate,
): Promise<{ readonly token: string | null; readonly steps: { n: number; text: string }[] }> {
  if (found === null) return { token: null, steps: [] };
  bugDesigns(await designsOf(isolate, [])); // a token has a digest of the design's code
  const token = tokenOf(found.input, found.trace);
  const options = { candidates: [], until: undefined, capture: undefined };
  const { played } = await replay(isolate, decodeToken(token), options);
  return { token, steps: lastSteps(played.doc.steps, found.steps) };
}
