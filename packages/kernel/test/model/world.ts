// A machine and its naive twin: packets in somebody's hands, pages of an owner, pipes.
import {
  type Pipe,
  Site,
  Sock,
  allocPage,
  kfreeSkb,
  type Design,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
} from '../../src/index.ts';
import { bareKernel, newPage } from '../machine.ts';
import type { Naive, NaiveFrag } from './naive.ts';

/** An sk_buff that somebody holds, `refs` times, and what it should be. */
export interface Held {
  readonly skb: SkBuff;
  readonly naive: Naive;
  refs: number;
}

/** What the owner of a page has of it: the bytes, and its own reference until it lets go. */
export interface Owned {
  readonly page: Page;
  /** Which life of the page it was. */
  readonly gen: number;
  readonly bytes: Buffer;
  owned: boolean;
  lent: boolean;
}

/** A design, and what a test may expect of it. */
export interface Seam {
  readonly design: Design;
  /** What an entry of a frag array counts on: its page, or its loan; `unknown`: only bytes are looked at. */
  readonly counting: 'pages' | 'loans' | 'unknown';
}

export const OWNED_PAGES = 8;
/** More packets than this are not made. */
export const MANY = 10;

export class World {
  readonly k: Kernel;
  readonly pages: Owned[] = [];
  readonly held: Held[] = [];
  readonly pipes: { readonly pipe: Pipe; readonly bytes: Buffer[] }[] = [];
  readonly loans: Loan[] = [];
  readonly sk = new Sock();
  /** Pages of bytes that are copied from, and copied to. */
  readonly scratch: Page;
  readonly desk: Page;
  /** Operations that did something, by name. */
  readonly ran = new Map<string, number>();
  readonly seam: Seam;

  constructor(era: string, seam: Seam) {
    this.k = bareKernel({ era, design: seam.design, frames: 128 });
    this.seam = seam;
    for (let i = 0; i < OWNED_PAGES; i++) {
      const page = newPage(this.k);
      const bytes = Buffer.from(this.k.mem.subarray(page.address, page.address + 4096));
      this.pages.push({ page, gen: page.gen, bytes, owned: true, lent: false });
    }
    this.scratch = newPage(this.k);
    this.desk = newPage(this.k);
  }

  /** The owner may let go of its pages at any time: every entry holds its own. */
  get countsPages(): boolean {
    return this.seam.counting === 'pages';
  }

  /** The design changes nothing in how the bytes are laid out. */
  get shapes(): boolean {
    return this.seam.counting === 'pages';
  }

  /** May it be lent (again)? A page has one loan at a time where a test does not know what that would mean. */
  mayLend(own: Owned): boolean {
    return own.owned && (this.seam.counting !== 'unknown' || !own.lent);
  }

  add(skb: SkBuff, naive: Naive): Held {
    const held = { skb, naive, refs: 1 };
    this.held.push(held);
    return held;
  }

  /** The packet is in nobody's hands any more; it is not freed here. */
  forget(held: Held): void {
    this.held.splice(this.held.indexOf(held), 1);
  }

  /** One holder less. */
  free(held: Held): void {
    if (--held.refs === 0) this.forget(held);
    kfreeSkb(this.k, held.skb);
  }

  /** Bytes of an owned page, as an entry. */
  entry(n: number, offset: number, size: number): NaiveFrag {
    const { page, bytes } = this.pages[n % OWNED_PAGES]!;
    const from = offset % 3000;
    return { page, offset: from, bytes: bytes.subarray(from, from + 1 + (size % 1000)) };
  }

  /** Whose bytes stand in `page`: an owner's, even one that has let go, or (null) the stack's own. */
  ownerOf(page: Page): Owned | null {
    return this.pages.find((own) => own.page === page && own.gen === page.gen) ?? null;
  }

  /** A fresh page of the stack's own with one reference, as a driver gets it. */
  fresh(): Page {
    return allocPage(this.k);
  }

  /** Where clones come from, by turns. */
  site(n: number): Site {
    return n % 2 === 0 ? Site.XMIT : Site.TAP;
  }

  count(name: string): void {
    this.ran.set(name, (this.ran.get(name) ?? 0) + 1);
  }

  /** Everybody lets go of everything. */
  end(): void {
    while (this.held.length > 0) this.free(this.held[0]!);
    for (const { pipe } of this.pipes) {
      for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) pipe.consume(b.size);
    }
    for (const own of this.pages) {
      if (own.owned) this.k.putPage(own.page);
      own.owned = false;
    }
    this.k.putPage(this.scratch);
    this.k.putPage(this.desk);
  }
}
