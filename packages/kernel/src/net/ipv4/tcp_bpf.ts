// A TCP socket in a map of sockets, and a program of BPF that says where what it sends goes.
// Model: every verdict is a redirect to the reader of a socket of this machine; a pass is the sendpage of any other socket.
import { CHANGES } from '../../changes.ts';
import { NotInEra } from '../../errors.ts';
import type { Pipe } from '../../fs/pipe.ts';
import type { Kernel } from '../../kernel.ts';
import type { SgEntry, SkPsock } from '../core/skmsg.ts';

/**
 * The pages that `pipe` holds go to the reader of `to`, without a packet and without a copy: each message has a reference on
 * its page, and the pipe lets go of its own. From 6.5 on such a socket copies whatever is spliced into it. Throws NoMemory with
 * the rest still in the pipe.
 * @kernel net/ipv4/tcp_bpf.c tcp_bpf_sendpage, bpf_tcp_ingress (5.10, 6.1); tcp_bpf_sendmsg, which looks at no MSG_SPLICE_PAGES (7.2)
 */
export function tcpBpfSendpage(k: Kernel, pipe: Pipe, to: SkPsock): void {
  if (k.era.changes.has(CHANGES.spliceByIterator))
    throw new NotInEra(`tcp_bpf_sendpage in ${k.era.id}: it is gone since 6.5`);
  for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
    const entry: SgEntry = {
      page: b.page,
      pageOffset: b.pageOffset,
      size: b.size,
      flow: b.flow,
      seq: b.seq,
    };
    k.mayFail(); // bpf_tcp_ingress: its message
    k.lifetime.pageRef(entry.page); // sk_msg_page_add; sk_msg_xfer hands it on
    to.queueMsg({ entries: [entry], skb: null });
    pipe.consume(entry.size);
  }
}
