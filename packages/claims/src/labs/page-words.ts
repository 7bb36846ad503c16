// The words of struct page: which of them belong to nobody in some case?
import { usesLru, allocHomePage, PageHome, HOME_NAMES } from '@lastref/kernel';
import { flatten, layoutEra, layoutOfStruct } from '@lastref/layout';
import { openBench } from './bench.ts';
import type { Lab } from './index.ts';

export interface PageWords {
  /** Each eight bytes of struct page, and the names of what can stand there. */
  readonly words: readonly { readonly offset: number; readonly names: readonly string[] }[];
  /** Kinds of pages whose list pointers are in use, and those where they are free. */
  readonly lruUsed: readonly string[];
  readonly lruFree: readonly string[];
}

export const pageLab: Lab<PageWords> = (design, era) => {
  const { structs } = layoutEra(era.id)!.era;
  const layout = layoutOfStruct('page', structs);
  const words = new Map<number, string[]>();
  for (const { path, field } of flatten(layout)) {
    const last = Math.floor((field.offset + Math.max(1, field.bytes) - 1) / 8);
    for (let w = Math.floor(field.offset / 8); w <= last; w++)
      words.set(8 * w, [...(words.get(8 * w) ?? []), path]);
  }
  const { k } = openBench(design, era).cell;
  const kinds = Object.values(PageHome).map((home) => ({
    name: HOME_NAMES[home],
    used: usesLru(allocHomePage(k, home)),
  }));
  return {
    words: [...words].sort(([a], [b]) => a - b).map(([offset, names]) => ({ offset, names })),
    lruUsed: kinds.filter((x) => x.used).map((x) => x.name),
    lruFree: kinds.filter((x) => !x.used).map((x) => x.name),
  };
};
