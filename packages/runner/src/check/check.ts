// Exhaustive search of one design on one miniature, as a document.
import { threatOf } from '../threat.ts';
import { IN_THE_WORD, PROPERTIES, type Property, type Verdict } from '@lastref/judge';
import type { Design, Era } from '@lastref/kernel';
import {
  explore,
  widening,
  type Bound,
  type CellInput,
  type Exploration,
  type Searched,
  widestEnded,
} from '@lastref/search';
import { miniature, type Workload } from '@lastref/workloads';
import { trustedIn } from '../candidates/source.ts';
import { digestOfDocument } from '../digest.ts';
import type { Isolate } from '../isolate.ts';
import { Progress } from '../progress.ts';
import { Helper } from './helper.ts';
import { named, replay } from '../replay/replay.ts';
import { decodeToken, tokenOf } from '../token.ts';
import type { CheckDocument } from '@lastref/report';
import type { CheckAnswer, CheckAsk } from './question.ts';

/** Explores `workload` with as many operations as each scope says. */
export async function check(
  isolate: Isolate,
  design: Design,
  workload: Workload,
  era: Era,
  ask: CheckAsk,
): Promise<CheckAnswer> {
  const { reduction, property, candidates, limit } = ask;
  const inputOf = ({ operations }: Bound): CellInput => ({
    design,
    workload: miniature(workload, operations),
    era,
    seed: 1,
  });
  const began = process.hrtime.bigint();
  const passesOf = new Map<Bound, Passes>();
  const searched = widening(ask.scopes, (bound, before) => {
    const input = inputOf(bound);
    const progress = new Progress(`check ${design.id} ${input.workload.id}${wider(bound, before)}`);
    const passes = new Passes(secondsSince(began));
    passesOf.set(bound, passes);
    const helper = before.length === 0 ? helperOf(isolate, ask) : null;
    const found = explore(input, {
      bound,
      reduction,
      help: helper?.begin,
      ...(property === undefined ? {} : { property }),
      onProgress(states, depth) {
        passes.note(states, secondsSince(began));
        progress.note(`${states} states, now ${depth} steps deep`);
        return limit !== undefined && isolate.stage.stops(secondsSince(began) - limit);
      },
    });
    helper?.end();
    progress.end();
    passes.end(secondsSince(began));
    return found;
  });
  const seconds = secondsSince(began);
  const { bound, found } = widestEnded(searched);
  const input = inputOf(bound);
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
  const passes = passesOf.get(bound)!.of(found);
  return { doc: { ...content, depth, bytes, seconds, passes, digest }, played };
}

/** For progress: what a scope has that the first had not. */
function wider(bound: Bound, before: readonly Searched[]): string {
  if (before.length === 0) return '';
  const failures = bound.failures > 0 ? ' with a failure' : '';
  return `${failures}, as nothing was found in less`;
}

/**
 * A search that finds something looks for a shorter run to it, from the start: its figures are those of one look, and time
 * is spent on all. It says now and then how many states it has, and always when a pass begins.
 */
class Passes {
  private readonly all: { states: number; seconds: number }[] = [];
  private began: number;
  private states = 0;

  /** The first begins `at` seconds after the search did. */
  constructor(at: number) {
    this.began = at;
  }

  /** So many states `at` seconds after the search began. */
  note(states: number, at: number): void {
    // the first state of a pass is always said
    if (this.states > 0 && (states < this.states || states === 1)) this.end(at);
    this.states = states;
  }

  /** A pass is over: what it last said of its states is known. */
  end(at: number): void {
    this.all.push({ states: this.states, seconds: at - this.began });
    this.began = at;
    this.states = 0;
  }

  /** Where no shorter run was found, the figures are those of the pass that had so many states, and not of the last. */
  private closestTo(states: number): number {
    const before = this.all.slice(0, -1).map((pass) => Math.abs(pass.states - states));
    return Math.max(0, before.indexOf(Math.min(...before)));
  }

  /** Of a search that found nothing one: a look in between belongs to it. */
  of({ finding, shortest, states }: Exploration): CheckDocument['passes'] {
    const seconds = this.all.reduce((n, pass) => n + pass.seconds, 0);
    if (finding === null) return [{ states, seconds, counted: true }];
    const last = this.all.length - 1;
    const counted = shortest ? last : this.closestTo(states);
    return this.all.map((pass, i) =>
      i === counted ? { ...pass, states, counted: true } : { ...pass, counted: false },
    );
  }
}

/** Two threads, where there are processors for them, and the design is one that each of them has. */
function helperOf(isolate: Isolate, ask: CheckAsk): Helper | null {
  const { design, workload, era, scopes, reduction, property, threads } = ask;
  const [bound] = scopes;
  if (threads < 2 || ask.candidates.length > 0) return null;
  return new Helper(isolate.house, { design, workload, era, bound, reduction, property });
}

function secondsSince(began: bigint): number {
  return Number(process.hrtime.bigint() - began) / 1e9;
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
