// What of an object of the machine a design writes, itself or by the services that it has, and where it leads: whoever keeps the
// object knows all of that, be it written at another host.
import { Loan, Page, SkBuff, SkbFrag, SkbSharedInfo } from '@lastref/kernel';

export type Hanging = SkBuff | SkbSharedInfo | SkbFrag | Page | Loan;

/** Not a socket: what is at one no design writes. */
export function mayHaveHanging(o: object): o is Hanging {
  return (
    o instanceof Loan ||
    o instanceof Page ||
    o instanceof SkBuff ||
    o instanceof SkbSharedInfo ||
    o instanceof SkbFrag
  );
}

/** The objects that one leads to, behind `out`; null where there is none. */
export function pushLinked(o: Hanging, out: { push(...next: (Hanging | null)[]): number }): void {
  if (o instanceof SkBuff) out.push(o.next, o.pair, o.shinfo, o.loan, o.cb);
  else if (o instanceof SkbSharedInfo) {
    out.push(o.fragList, o.headPage, o.loan);
    for (let i = 0; i < o.nrFrags; i++) out.push(o.frags[i]!);
  } else if (o instanceof SkbFrag) out.push(o.page, o.loan);
  else if (o instanceof Page) out.push(o.loan);
}

/** What stands in its fields beside these, behind `out`. Counts are told by what a service gives, too: nobody need read them. */
export function pushWritten(o: Hanging, out: unknown[]): void {
  if (o instanceof SkBuff) out.push(o.destructor, o.ppRecycle, o.cloned);
  else if (o instanceof SkbSharedInfo) out.push(o.managed, o.dataref);
  else if (o instanceof Page) out.push(o.count, o.ppRefs);
  else if (o instanceof Loan) out.push(o.refs);
}
