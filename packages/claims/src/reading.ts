// What experiments read off facts.
import { byGravity } from '@lastref/judge';
import { OPERATIONS, existsIn } from '@lastref/operations';
import {
  operation,
  type ClockFacts,
  type FoundFact,
  type OperationFacts,
  type OperationRun,
  type SearchFacts,
} from './run.ts';
import { listOf } from './words.ts';

type Found = { readonly findings: readonly FoundFact[] };

/** Findings of a property, over several runs. */
export function found(facts: readonly Found[], property: string): FoundFact[] {
  return facts.flatMap((f) => f.findings.filter((x) => x.property === property));
}

/** How often. */
export function times(findings: readonly FoundFact[]): number {
  return findings.reduce((n, f) => n + f.count, 0);
}

/** Premature completions by the place of the last reader, most frequent first. */
export function earlyByPlace(facts: readonly Found[]): [string, number][] {
  const places = new Map<string, number>();
  for (const f of found(facts, 'early')) places.set(f.where, (places.get(f.where) ?? 0) + f.count);
  return [...places].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** '12 in the tx ring, 3 in the qdisc'. */
export function placesText(places: readonly (readonly [string, number])[]): string {
  return places.map(([place, n]) => `${n} in the ${place}`).join(', ');
}

/** Ranges that a device or tap read changed, and those that an application did. */
export function changed(facts: readonly Found[]): { wire: number; delivered: number } {
  const corrupt = found(facts, 'corrupt');
  return {
    wire: times(corrupt.filter((f) => f.harm === 'wire')),
    delivered: times(corrupt.filter((f) => f.harm === 'delivered')),
  };
}

/** The token of the gravest finding: delivered before wire before hazard. */
export function gravest(facts: readonly Found[]): string | null {
  const all = facts.flatMap((f) => f.findings);
  const order = ['delivered', 'wire', 'hazard'];
  const worst = [...all].sort((a, b) => order.indexOf(a.harm) - order.indexOf(b.harm))[0];
  return worst?.token ?? null;
}

/** A finding of any property that stands in the word: what stands beside it is no fault of the design. */
export function broken(facts: Found | OperationFacts | SearchFacts): boolean {
  if ('findings' in facts) return facts.findings.length > 0;
  return 'result' in facts ? facts.result === 'refuted' : facts.verdict === 'refuted';
}

/** 'early on bulk-loss and no-sg; lost on ordinary': the gravest of each, in the order of `names`. */
export function faultWords(names: readonly string[], facts: readonly Found[]): string {
  const groups = new Map<string, string[]>();
  names.forEach((name, i) => {
    const [worst] = [...facts[i]!.findings].sort(byGravity);
    if (worst === undefined) return;
    groups.set(worst.property, [...(groups.get(worst.property) ?? []), name]);
  });
  return [...groups].map(([property, on]) => `${property} on ${listOf(on)}`).join('; ');
}

/** Every operation that a kernel of `era` has, under `design`. */
export function everyOperation(design: string, era: string): OperationRun[] {
  return OPERATIONS.filter((m) => existsIn(m, era)).map((m) => operation(design, m.id, era));
}

/** Names of the operations, of `runs`, that `facts` show refuted. */
export function refutedOperations(
  runs: readonly OperationRun[],
  facts: readonly OperationFacts[],
): string[] {
  return runs.filter((_, i) => facts[i]!.verdict === 'refuted').map((r) => r.operation);
}

export function costOf(facts: ClockFacts, side: 'lent' | 'ordinary', name: string): number {
  return facts.costs[side][name] ?? 0;
}

/** Per data segment. */
export function perSegment(facts: ClockFacts, name: string): number {
  const segments = costOf(facts, 'lent', 'segments');
  return segments === 0 ? 0 : costOf(facts, 'lent', name) / segments;
}
