// What a search of every order came to, for a terminal.
import { IN_THE_WORD, PROPERTIES } from '@lastref/judge';
import type { CheckDocument } from '../document.ts';
import type { Paint } from '../tables.ts';
import { many, threatText, type Replay } from '../words.ts';
import { storyLines, type Played } from './replay.ts';

export interface CheckTold {
  /** In the story every step, not only those that touch the loan of the finding. */
  readonly all: boolean;
  /** A bound in words. */
  readonly boundText: (bound: CheckDocument['bound']) => string;
  /** How likely it is that two of the states had one fingerprint. */
  readonly collision: number;
  readonly replay: Replay;
}

/** What was found, with its story, or what was exhausted. `played`: the counterexample; null: there is none. */
export function checkText(
  { doc, played }: { readonly doc: CheckDocument; readonly played: Played | null },
  paint: Paint,
  { all, boundText, collision, replay }: CheckTold,
): string {
  const scope = `Scope: every order of the steps of ${doc.workload}, era ${doc.era}, from the first page lent on: ${boundText(doc.bound)}${doc.reduction ? '; orders that cannot matter left out' : ''}.`;
  const work = workText(doc);
  const out = [paint.bold(`${doc.design} on ${doc.workload}: ${headline(doc)}`)];
  if (doc.token !== null) out.push(...storyLines(played!, all), `  ${replay(doc.token)}`);
  out.push(work);
  if (doc.result === 'exhausted') {
    const holds = PROPERTIES.filter((p) => doc.verdicts[p] === 'holds');
    const not = IN_THE_WORD.filter((p) => doc.verdicts[p] !== 'holds');
    if (holds.length > 0) out.push(`Holds in every state: ${holds.join(', ')}.`);
    if (not.length > 0) out.push(`Nothing here could have refuted: ${not.join(', ')}.`);
    out.push(
      `${many(doc.ends, 'state')} with nothing left to do.`,
      `Chance that two of the states had one fingerprint: ${collision.toExponential(0)}.`,
    );
  }
  if (doc.cut > 0)
    out.push(
      `${many(doc.cut, 'state')} where only the bound kept a timer from firing or a wire from taking more: what comes after is not claimed.`,
    );
  out.push(scope);
  out.push(...otherScopes(doc));
  return out.join('\n');
}

/**
 * What else was searched, to its end or not, and says more than the scope that is told of: of a proof what is not within it, of
 * a finding or a doubt what was exhausted before.
 */
function otherScopes({ bound: told, result: word, scopes = [] }: CheckDocument): string[] {
  const proven = word === 'exhausted';
  return scopes
    .filter(({ bound: b, result }) =>
      proven
        ? b.operations > told.operations || b.failures > told.failures
        : result === 'exhausted' || (result === 'bound-reached' && word !== 'bound-reached'),
    )
    .map(({ bound: { operations, failures }, result, states }) => {
      const which = `${many(operations, 'operation')}, ${many(failures, 'failure')}`;
      return result === 'exhausted'
        ? `Exhausted${proven ? ' too' : ''}: ${which} (${many(states, 'state')}).`
        : `Not searched to its end, and not claimed: ${which}; nothing found in the first ${many(states, 'state')} (--operations ${operations} --failures ${failures} asks for that alone).`;
    });
}

/** What was searched, and how long that took: figures and seconds of one pass, and beside it what the others took. */
function workText(doc: CheckDocument): string {
  const { states, executions, depth, bytes, shortest, passes = [] } = doc;
  const seconds = passes.find((p) => p.counted)?.seconds ?? doc.seconds;
  const text = `${many(states, 'state')}, ${many(executions, 'step')} executed, depth ${depth}, ${seconds.toFixed(1)} s (${Math.round(executions / seconds)} steps/s), ${(bytes / 1e6).toFixed(1)} MB of tables`;
  const others = passes.filter((p) => !p.counted);
  const elsewhere = doc.seconds - passes.reduce((n, p) => n + p.seconds, 0);
  const scopes = (doc.scopes?.length ?? 1) - 1;
  const aside = scopes === 0 ? '' : `; ${elsewhere.toFixed(1)} s in ${many(scopes, 'other scope')}`;
  if (others.length === 0) return text + aside;
  const visited = others.reduce((n, p) => n + p.states, 0);
  const spent = others.reduce((n, p) => n + p.seconds, 0);
  const which =
    shortest === true ? 'in the pass for the shortest run' : 'in the pass that found it';
  const size = visited < REPORTED ? '' : `, ${visited} states or more`;
  const rest = `${others.length} other ${others.length === 1 ? 'pass' : 'passes'}`;
  return `${text}, ${which}; ${spent.toFixed(1)} s in ${rest}${size}${aside}`;
}

/** A search says how many states it has each time that there are so many more. */
const REPORTED = 256;

function headline(doc: CheckDocument): string {
  if (doc.result === 'exhausted') return 'exhausted, nothing found';
  if (doc.result === 'bound-reached')
    return 'nothing found so far: the search ended before all states were visited (raise --states, --steps or --seconds)';
  if (doc.result === 'not-a-proof') return `nothing found, and not a proof: ${doc.reason}`;
  return `refuted, ${doc.property!} (${doc.harm!}; ${threatText(doc.threat!)}), in ${many(doc.steps.length, 'step')}${doc.shortest === true ? '' : ', not the fewest'}`;
}
