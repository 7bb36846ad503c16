// A candidate's two roles in one process, for tests: what it said as words, and those words played again.
import {
  ERAS,
  GetPutPage,
  Kernel,
  NoProbe,
  eraOf,
  type Design,
  type Services,
  type SideField,
} from '@lastref/kernel';
import type { Loan, Page, SkBuff, SkbFrag, SkbSharedInfo, Sock } from '@lastref/kernel';
import {
  Cell,
  DEFAULT_BOUND,
  explore,
  type CellResult,
  type Exploration,
  type ExploreOptions,
} from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { cardIn, cardOf } from '../src/candidates/card.ts';
import { Watch, guarded } from '../src/candidates/guard.ts';
import { share } from '../src/candidates/shared.ts';
import { close, closeShared } from '../src/tape/closed.ts';
import { played } from '../src/tape/played.ts';
import { TapeReader } from '../src/tape/reader.ts';
import { recorded } from '../src/tape/recorded.ts';
import { HEAD_WORDS, PART_WORDS } from '../src/tape/words.ts';

export type Create = (services: Services) => GetPutPage;

export const designOf = (create: Create): Design => ({
  id: 'mine',
  title: 't',
  year: 2026,
  source: 's',
  status: 'proposed',
  summary: 's',
  adds: [],
  hooks: 0,
  claims: [],
  create,
});

/** A counted destructor in each frag, which keeps books of all kinds on the way. */
export class Books extends GetPutPage {
  readonly lentTo: SideField<SkBuff, number[]>;
  readonly byLoan = new Map<Loan, { pages: number; last: Page | null }>();
  readonly unacked = new Set<Sock>();
  readonly sizes = new Uint8Array(4);
  text = '';
  big = 1n;
  shinfo: SkbSharedInfo | null = null;
  ratio = 0.5;

  constructor(services: Services) {
    super(services);
    this.lentTo = services.sideField();
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.getPage(page);
    this.k.hold(loan);
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    const lent = this.lentTo.get(skb) ?? [];
    this.lentTo.set(skb, [...lent, size]);
    const of = this.byLoan.get(loan);
    this.byLoan.set(loan, { pages: (of?.pages ?? 0) + 1, last: page });
    this.sizes[loan.call & 3] = size >> 4;
    this.k.looked(lent.length);
    this.k.allocated();
    this.k.called();
  }
  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan;
  }
  override fragRef(_: SkbSharedInfo, frag: SkbFrag): void {
    this.k.getPage(frag.page);
    if (frag.loan !== null) this.k.hold(frag.loan);
  }
  override fragUnref(_: SkbSharedInfo, frag: SkbFrag): void {
    const { loan, page } = frag;
    if (loan !== null) this.let(loan);
    this.k.putPage(page);
  }
  override released(loan: Loan): void {
    this.let(loan);
  }
  override acked(sk: Sock, seq: number): void {
    this.unacked.add(sk);
    this.text = seq % 2 === 0 ? 'even' : 'odd';
    this.ratio = (seq % 5) / 2;
  }
  override clone(skb: SkBuff): 0 {
    const { frags, nrFrags } = skb.shinfo;
    if (nrFrags > 0) skb.cb = skb.loan = frags[0]!.loan;

    this.big = BigInt(skb.shinfo.nrFrags);
    return 0;
  }

  private let(loan: Loan): void {
    if (!this.k.decAndTest(loan)) return;
    this.byLoan.delete(loan);
    this.k.complete(loan);
  }
}
share({ Books });
closeShared();

/** A machine as a candidate has it, and nothing in it. */
export function closedKernel(): Kernel {
  const design = designOf((services) => new Books(services));
  const k = new Kernel(design, ERAS[0]!, new NoProbe(), 8);
  close(k);
  return k;
}

const CARD = 'mine.ts';

class Heard {
  readonly #words: number[] = [];
  put(word: number): void {
    this.#words.push(word | 0);
  }
  get words(): number[] {
    return this.#words;
  }
}

/** All that `design` says in `run`, which gets it as the candidate's process has it. */
export function said(design: Design, run: (as: Design) => void, isSearched = false): number[] {
  const heard = new Heard();
  run(recorded(guarded(design, new Watch(CARD)), heard, isSearched));
  return heard.words;
}

/** The words as parts of a tape, all of one cell, in pieces of so many bytes. */
export function tapeOf(words: readonly number[], piece = 1 << 20, cell = 0): TapeReader {
  const parts: number[] = [];
  for (let at = 0; at < words.length; at += PART_WORDS) {
    const part = words.slice(at, at + PART_WORDS);
    parts.push(cell, part.length, ...part);
  }
  const bytes = new Uint8Array(Int32Array.from(parts).buffer);
  let at = 0;
  return new TapeReader(() => {
    if (at >= bytes.length)
      throw new Error(`the tape of ${parts.length - HEAD_WORDS} words is over`);
    return bytes.subarray(at, (at += piece));
  });
}

/** `design` as who judges has it. */
export function playing(design: Design, tape: TapeReader, isSearched = false): Design {
  return played(cardIn(JSON.stringify(cardOf(design))), CARD, tape, isSearched);
}

export function byClock(design: Design, workload: string, era = '3.8'): CellResult {
  const input = { design, workload: miniature(workloadCalled(workload)!, 1) };
  return new Cell({ ...input, era: eraOf(era)!, seed: 1 }).runByClock();
}

export function searched(
  design: Design,
  workload: string,
  era = '3.8',
  beliefs: ExploreOptions['beliefs'] = {},
): Exploration {
  const input = { design, workload: miniature(workloadCalled(workload)!, 1) };
  const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
  return explore({ ...input, era: eraOf(era)!, seed: 1 }, { bound, beliefs });
}
