import { skbCloned } from '@lastref/kernel';
import { rxrpcInput } from './common.ts';

export const fixed = rxrpcInput(
  '(fixed)',
  (k, skb) => skbCloned(skb) || skb.shinfo.fragList !== null || !k.lifetime.mayWriteFrags(skb),
);
