// Stories in little room: texts and lists that come again are kept once, and a step is nine numbers. No imports
// but types: the page in a browser unpacks with the same code.
import { MARKS, type Story, type StorySide, type StoryStep } from '../story.ts';

/** n and tick (both since the step before), text, says, marks, holdings, page refs, loan refs, calm. */
const NUMBERS = 9;

interface PackedSide {
  /** Strings. */
  readonly lanes: readonly number[];
  /** property, harm, where, text (strings), step. */
  readonly findings: readonly (readonly number[])[];
  readonly played: number;
  readonly steps: readonly number[];
}

export interface PackedStories {
  readonly strings: readonly string[];
  readonly lists: readonly (readonly number[])[];
  readonly sides: readonly PackedSide[];
  readonly stories: readonly {
    readonly token: string;
    readonly workload: string;
    readonly era: string;
    readonly seed: number;
    readonly loan: number;
    /** Pairs of a design (a string) and a side. */
    readonly sides: readonly (readonly [number, number])[];
  }[];
}

/** Keeps each thing once, by what it looks like. */
class Pool<T> {
  readonly all: T[] = [];
  private readonly known = new Map<string, number>();

  add(item: T): number {
    const key = JSON.stringify(item);
    let at = this.known.get(key);
    if (at === undefined) this.known.set(key, (at = this.all.push(item) - 1));
    return at;
  }
}

export function packStories(stories: readonly Story[]): PackedStories {
  const strings = new Pool<string>();
  const lists = new Pool<readonly number[]>();
  const sides = new Pool<PackedSide>();
  const packSide = (side: StorySide): PackedSide => {
    let n = 0;
    let tick = 0;
    const steps = side.steps.flatMap((s) => {
      const numbers = [
        s.n - n,
        s.tick - tick,
        strings.add(s.text),
        lists.add(s.says.map((t) => strings.add(t))),
        lists.add(s.marks.flatMap(({ lane, mark }) => [lane, MARKS.indexOf(mark)])),
        lists.add(s.holdings.flatMap((h) => [h.lane, h.refs, h.copies, Number(h.changed)])),
        s.pageRefs,
        s.loanRefs,
        s.calm,
      ];
      n = s.n;
      tick = s.tick;
      return numbers;
    });
    return {
      lanes: side.lanes.map((l) => strings.add(l)),
      findings: side.findings.map((f) => [
        strings.add(f.property),
        strings.add(f.harm),
        strings.add(f.where),
        strings.add(f.text),
        f.step,
      ]),
      played: side.played,
      steps,
    };
  };
  const packed = stories.map(({ token, workload, era, seed, loan, sides: pair }) => ({
    token,
    workload,
    era,
    seed,
    loan,
    sides: pair.map((s) => [strings.add(s.design), sides.add(packSide(s))] as const),
  }));
  return { strings: strings.all, lists: lists.all, sides: sides.all, stories: packed };
}

/** The `index`-th story as it was before packing. */
export function unpackStory(packed: PackedStories, index: number): Story {
  const { sides, ...rest } = packed.stories[index]!;
  return {
    ...rest,
    sides: sides.map(([design, side]) => unpackSide(packed, packed.strings[design]!, side)),
  };
}

function unpackSide(packed: PackedStories, design: string, index: number): StorySide {
  const { strings, lists } = packed;
  const side = packed.sides[index]!;
  const steps: StoryStep[] = [];
  let n = 0;
  let tick = 0;
  for (let at = 0; at < side.steps.length; at += NUMBERS) {
    const [dn, dt, text, says, marks, holdings, pageRefs, loanRefs, calm] = side.steps.slice(
      at,
      at + NUMBERS,
    ) as [number, number, number, number, number, number, number, number, number];
    n += dn;
    tick += dt;
    steps.push({
      n,
      tick,
      text: strings[text]!,
      says: lists[says]!.map((s) => strings[s]!),
      marks: groups(lists[marks]!, 2).map(([lane, mark]) => ({ lane: lane!, mark: MARKS[mark!]! })),
      holdings: groups(lists[holdings]!, 4).map(([lane, refs, copies, changed]) => ({
        lane: lane!,
        refs: refs!,
        copies: copies!,
        changed: changed === 1,
      })),
      pageRefs,
      loanRefs,
      calm,
    });
  }
  return {
    design,
    lanes: side.lanes.map((l) => strings[l]!),
    steps,
    findings: side.findings.map(([property, harm, where, text, step]) => ({
      property: strings[property!]!,
      harm: strings[harm!]!,
      where: strings[where!]!,
      text: strings[text!]!,
      step: step!,
    })),
    played: side.played,
  };
}

function groups(list: readonly number[], size: number): number[][] {
  return Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));
}
