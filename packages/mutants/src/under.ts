// Under which designs operations are spoiled.
import { UsageError, select, type DesignFile } from '@lastref/runner';

/** Those that `wanted` names, ids separated by commas, of the chosen; null: nobody named any. Throws UsageError. */
export function underOf(
  all: readonly DesignFile[],
  chosen: readonly DesignFile[],
  wanted: string | undefined,
): string[] | null {
  if (wanted === undefined) return null;
  const under = select('design', all, (d) => d.design.id, wanted);
  const other = under.find((d) => !chosen.includes(d));
  if (other !== undefined)
    throw new UsageError(
      `--operations ${other.design.id} is not among --designs; name it there too, or leave --designs out`,
    );
  return under.map((d) => d.design.id);
}
