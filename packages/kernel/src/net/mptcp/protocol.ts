// A stream over several connections: what is sent is copied once, to pages of the socket's own, and every connection that carries
// a part of it has the page by reference. The socket keeps it until the peer has acknowledged the data, whichever way it came.
// Model: a call is one data fragment of at most a page, and who sends says which connection carries it.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { allocPage, copyToPage, putPage, type Page } from '../../mm/page_alloc.ts';
import { declareState } from '../../state.ts';
import { tcpSendpage } from '../ipv4/tcp_sendmsg.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';

/** @kernel net/mptcp/protocol.h struct mptcp_data_frag */
export interface MptcpDataFrag {
  readonly page: Page;
  readonly size: number;
}

export class MptcpSock implements Holder {
  readonly k: Kernel;
  private readonly rtxQueue: MptcpDataFrag[] = [];

  constructor(k: Kernel) {
    mustHave(k.era, CHANGES.mptcp, 'mptcp_sendmsg');
    this.k = k;
    k.holders.push(this);
  }

  /** Copies `size` bytes at `address`, whatever the caller asks for. Throws NoMemory with nothing taken. @kernel net/mptcp/protocol.c mptcp_sendmsg (7.2) */
  sendmsg(address: number, size: number): MptcpDataFrag {
    const { k } = this;
    const dfrag: MptcpDataFrag = { page: allocPage(k), size };
    copyToPage(k, dfrag.page, 0, address, size);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += size;
    this.rtxQueue.push(dfrag);
    return dfrag;
  }

  /**
   * The connection `ssk` carries `dfrag`, for the first time or once more: a reference of its write queue's.
   * @kernel net/mptcp/protocol.c mptcp_sendmsg_frag (7.2); do_tcp_sendpages (5.10)
   */
  sendmsgFrag(ssk: TcpSock, { page, size }: MptcpDataFrag): void {
    tcpSendpage(ssk, page, 0, size, null);
  }

  /** The oldest fragment has arrived. False: there is none. @kernel net/mptcp/protocol.c __mptcp_clean_una, dfrag_clear (7.2) */
  cleanUna(): boolean {
    const dfrag = this.rtxQueue.shift();
    if (dfrag === undefined) return false;
    putPage(this.k, dfrag.page);
    this.k.releases++;
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, size } of this.rtxQueue) visitor.page(page, 0, size, 'data fragment');
  }
}

declareState(MptcpSock, {
  state: 'rtxQueue',
  constant: 'k',
});
