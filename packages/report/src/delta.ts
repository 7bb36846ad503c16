// What changed from one comparison to another: words of cells, findings that came or went, what a design costs.
import { IN_THE_WORD, type Property } from '@lastref/judge';
import type { CompareDocument, CompareRow, Delta } from './documents/comparison.ts';
import { cellWord } from './verdicts.ts';
import { many } from './words.ts';

/** Of the cells of `now`: what a base has beside them is not asked for. */
export function deltaOf(base: CompareDocument, now: CompareDocument): Delta {
  const before = new Map(base.rows.map((r) => [`${r.design} ${r.workload}`, r]));
  const rows = now.rows.map((row) => ({ row, old: before.get(`${row.design} ${row.workload}`) }));
  return {
    digest: base.digest,
    rows: rows.map(({ row, old }) => changed(row, old)).filter((r) => differs(r)),
    costs: (sameWork(base, now) ? now.costs.own : []).flatMap(({ design, lentNs }) => {
      const old = base.costs.own.find((c) => c.design === design)?.lentNs ?? null;
      return lentNs === null || old === null || old === lentNs
        ? []
        : [{ design, before: old, after: lentNs }];
    }),
    both: rows.filter(({ old }) => old !== undefined).length,
  };
}

/** Costs are sums over workloads: of others they are other sums. */
function sameWork(base: CompareDocument, now: CompareDocument): boolean {
  return base.costs.workloads.join() === now.costs.workloads.join();
}

function changed(row: CompareRow, old: CompareRow | undefined): Delta['rows'][number] {
  const { design, workload, era } = row;
  return {
    design,
    workload,
    era: { before: old?.era ?? null, after: era },
    before: old === undefined ? null : cellWord(old),
    after: cellWord(row),
    appeared: without(row, old),
    gone: old === undefined ? [] : without(old, row),
  };
}

/** Findings of `a` whose like `b` has not got. */
function without(a: CompareRow, b: CompareRow | undefined): Delta['rows'][number]['appeared'] {
  const like = (f: CompareRow['findings'][number]): string => `${f.property} ${f.harm} ${f.where}`;
  const there = new Set(b?.findings.map(like));
  return a.findings
    .filter((f) => !there.has(like(f)))
    .map(({ property, harm, where, token }) => ({ property, harm, where, token }));
}

function differs({ before, after, era, appeared, gone }: Delta['rows'][number]): boolean {
  return (
    before !== after ||
    (era.before !== null && era.before !== era.after) ||
    appeared.length > 0 ||
    gone.length > 0
  );
}

/** In one sentence. */
export function deltaSentence({ rows, costs, both }: Delta): string {
  const fresh = rows.filter((r) => r.before === null).length;
  const worse = rows.filter((r) => r.before !== null && r.appeared.some(inWord)).length;
  const better = rows.filter((r) => r.before !== null && r.gone.some(inWord)).length;
  const parts = [
    worse === 0 ? '' : `${many(worse, 'cell')} with something new that is wrong`,
    better === 0 ? '' : `${many(better, 'cell')} in which something wrong is gone`,
    fresh === 0 ? '' : `${many(fresh, 'cell')} that the base has not got`,
    costs.length === 0 ? '' : `${many(costs.length, 'design')} with other costs`,
  ].filter((part) => part !== '');
  if (parts.length > 0)
    return `Against the base (${many(both, 'cell')} in both): ${parts.join(', ')}.`;
  return rows.length === 0
    ? `Against the base (${many(both, 'cell')} in both): nothing changed.`
    : `Against the base (${many(both, 'cell')} in both): nothing changed that is in the word of a cell.`;
}

function inWord({ property }: { readonly property: Property }): boolean {
  return IN_THE_WORD.includes(property);
}

function rowTexts({ rows }: Delta): (readonly [string, string, string, string, string])[] {
  const kinds = (list: Delta['rows'][number]['gone']): string =>
    list.map((f) => `${f.property} (${f.harm}, ${f.where})`).join(', ');
  return rows.map((r) => [
    r.design,
    r.workload,
    `${r.before ?? 'not there'} → ${r.after}${r.era.before !== null && r.era.before !== r.era.after ? ` (${r.era.before} → ${r.era.after})` : ''}`,
    kinds(r.appeared),
    kinds(r.gone),
  ]);
}

function costTexts({ costs }: Delta): string[] {
  return costs.map(
    (c) =>
      `${c.design}: ${c.before.toFixed(0)} → ${c.after.toFixed(0)} ns a segment with lent pages`,
  );
}

/** A line for each cell, its findings below it. */
export function deltaLines(delta: Delta): string[] {
  return [
    deltaSentence(delta),
    ...rowTexts(delta).flatMap(([design, workload, word, appeared, gone]) => [
      `  ${design} on ${workload}: ${word}`,
      ...(appeared === '' ? [] : [`    + ${appeared}`]),
      ...(gone === '' ? [] : [`    - ${gone}`]),
    ]),
    ...costTexts(delta).map((line) => `  ${line}`),
  ];
}
