// The designs that flags name: what many commands ask in the same words.
import { select, type DesignFile } from '@lastref/runner';
import {
  knownDesigns,
  type Bringing,
  mustBring,
  selectDesigns,
  type Known,
  type Takes,
} from '@lastref/runner/known';
import { FaultsOfRun, reportFault } from './faults.ts';
import { house } from '../house.ts';

export interface DesignFlags {
  readonly designs?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
}

export interface Asked {
  readonly there: Known;
  readonly designs: readonly DesignFile[];
  readonly faults: FaultsOfRun;
}

/**
 * `--designs` of what there is and `--with` brings; a candidate with a fault is told and left out. null: none is left.
 * `first`: candidates alone, where there are some and no design is named.
 */
export async function designsAsked(
  flags: DesignFlags,
  takes: Takes,
  first?: 'candidates',
): Promise<Asked | null> {
  await mustBring(flags.designs, flags.with);
  const there = await knownDesigns(house, flags, { onFault: reportFault, takes });
  const brought = first === undefined ? '' : there.candidates.map((c) => c.design.id).join();
  const designs = selectDesigns(there, flags.designs ?? (brought === '' ? undefined : brought));
  return designs.length === 0 ? null : { there, designs, faults: new FaultsOfRun(there.faults) };
}

/** Those of `ids` of what there is and `--with` brings, designs alone; undefined: all. Throws UsageError for any fault. */
export async function designsCalled(
  ids: string | undefined,
  flags: Bringing,
): Promise<DesignFile[]> {
  await mustBring(ids, flags.with);
  const { all } = await knownDesigns(house, flags);
  return select('design', all, (d) => d.design.id, ids);
}
