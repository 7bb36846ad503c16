// Exhaustive search of one design on one miniature, as a document.
import { PROPERTIES, type Property, type Verdict } from '@lastref/judge';
import type { Design, Era } from '@lastref/kernel';
import type { CheckDocument } from '@lastref/report';
import { explore, type Bound, type Exploration } from '@lastref/search';
import { miniature, type Workload } from '@lastref/workloads';
import { digestOfDocument } from './compare.ts';
import { Progress } from './progress.ts';
import type { DesignFile } from './registry.ts';
import { replay, type Replay } from './replay.ts';
import { decodeToken, tokenOf } from './token.ts';

export interface CheckOptions {
  readonly bound: Bound;
  readonly reduction: boolean;
  readonly property: Property | undefined;
  /** Candidates, for the story of a finding. */
  readonly extra: readonly DesignFile[];
}

export interface Checked {
  readonly doc: CheckDocument;
  /** The counterexample, played once more. */
  readonly story: Replay | null;
}

/** Explores `workload` with as many operations as the bound says. */
export async function check(
  design: Design,
  workload: Workload,
  era: Era,
  options: CheckOptions,
): Promise<Checked> {
  const { bound, reduction, property } = options;
  const input = { design, workload: miniature(workload, bound.operations), era, seed: 1 };
  const progress = new Progress(`check ${design.id} ${input.workload.id}`);
  const began = process.hrtime.bigint();
  const found = explore(input, {
    bound,
    reduction,
    ...(property === undefined ? {} : { property }),
    onProgress(states, waiting, depth) {
      progress.note(`${states} states, ${waiting} of them waiting, depth ${depth}`);
      return false;
    },
  });
  progress.end();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const token = found.trace === null ? null : tokenOf(input, found.trace);
  const story =
    token === null
      ? null
      : await replay(decodeToken(token), {
          until: undefined,
          capture: undefined,
          extra: options.extra,
        });
  const content = {
    schema: 'lastref.check/1' as const,
    design: design.id,
    workload: input.workload.id,
    era: era.id,
    bound,
    reduction,
    result: found.result,
    property: found.finding?.property ?? null,
    harm: found.finding?.harm ?? null,
    text: found.finding?.text ?? null,
    token,
    steps: story?.doc.steps.slice(-found.steps).map(({ n, text }) => ({ n, text })) ?? [],
    verdicts: verdictsOf(found, property),
    states: found.states,
    executions: found.executions,
    depth: found.depth,
    ends: found.ends,
    cut: found.cut,
    bytes: found.bytes,
  };
  return { doc: { ...content, seconds, digest: digestOfDocument(content) }, story };
}

/** A property holds within the bound only if every state was visited and some run could have refuted it. */
function verdictsOf(found: Exploration, wanted: Property | undefined): Record<Property, Verdict> {
  const verdicts = {} as Record<Property, Verdict>;
  for (const property of PROPERTIES) {
    const asked = wanted === undefined || wanted === property;
    const holds = found.result === 'exhausted' && asked && found.exercised.has(property);
    verdicts[property] = holds ? 'holds' : 'not-exercised';
  }
  if (found.finding !== null) verdicts[found.finding.property] = 'refuted';
  return verdicts;
}
