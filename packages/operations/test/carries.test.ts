// What an operation carries is not believed but seen: labels are put on everything that goes in, in each entry beside
// its page, in the shared info and in the sk_buff, and what comes out is looked at.
import { expect, test } from 'vitest';
import { ERAS, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import {
  AT_GRO,
  OPERATIONS,
  carriedIn,
  existsIn,
  type Operation,
  type Situation,
} from '@lastref/operations';
import { RecipeBench } from './recipe-bench.ts';
import { sample } from '../../../scripts/tier.ts';

/** A bench whose two packets have labels, of two loans. What is transmitted keeps that of its sk_buff. */
class Labelled extends RecipeBench {
  readonly owner = new Map<Page, Loan>();

  constructor(era: string, situation: Situation, marked: boolean) {
    super(era, situation);
    for (const skb of this.m.queue) {
      const loan = this.k.newLoan(0, 1);
      skb.loan = loan;
      skb.shinfo.loan = loan;
      skb.shinfo.lentMark &&= marked;
      for (const frag of skb.shinfo.frags.slice(0, skb.shinfo.nrFrags)) {
        frag.loan = loan;
        this.owner.set(frag.page, loan);
      }
    }
    // The straddled page belongs to both; each entry is asked for its own.
    this.owner.delete(this.pages[2]!);
  }

  override packet(skb: SkBuff): SkBuff {
    const n = super.packet(skb);
    n.loan = skb.loan;
    return n;
  }
}

/** Every packet of a chain. */
function packets(skb: SkBuff): SkBuff[] {
  const out = [skb];
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) out.push(...packets(m));
  return out;
}

/** Of data that nobody else has, where what is shared was copied on the way, as IP-TFS behind ESP, or goes another one, as at GRO. */
function seen(mover: Operation, era: string): string[] {
  const shared = mover.meets === AT_GRO ? [] : seenIn('shared', mover, era);
  const nothing = shared.length === 0 && said(mover, era).length > 0;
  return nothing ? seenIn('sole owner', mover, era) : shared;
}

/** What is true of every lent page in what the operation has made. */
function seenIn(situation: Situation, mover: Operation, era: string): string[] {
  const marked = said(mover, era).length === 0; // who asks the mark copies: what moves is what has none
  const bench = new Labelled(era, situation, marked);
  const { owner } = bench;
  mover.apply(bench);
  const { skbs, pages } = bench.products();
  const labels = {
    page: pages.some((page) => owner.has(page)),
    entry: true,
    shinfo: true,
    skb: true,
  };
  if (labels.page) labels.entry = labels.shinfo = labels.skb = false; // a page reference without a packet
  for (const skb of skbs.flatMap(packets)) {
    for (const { page, loan } of skb.shinfo.frags.slice(0, skb.shinfo.nrFrags)) {
      const own = owner.get(page);
      if (own === undefined) continue;
      labels.page = true;
      labels.entry &&= loan === own;
      labels.shinfo &&= skb.shinfo.loan === own;
      labels.skb &&= skb.loan === own;
    }
  }
  if (!labels.page) return [];
  const words: string[] = ['page'];
  if (labels.entry) words.push('destructor slot');
  if (labels.shinfo) words.push('shared-info slot');
  if (labels.skb) words.push('sk_buff slot');
  return words;
}

const ALL = ['page', 'destructor slot', 'shared-info slot', 'sk_buff slot'];

/** The marker is a design's own affair: no field of this machine holds it. */
function said(mover: Operation, era: string): string[] {
  const carried: string[] = carriedIn(mover, era);
  return ALL.filter((what) => carried.includes(what));
}

/** Kernels without a fix that every kernel here has. */
const WITHOUT = ['7.2.13-zerocopyReceiveGuard'];

/** What lends a page of its own: what hangs beside it is put there by whoever lends. */
const moving = OPERATIONS.filter((m) => m.effect !== 'lends');

test.each(moving.map((m) => [m.id, m] as const))('%s carries what it says', (_, mover) => {
  const all = [...ERAS.map((era) => era.id), ...WITHOUT].filter((id) => existsIn(mover, id));
  const eras = sample(all.reverse(), 3); // the newest always
  expect(eras).not.toEqual([]);
  const expected = (id: string): string[] => (mover.effect === 'looks' ? ALL : said(mover, id));
  expect(eras.map((id) => seen(mover, id))).toEqual(eras.map(expected));
});
