// Exhaustive search of one design on one miniature, as a document.
import { threatOf } from '../threat.ts';
import { IN_THE_WORD, PROPERTIES, type Property, type Verdict } from '@lastref/judge';
import type { Design, Era } from '@lastref/kernel';
import { explore, type Exploration } from '@lastref/search';
import { miniature, type Workload } from '@lastref/workloads';
import { trustedIn } from '../candidates/source.ts';
import { digestOfDocument } from '../digest.ts';
import type { Isolate } from '../isolate.ts';
import { Progress } from '../progress.ts';
import { named, replay } from '../replay/replay.ts';
import { decodeToken, tokenOf } from '../token.ts';
import type { CheckAnswer, CheckAsk } from './question.ts';

/** Explores `workload` with as many operations as the bound says. */
export async function check(
  isolate: Isolate,
  design: Design,
  workload: Workload,
  era: Era,
  ask: CheckAsk,
): Promise<CheckAnswer> {
  const { bound, reduction, property, candidates } = ask;
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
  const played =
    token === null
      ? null
      : (
          await replay(isolate, decodeToken(token), {
            candidates,
            until: undefined,
            capture: undefined,
          })
        ).played;
  const content = {
    schema: 'lastref.check/1' as const,
    ...trustedIn(named(candidates, [design.id])),
    design: design.id,
    workload: input.workload.id,
    era: era.id,
    bound,
    reduction,
    result: found.result,
    reason: found.reason,
    property: found.finding?.property ?? null,
    threat: found.finding === null ? null : threatOf(found.finding.property, input.workload),
    harm: found.finding?.harm ?? null,
    text: found.finding?.text ?? null,
    token,
    steps: played?.doc.steps.slice(-found.steps).map(({ n, text }) => ({ n, text })) ?? [],
    verdicts: verdictsOf(found, property),
    states: found.states,
    executions: found.executions,
    depth: found.depth,
    ends: found.ends,
    cut: found.cut,
    bytes: found.bytes,
  };
  return { doc: { ...content, seconds, digest: digestOfDocument(content) }, played };
}

/** A property holds within the bound only if every state was visited and some run could have refuted it. */
function verdictsOf(found: Exploration, wanted: Property | undefined): Record<Property, Verdict> {
  const verdicts = {} as Record<Property, Verdict>;
  for (const property of PROPERTIES) {
    const asked = wanted === undefined ? IN_THE_WORD.includes(property) : wanted === property;
    const holds = found.result === 'exhausted' && asked && found.exercised.has(property);
    verdicts[property] = holds ? 'holds' : 'not-exercised';
  }
  if (found.finding !== null) verdicts[found.finding.property] = 'refuted';
  return verdicts;
}
