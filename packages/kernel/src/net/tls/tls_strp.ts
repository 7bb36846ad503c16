// TLS in the kernel, on the way in: a record is what the receive queue has, and while a cipher reads it there, clones keep it.
// Model: no header, no tag; all that has been received is one record, and what comes out is the reader's own memory.
import { CHANGES } from '../../changes.ts';
import type { CryptoRequest, Cryptd } from '../../crypto/cryptd.ts';
import { mustHave } from '../../era.ts';
import type { HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import { probeReads } from '../core/datagram.ts';
import { skbClone } from '../core/skb_clone.ts';
import { kfreeSkb, kfreeSkbNow } from '../core/skb_free.ts';
import type { SkBuff } from '../core/skbuff.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';

/** What waits at `sk` is decrypted by `engine`, and read as far as `sk` is concerned. Throws NoMemory with all of it still there. */
export function tlsDecryptAsync(sk: TcpSock, engine: Cryptd): void {
  const { k } = sk;
  mustHave(k.era, CHANGES.tlsStrp, 'tls_strp_msg_hold');
  if (sk.receiveQueue.first === null) return;
  k.mayFail(); // tls_decrypt_sg: its request
  engine.enqueue(new TlsDecrypt(k, tlsStrpMsgHold(sk)));
  tcpReadDone(sk);
}

/**
 * A clone of each packet of the record.
 * @kernel net/tls/tls_strp.c tls_strp_msg_hold (6.1, 7.2)
 */
function tlsStrpMsgHold(sk: TcpSock): SkBuff[] {
  const { k } = sk;
  const held: SkBuff[] = [];
  try {
    for (let skb = sk.receiveQueue.first; skb !== null; skb = skb.next) {
      if (k.onOperation !== null) k.onOperation('tls_strp_msg_hold', skb);
      held.push(skbClone(k, skb, Site.TAP));
    }
  } catch (error) {
    for (const skb of held) kfreeSkb(k, skb);
    throw error;
  }
  return held;
}

/** @kernel net/ipv4/tcp.c tcp_read_done (6.1) */
function tcpReadDone(sk: TcpSock): void {
  const { k } = sk;
  for (let skb = sk.receiveQueue.first; skb !== null; skb = sk.receiveQueue.first) {
    sk.copiedSeq = (skb.seq + skb.len) | 0;
    sk.rcvQueued -= skb.len;
    sk.receiveQueue.unlink(skb);
    kfreeSkbNow(k, skb);
    k.releases++;
  }
}

/** A record that is being decrypted. */
class TlsDecrypt implements CryptoRequest {
  private readonly k: Kernel;
  /** async_hold */
  private readonly held: SkBuff[];

  constructor(k: Kernel, held: SkBuff[]) {
    this.k = k;
    this.held = held;
  }

  /** The reader has waited for it, and the clones go. @kernel net/tls/tls_sw.c tls_decrypt_done, tls_decrypt_async_wait (7.2) */
  done(): void {
    for (const skb of this.held) {
      probeReads(this.k, skb, Reader.PROTOCOL);
      kfreeSkb(this.k, skb);
    }
    this.held.length = 0;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const skb of this.held) visitor.skb(skb, 'crypto engine', skb.seq);
  }
}

declareState(TlsDecrypt, {
  state: 'held',
  constant: 'k',
});
