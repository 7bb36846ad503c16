// Which era of the model is played beside a guest, and how far the two are apart.
import { CHANGES, ERAS, eraOf, hasChange, treeOf, type Era, type Tree } from '@lastref/kernel';
import type { Guest } from './guest/guest.ts';

export interface EraBeside {
  readonly era: Era;
  /** One line for a reader: whose era it is, and what sets the kernel apart from it. */
  readonly text: string;
}

/**
 * The era to play beside a guest: its own; or that of its branch; or the one whose changes differ least from what a
 * kernel of its number has, of two such the newer.
 */
export function eraBeside(guest: Pick<Guest, 'era' | 'version'>): EraBeside {
  const own = guest.era === null ? undefined : eraOf(guest.era);
  if (own !== undefined) return { era: own, text: `played beside era ${own.id}` };
  const tree = treeOfVersion(guest.version);
  if (tree === null) {
    const era = ERAS.at(-1)!;
    const text = `played beside era ${era.id}, the newest: the model knows no kernel of that number`;
    return { era, text };
  }
  const branch = ERAS.filter((e) => e.tree.mainline === tree.mainline);
  const era = (branch.length > 0 ? branch : ERAS)
    .toReversed()
    .reduce((best, other) =>
      differences(other, tree).length < differences(best, tree).length ? other : best,
    );
  return { era, text: `played beside era ${era.id}, ${apart(era, tree)}` };
}

/** The tree that a kernel names itself after: Debian's says which release it was made of behind its own number. */
function treeOfVersion(version: string): Tree | null {
  const debian = /Debian (\d+\.\d+\.\d+)/.exec(version)?.[1];
  const number = debian ?? /^\d+\.\d+(\.\d+)?/.exec(version)?.[0] ?? '';
  try {
    const vendored = debian === undefined ? number : `debian-${debian}`;
    return treeOf(vendored);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Keys of changes that one of them has and the other has not. */
function differences(era: Era, tree: Tree): string[] {
  return Object.entries(CHANGES).flatMap(([key, change]) =>
    era.changes.has(change) === hasChange(tree, change) ? [] : [key],
  );
}

function apart(era: Era, tree: Tree): string {
  const keys = differences(era, tree);
  if (keys.length === 0)
    return `which has what ${tree.id} has, by its number, of all changes that the model knows`;
  const has = keys.filter((key) => era.changes.has(CHANGES[key as keyof typeof CHANGES]));
  const lacks = keys.filter((key) => !has.includes(key));
  const parts = [
    ...(has.length > 0 ? [`the era has ${has.join(', ')}, the kernel has not`] : []),
    ...(lacks.length > 0 ? [`the kernel has ${lacks.join(', ')}, the era has not`] : []),
  ];
  return `the nearest to ${tree.id}; by its number ${parts.join('; ')}`;
}
