// Exhaustive search of one design on one miniature, as a document.
import { threatOf } from '../threat.ts';
import { IN_THE_WORD, PROPERTIES, type Property, type Verdict } from '@lastref/judge';
import { widestEnded, type Exploration } from '@lastref/search';
import { trustedIn } from '../candidates/source.ts';
import { digestOfDocument } from '../digest.ts';
import type { Isolate } from '../isolate.ts';
import { named, replay } from '../replay/replay.ts';
import { decodeToken, tokenOf } from '../token.ts';
import type { CheckAnswer, CheckAsk } from './question.ts';
import { inputOf, secondsSince } from './scoped.ts';
import { ScopeByScope } from './scope-by-scope.ts';
import type { Subject } from './subject.ts';

/** Explores the workload with as many operations as each scope says. */
export async function check(
  isolate: Isolate,
  subject: Subject,
  ask: CheckAsk,
): Promise<CheckAnswer> {
  const { design, era } = subject;
  const { reduction, property, candidates } = ask;
  const began = process.hrtime.bigint();
  const scopes = new ScopeByScope(isolate, subject, ask);
  const searched = await scopes.search();
  const seconds = secondsSince(began);
  const { bound, found } = widestEnded(searched);
  const input = inputOf({ ...subject, bound });
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
    threat:
      found.finding === null ? null : threatOf(found.finding.property, input.workload, design),
    harm: found.finding?.harm ?? null,
    text: found.finding?.text ?? null,
    token,
    shortest: found.finding === null ? null : found.shortest,
    steps: played?.doc.steps.slice(-found.steps).map(({ n, text }) => ({ n, text })) ?? [],
    verdicts: verdictsOf(found, property),
    scopes: searched.map((s) => ({
      bound: s.bound,
      result: s.found.result,
      states: s.found.states,
    })),
    states: found.states,
    executions: found.executions,
    ends: found.ends,
    cut: found.cut,
  };
  // who was where when, which may be another time, too
  const { depth, bytes } = found;
  const digest = digestOfDocument(content);
  const passes = scopes.passesOf(bound);
  return { doc: { ...content, depth, bytes, seconds, passes, digest }, played };
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
