import { PAGE_SIZE, type Kernel, type Loan, type Services, type SkBuff } from '@lastref/kernel';
import { MsgZerocopy, design as msgZerocopy } from '@lastref/strategies/msg-zerocopy';
import type { Workload } from '@lastref/workloads';
import { SMALL, type LocalSender } from '../../local-sender.ts';
import { workloadOf } from '../../wire.ts';

/** A ubuf_info says "zerocopy" from its birth until somebody copies its frags; without frags nobody does. */
class OfThatTime extends MsgZerocopy {
  protected override announce(loan: Loan): void {
    super.announce(loan, this.copied(loan)); // uarg->zerocopy = 1 [sock_zerocopy_alloc]
  }

  override ubufsCopied(skb: SkBuff): void {
    if (skb.shinfo.nrFrags > 0) super.ubufsCopied(skb); // if (!num_frags) return 0 [skb_copy_ubufs]
  }
}

export const design = {
  ...msgZerocopy,
  id: 'mzc-copied-flag',
  title: 'notifications that say what was copied, as they came in 2017',
  create: (k: Services) => new OfThatTime(k),
};

/** A small send, and one of a page. */
export function zerocopySends(
  version: string,
  make: (k: Kernel, size: number) => LocalSender,
): readonly Workload[] {
  return [SMALL, PAGE_SIZE].map((size) =>
    workloadOf(
      `mzc-copied-flag-${size}-${version}`,
      `${size} bytes are sent over loopback with MSG_ZEROCOPY`,
      (k) => make(k, size),
      { by: 'process', over: 'tcp' },
    ),
  );
}
