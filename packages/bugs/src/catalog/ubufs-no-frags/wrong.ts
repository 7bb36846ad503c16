import type { SkBuff } from '@lastref/kernel';
import { program } from '../../lib.ts';
import { VhostUbuf } from './common.ts';

/** Without frags there is nothing to copy, and nothing is done. */
class ReturnsEarly extends VhostUbuf {
  override ubufsCopied(skb: SkBuff): void {
    if (skb.shinfo.nrFrags === 0) return; // if (!num_frags) return 0
    super.ubufsCopied(skb);
  }
}

export const wrong = program(
  'ubufs-no-frags-wrong',
  'a record that stays where there is nothing to copy',
  2017,
  (k) => new ReturnsEarly(k),
);
