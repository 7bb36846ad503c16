// The cycle that everything on the transmit path repeats: an sk_buff is made, pages are lent to it, a clone is
// taken and freed, the original is freed. Sequence, sizes and the order of the pages are those of a plain C
// program of the same cycle, so that the two can be set side by side.
// Non-goal: bytes. Nothing is read or copied here; the bulk transfer does that.
import {
  Kernel,
  declareState,
  NoProbe,
  Site,
  allocPage,
  allocSkb,
  kfreeSkb,
  skbClone,
  type CompletionSink,
  type Design,
  type Era,
  type Loan,
  type Page,
} from '@lastref/kernel';

/** Pages walked round robin: a power of two. */
export const CYCLE_PAGES = 4096;
/** For designs that lend copies. */
const SPARE_PAGES = 64;
/** Bytes of the linear part. */
const HEAD_BYTES = 384;

/** Takes its loans back when it is told. */
class Lender implements CompletionSink {
  readonly k: Kernel;
  completions = 0;

  constructor(k: Kernel) {
    this.k = k;
  }

  loanCompleted(loan: Loan): void {
    this.completions++;
    this.k.loans.free(loan);
  }
}

declareState(Lender, {
  constant: 'k',
  count: 'completions',
});

export class Cycle {
  readonly k: Kernel;
  readonly frags: number;
  readonly lender: Lender;
  readonly pages: Page[];
  /** The page that is lent next. */
  next = 0;
  cycles = 0;
  /** Sum of what each cycle saw in its clone: the same for every program that does the cycle right. */
  checksum = 0;

  constructor(design: Design, era: Era, frags: number) {
    this.k = new Kernel(design, era, new NoProbe(), CYCLE_PAGES + SPARE_PAGES);
    this.frags = frags;
    this.lender = new Lender(this.k);
    this.k.producers = this.lender;
    this.pages = Array.from({ length: CYCLE_PAGES }, () => allocPage(this.k));
  }

  run(cycles: number): void {
    let sum = 0;
    for (let c = 0; c < cycles; c++) sum += this.once();
    this.cycles += cycles;
    this.checksum += sum;
  }

  /** One cycle. Returns what it saw in its clone. */
  once(): number {
    const { k, frags, pages } = this;
    const { lifetime } = k;
    const loan = k.newLoan(0, 0);
    const skb = allocSkb(k, HEAD_BYTES, true);
    let pg = this.next;
    for (let i = 0; i < frags; i++) {
      const size = 1024 + (pg & 63);
      lifetime.lend(skb, pages[pg]!, (pg & 3) << 8, size, loan);
      skb.len += size;
      skb.dataLen += size;
      skb.truesize += 4096;
      pg = (pg + 1) & (CYCLE_PAGES - 1);
    }
    this.next = pg;
    const clone = skbClone(k, skb, Site.XMIT);
    const seen = clone.len + clone.shinfo.dataref;
    kfreeSkb(k, clone);
    lifetime.returned(loan);
    k.release(loan);
    kfreeSkb(k, skb);
    return seen;
  }

  /** Pages that are not back at their owner's one reference, and objects that are still out. */
  leaks(): number {
    const { k } = this;
    const held = this.pages.filter((page) => page.count !== 1).length;
    return held + k.loans.used + k.skbs.used + k.fclones.used + k.shinfos.used;
  }
}
