// sendfile and splice from a file to a socket: page-cache pages go through a pipe and are lent one by one.
import { Cost } from '../ledger.ts';
import type { Loan } from '../lifetime.ts';
import { PAGE_SIZE, type Page } from '../mm/page_alloc.ts';
import { tcpSendpage } from '../net/ipv4/tcp_sendmsg.ts';
import type { TcpSock } from '../net/ipv4/tcp_sock.ts';
import type { Pipe } from './pipe.ts';

/**
 * Fills `pipe` with the file's pages from byte `offset`, at most `size` bytes. Returns the bytes put in.
 * @kernel fs/splice.c generic_file_splice_read
 */
export function fileSpliceRead(
  pages: readonly Page[],
  offset: number,
  size: number,
  pipe: Pipe,
): number {
  let done = 0;
  while (done < size && !pipe.full) {
    const at = offset + done;
    const page = pages[Math.floor(at / PAGE_SIZE)];
    if (page === undefined) break;
    const into = at % PAGE_SIZE;
    const n = Math.min(size - done, PAGE_SIZE - into);
    pipe.push(page, into, n);
    done += n;
  }
  return done;
}

/**
 * Sends what the pipe holds, on behalf of `loan`, or (null) of nobody who waits for it. Returns the bytes that the
 * socket took: fewer when its send buffer is full, and then the rest stays in the pipe.
 * @kernel fs/splice.c generic_splice_sendpage, pipe_to_sendpage
 */
export function spliceToSocket(pipe: Pipe, sk: TcpSock, loan: Loan | null): number {
  let done = 0;
  const { k } = sk;
  for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
    k.cost[k.side + Cost.INDIRECT_CALLS]!++;
    const seq = sk.writeSeq;
    const taken = tcpSendpage(sk, b.page, b.pageOffset, b.size, loan);
    if (b.flow !== 0 && taken > 0) k.probe.carried(sk.flow, seq, taken, b.flow, b.seq);
    const short = taken < b.size;
    if (taken > 0) pipe.consume(taken);
    done += taken;
    if (short) break;
  }
  return done;
}
