import type { Kernel, SkBuff } from '@lastref/kernel';
import type { Operation } from '@lastref/operations';
import { cryptInPlace } from '../../in-place.ts';
import { recipe } from '../../recipe.ts';

/**
 * A record is encrypted in the write queue, just before TCP transmits it. `ready` makes its pages fit to be written to.
 * In half of the situations one of the two neighbours is an answer that the server has made itself.
 */
export function encryptAndSend(
  version: string,
  ready: (k: Kernel, skb: SkBuff) => void,
): Operation {
  return recipe(
    `ttls_encrypt_skb ${version}`,
    'Tempesta FW, ttls',
    (b) => {
      const { k, first } = b;
      ready(k, first);
      cryptInPlace(k, first);
      b.inFlight(first);
    },
    { joins: true },
  );
}
