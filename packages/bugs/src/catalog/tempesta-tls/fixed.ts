import { encryptAndSend } from './common.ts';

/** A record with the marker of shared frags goes on in fresh pages. */
export const fixed = encryptAndSend('(fixed)', (k, skb) => {
  if (!k.lifetime.mayWriteFrags(skb)) k.copyUbufs(skb);
});
