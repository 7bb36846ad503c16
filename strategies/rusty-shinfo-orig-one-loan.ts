import type { Design, Loan, SkBuff } from '@lastref/kernel';
import { ShinfoOrig, design as literal } from './rusty-shinfo-orig.ts';

/** With the line that lets TCP use it, it is for whoever lends: the thread that he answers is about TCP. */
const { domain: _vringfd, ...patch } = literal;

export const design = {
  ...patch,
  id: 'rusty-shinfo-orig-one-loan',
  title: 'a destructor on the data, and one sender for each skb',
  repairs: 'rusty-shinfo-orig',
  summary:
    'As the patch, and sendpage starts a new skb where the last one has the destructor of somebody else.',
  reading:
    'One line more than the patch has, in do_tcp_sendpages; MSG_ZEROCOPY got the like in 2017 (-EEXIST of skb_zerocopy_iter_stream). Small sends of several senders share no skb any more. skb_shift and what came later are not hooked, as in the patch.',
  create: (k) => new OneLoan(k),
} satisfies Design;

class OneLoan extends ShinfoOrig {
  override canAppend({ shinfo }: SkBuff, loan: Loan): boolean {
    return shinfo.loan === null || shinfo.loan === loan; // [4.14, 52267790ef52 skb_zerocopy_iter_stream]
  }
}
