// A judge on a machine on which nothing happens but what a test says.
import { PageHome, allocPage, allocSkb, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import type { Judgement } from '../src/index.ts';
import { byHand, sceneOf } from './machine.ts';

export const FLOW = 9;

/** A judge that hears what a test says. */
export function hearing() {
  const { k, judge } = sceneOf(byHand, {});
  const page = (home: PageHome = PageHome.GENERAL): Page => Object.assign(allocPage(k), { home });
  let seq = 1000;
  return {
    k,
    judge,
    page,
    /** Lends the first `size` bytes of `of`, as the next bytes of the stream. */
    lend: (of: Page = page(), loan: Loan = k.newLoan(3, 0), size = 4096): Loan => {
      judge.lent(loan, of, 0, size, FLOW, seq);
      seq += size;
      return loan;
    },
    said: (): string[] => judge.everything.map((f) => `${f.property} ${f.where} ${f.loan}`),
    verdict: (property: keyof Judgement['verdicts']) => judge.judgement().verdicts[property],
    /** One step, in which `act` happens. */
    step: (act: () => void): void => {
      k.agenda.now += 10;
      act();
      judge.afterStep();
    },
    /** Somebody has these packets from now on. */
    holds: (where: string, ...skbs: SkBuff[]): void => {
      k.holders.push({
        forEachReader: (visitor) => skbs.forEach((skb) => visitor.skb(skb, where, skb.seq)),
      });
    },
    /** A packet of the stream with the first `size` bytes of a page. */
    packet: (of: Page, at: number, size = 4096): SkBuff => {
      const skb = allocSkb(k, 64, false);
      k.fillPageDesc(skb, of, 0, size);
      Object.assign(skb, { len: size, dataLen: size, flow: FLOW, seq: at, endSeq: at + size });
      return skb;
    },
  };
}
