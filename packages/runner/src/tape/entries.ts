// Entries of a shared info (skb_frag_t), as a candidate has them. A shared info has a place for each entry that it can ever have,
// and uses one or two: to close all as it is made took most of the time of a machine. So the machine's own code has the entries as they
// are made, and a candidate has a view of each that it is given: another object, whose fields are the entry's.
import type { SkbFrag, SkbSharedInfo } from '@lastref/kernel';

/** The shared info in which an entry stands, and where; undefined: in none of a closed machine. */
export let placeOfEntry: (frag: object) => readonly [SkbSharedInfo, number] | undefined;

/** The views of entries of `shinfo`, as far as there are any. */
export let viewsOf: (shinfo: SkbSharedInfo) => readonly SkbFrag[];

/** What a candidate has of an entry, which is one for each and of itself the same; undefined: it stands in no shared info. */
export let viewOf: (frag: object, make: (frag: SkbFrag) => SkbFrag) => SkbFrag | undefined;

/** The object that its constructor is given gets the fields. */
class Stamp {
  constructor(o: object) {
    return o; // oxlint-disable-line no-constructor-return
  }
}

/** What is known of an entry that stands in a shared info, and of the view of one. */
class Entry extends Stamp {
  #shinfo: SkbSharedInfo;
  #index: number;
  #view: SkbFrag | null = null;

  constructor(frag: SkbFrag, shinfo: SkbSharedInfo, index: number) {
    super(frag);
    this.#shinfo = shinfo;
    this.#index = index;
  }

  /** `view` may have been that of an entry of a machine that is over. */
  static #at(view: object, shinfo: SkbSharedInfo, index: number): Entry {
    if (!(#index in view)) return new Entry(view as SkbFrag, shinfo, index);
    view.#shinfo = shinfo;
    view.#index = index;
    return view;
  }

  static {
    placeOfEntry = (frag) => (#index in frag ? [frag.#shinfo, frag.#index] : undefined);
    viewsOf = ({ frags }) => {
      const views: SkbFrag[] = [];
      for (const frag of frags) if (#index in frag && frag.#view !== null) views.push(frag.#view);
      return views;
    };
    viewOf = (frag, make) => {
      if (!(#index in frag)) return undefined;
      if (frag.#view === null) {
        const view = (frag.#view = make(frag as unknown as SkbFrag));
        Entry.#at(view, frag.#shinfo, frag.#index).#view = view;
      }
      return frag.#view;
    };
  }
}

/** From here on it is known where the entries of `shinfo` stand. */
export function knowPlaces(shinfo: SkbSharedInfo): void {
  const { frags } = shinfo;
  for (let i = 0; i < frags.length; i++) new Entry(frags[i]!, shinfo, i);
}
