// All bugs of the catalog, a cell each: found in the wrong version, looked for in the fixed one.
import type { BugRow, BugsDocument } from '@lastref/report';
import {
  decodeToken,
  digestOfDocument,
  tokenOf,
  type Isolate,
  type Question,
} from '@lastref/runner';
import { designsOf, replay } from '@lastref/runner/replay';
import { BUGS } from './catalog/index.ts';
import { bugDesigns } from './designs.ts';
import { ownWorkloads } from './ground.ts';
import { boundOf, cleanRuns, hunt, lastSteps, playedOn, type Seen } from './hunt.ts';
import type { Bug } from './bug.ts';
import { MISSING } from './missing.ts';

export interface BugsPlan {
  /** By id, in the order of the catalog. */
  readonly bugs: readonly string[];
}

export interface BugsAsk {
  readonly bug: string;
}

export const question: Question<BugsPlan, BugsAsk, BugRow, BugsDocument> = {
  kind: 'bugs',
  brief: true,
  endless: true,
  asks: ({ bugs }) => bugs.map((bug) => ({ bug })),
  sources: () => [],
  cells: (ask) => [ask.bug],
  when: () => '',
  design: ({ bug }) => named(bug).wrong.design.id,
  about: ({ id }) => id,
  answer: ({ bug }, _cell, isolate) => rowOf(named(bug), isolate),
  merge({ bugs }, answers) {
    const rows = bugs.map((id) => answers.find((row) => row.id === id)!);
    const timeless = rows.map(({ seconds: _, ...row }) => row);
    const schema = 'lastref.bugs/1' as const;
    const missing = [...MISSING];
    return { schema, rows, missing, digest: digestOfDocument({ schema, rows: timeless, missing }) };
  },
  workloads: () =>
    BUGS.flatMap(({ on, wrong, fixed }) => [
      ...ownWorkloads(on),
      ...ownWorkloads(wrong.on ?? []),
      ...ownWorkloads(fixed.on ?? []),
    ]),
  designs: bugDesigns,
};

function named(id: string): Bug {
  return BUGS.find((bug) => bug.id === id)!;
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
