// A destructor that is set behind the first reference, and the two functions of the patch called with none.
import { STORIES, play } from '@lastref/workloads';
import type { Loan } from '@lastref/kernel';
import { Cell } from '@lastref/search';
import { openBench, stoppedBy } from './bench.ts';
import type { Lab } from './index.ts';

const TOLD = ['late-ack', 'qdisc', 'partial-ack', 'gso-parent', 'rpc-second-copy'];

export interface Misuse {
  readonly stories: number;
  /** Stories that end in an error of the machine, or in a finding. */
  readonly stopped: number;
  readonly found: number;
  /** References left on pages that nobody has any more, over all stories. */
  readonly leaked: number;
  readonly message: string | null;
}

export const misuseLab: Lab<Misuse> = (design, era) => {
  const seen = { stopped: 0, found: 0, leaked: 0, message: null as string | null };
  for (const told of STORIES.filter((s) => TOLD.includes(s.id))) {
    const cell = new Cell({ design, workload: told.workload, era, seed: 1 });
    const message = stoppedBy(() => {
      play(told.script, cell.k, cell.recorder, () => cell.judge.afterStep());
    });
    if (message !== null) seen.stopped++;
    seen.message ??= message;
    const { findings } = cell.finish().judgement;
    if (findings.length > 0) seen.found++;
    for (const page of cell.k.pages.all)
      if (page.live && page.mapping) seen.leaked += page.count - 1;
  }
  return { stories: TOLD.length, ...seen };
};

/** The patch's functions under the helpers. */
interface DestructorRefs {
  destructorRef(loan: Loan | null): void;
  destructorUnref(loan: Loan | null): void;
}

export interface NoDestructor {
  /** What stopped the machine; null: nothing happened. */
  readonly ref: string | null;
  readonly unref: string | null;
  /** The helpers on a fragment without one: references of its page, before and after each. */
  readonly pageAfterRef: number;
  readonly pageAfterUnref: number;
  /** Calls of the two in the stories of F3, and those of them with none. */
  readonly calls: number;
  readonly withNone: number;
}

export const nullLab: Lab<NoDestructor> = (design, era) => {
  const { cell, stage } = openBench(design, era);
  const { k } = cell;
  const patch = k.lifetime as unknown as DestructorRefs;
  const ref = stoppedBy(() => patch.destructorRef(null));
  const unref = stoppedBy(() => patch.destructorUnref(null));
  const { shinfo } = stage.first;
  const frag = shinfo.frags[0]!;
  frag.loan = null;
  const before = frag.page.count;
  k.lifetime.fragRef(shinfo, frag);
  const pageAfterRef = frag.page.count - before;
  k.lifetime.fragUnref(shinfo, frag, stage.first);
  return {
    ref,
    unref,
    pageAfterRef,
    pageAfterUnref: frag.page.count - before,
    ...counted(design, era),
  };
};

/** How often the stack calls the two functions, and how often with no destructor. */
const counted: Lab<Pick<NoDestructor, 'calls' | 'withNone'>> = (design, era) => {
  const seen = { calls: 0, withNone: 0 };
  for (const told of STORIES.filter((s) => TOLD.includes(s.id))) {
    const cell = new Cell({ design, workload: told.workload, era, seed: 1 });
    const patch = cell.k.lifetime as unknown as DestructorRefs;
    for (const name of ['destructorRef', 'destructorUnref'] as const) {
      const call = patch[name].bind(patch);
      patch[name] = (loan) => {
        seen.calls++;
        if (loan === null) seen.withNone++;
        call(loan);
      };
    }
    play(told.script, cell.k, cell.recorder, () => cell.judge.afterStep());
  }
  return seen;
};
