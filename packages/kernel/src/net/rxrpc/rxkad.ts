// A writer in place with a question of its own: rxrpc decrypts what it receives.
// Model: the cipher is that of esp4.ts, and level 2 alone (the whole payload); level 1 decrypts eight bytes.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Reader } from '../../probe.ts';
import { probeReads } from '../core/datagram.ts';
import { skbCopy } from '../core/skb_clone.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { skbCowData } from '../core/skb_private.ts';
import { skbCloned, type SkBuff } from '../core/skbuff.ts';
import { decryptInPlace } from '../ipv4/esp4.ts';

/**
 * Decrypts the payload of `skb`, and returns the packet that goes on: `skb`, or a linear copy, and `skb` is freed then. First all
 * was made linear and private. Then a packet was copied that has a clone, and what nobody else has as a packet was decrypted where
 * it stands, whoever has its pages (CVE-2026-43500); then what has pages as well; and last the payload goes to a buffer of the call,
 * and the packet stays as it is. Throws NoMemory with the packet as it was.
 * @kernel net/rxrpc/rxkad.c rxkad_verify_packet_2 (3.6, 4.10, 5.10.223, 6.12.117, 7.2.13); net/rxrpc/input.c
 * rxrpc_input_packet (5.10.223, 6.1.192); net/rxrpc/recvmsg.c rxrpc_verify_data (7.2.13)
 */
export function rxkadVerifyPacket(k: Kernel, skb: SkBuff): SkBuff {
  if (k.onOperation !== null) k.onOperation('rxkad_verify_packet', skb);
  const { era } = k;
  if (era.rxrpcBuffer) {
    k.mayFail(); // krealloc
    probeReads(k, skb, Reader.TAP);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += skb.len - skb.headers;
    return skb;
  }
  let own = skb;
  if (!era.rxrpcUnshares) skbCowData(k, skb);
  else if (skbCloned(skb) || (era.rxrpcCopiesPaged && skb.dataLen !== 0)) {
    own = skbCopy(k, skb);
    kfreeSkb(k, skb);
  }
  decryptInPlace(k, own);
  return own;
}
