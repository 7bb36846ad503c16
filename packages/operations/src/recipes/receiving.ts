// What a driver has received into pages of its own, and hands to the stack by reference.
import { CHANGES, allocSkb, groPullFromFrag0, lendFrag, type SkBuff } from '@lastref/kernel';
import { WHOLE, type Lending, type Operation, type OperationBench } from '../operation.ts';

/** IP and TCP with timestamps. */
const HEADERS = 52;

/** A packet without linear bytes: a driver's page holds its headers too, from byte `from` on. Each of `sizes` is a frag. */
function headless(
  b: OperationBench,
  { page, loan }: Lending,
  from: number,
  sizes: readonly number[],
): SkBuff {
  const { k, sk } = b;
  const skb = allocSkb(k, 256, false); // napi_get_frags: GRO_MAX_HEAD
  skb.flow = sk.flow;
  skb.seq = (sk.writeSeq + from) | 0;
  b.hold(skb, 'gro list');
  for (const size of sizes) {
    const at = from + skb.len;
    k.probe.lent(loan, page, at, size, skb.flow, (skb.seq + skb.len) | 0);
    lendFrag(k, skb, page, at, size, loan, false);
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
  }
  return skb;
}

export const RECEIVING: readonly Operation[] = [
  {
    id: 'gro_pull_from_frag0',
    who: 'remote peer',
    effect: 'lends',
    file: 'net/core/gro.c',
    since: CHANGES.groFrag0,
    until: null,
    refs: '-1 where the first frag is headers alone',
    carries: WHOLE,
    meets: { by: 'driver', over: 'device' },
    // A page that was received into twice: of the first packet the device has put the headers into a frag of their own.
    apply: (b) => {
      const lending = b.fresh();
      const half = lending.size / 2;
      const split = headless(b, lending, 0, [HEADERS, half - HEADERS]);
      const whole = headless(b, lending, half, [half]);
      for (const skb of [split, whole])
        if (skb.shinfo.nrFrags > 0) groPullFromFrag0(b.k, skb, HEADERS);
    },
  },
];
