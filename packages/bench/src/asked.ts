// Which cells a run of the benchmarks has, by the names of designs and scenarios.
import { UsageError, allDesigns, literalOf, near, select } from '@lastref/runner';
import { BASELINE, BENCH_DESIGNS, cellsOf } from './cells.ts';
import { scenarioOf } from './document.ts';

export interface CellsAsked {
  /** Ids, separated by commas; undefined: those that are measured by default. */
  readonly designs?: string | undefined;
  /** `cycle`, `bulk/0%` and `race/s/verdict` each name all scenarios that begin so. */
  readonly scenarios?: string | undefined;
}

/** Throws UsageError for a name that nobody has. */
export async function cellsAsked({ designs: ids, scenarios: names }: CellsAsked, quick: boolean) {
  const cells = cellsOf(await designs(ids, quick));
  const first = quick && names === undefined; // whole commands take minutes
  return scenarios(first ? cells.filter((c) => c.kind !== 'command') : cells, names);
}

/** The designs to measure; the baseline is always among them. */
async function designs(wanted: string | undefined, quick: boolean): Promise<string[]> {
  const all = (await allDesigns()).map((d) => d.design);
  const ids = all.map((d) => d.id);
  const named = quick
    ? BENCH_DESIGNS
    : all.filter((d) => d.rank !== undefined && literalOf(d) === d.id).map((d) => d.id);
  const picked = wanted === undefined ? named : select('design', ids, (id) => id, wanted);
  return ids.filter((id) => id === BASELINE || picked.includes(id));
}

function scenarios<C extends { id: string; design: string }>(
  cells: readonly C[],
  wanted: string | undefined,
): C[] {
  if (wanted === undefined) return [...cells];
  const known = [...new Set(cells.map(scenarioOf))];
  const names = wanted.split(',').map((name) => name.trim());
  const begins = (scenario: string, name: string): boolean =>
    scenario === name || scenario.startsWith(`${name}/`);
  for (const name of names)
    if (!known.some((scenario) => begins(scenario, name)))
      throw new UsageError(`unknown scenario '${name}'; ${near(name, known)}`);
  return cells.filter((cell) => names.some((name) => begins(scenarioOf(cell), name)));
}
