// What one socket has received goes out on another one: page, offset and size of each entry, whoever has lent it.
import type { Kernel } from '../../kernel.ts';
import { tcpSendmsg, tcpSendpage } from '../ipv4/tcp_sendmsg.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';
import { fragAt, fragSeq, skbHeadlen, type SkBuff } from './skbuff.ts';

/**
 * Sends the payload of `skb` on `sk`: linear bytes are copied, of each entry page, offset and size go into the write queue
 * with a reference of their own. `skb` stays as it is. Returns the bytes; fewer when the send buffer is full.
 * @kernel net/core/skbuff.c skb_send_sock_locked (5.10), __skb_send_sock (7.2)
 */
export function skbSendSock(k: Kernel, sk: TcpSock, skb: SkBuff): number {
  if (k.onOperation !== null) k.onOperation('skb_send_sock', skb);
  const linear = skbHeadlen(skb) - skb.headers;
  let done = 0;
  if (linear > 0) {
    const at = sk.writeSeq;
    done = tcpSendmsg(sk, skb.data + skb.headers, linear);
    if (done > 0) k.probe.carried(sk.flow, at, done, skb.flow, skb.seq);
    if (done < linear) return done;
  }
  let seq = fragSeq(skb);
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    const { page, pageOffset, size } = fragAt(skb.shinfo, i);
    const at = sk.writeSeq;
    const taken = tcpSendpage(sk, page, pageOffset, size, null);
    if (taken > 0) k.probe.carried(sk.flow, at, taken, skb.flow, seq);
    done += taken;
    if (taken < size) return done;
    seq = (seq + size) | 0;
  }
  for (let member = skb.shinfo.fragList; member !== null; member = member.next) {
    const taken = skbSendSock(k, sk, member);
    done += taken;
    if (taken < member.len - member.headers) break;
  }
  return done;
}
