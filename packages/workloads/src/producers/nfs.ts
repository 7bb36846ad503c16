// An NFS client. @kernel fs/nfs/direct.c nfs_direct_write, fs/nfs/write.c nfs_writepages (2.6.24)
import {
  RpcTcpXprt,
  RpcUdpXprt,
  declareState,
  type Kernel,
  type Loan,
  type Page,
  type RpcRequest,
  type RpcUser,
  type RpcXprt,
  type SocketUser,
  type TcpPath,
  type UdpSock,
} from '@lastref/kernel';
import { Requests, type RequestOptions } from './requests.ts';

export interface NfsOptions extends RequestOptions {
  readonly timeoutTicks: number;
  /** Where it connects to, one after the other; none: somebody else connects, once. */
  readonly paths?: readonly TcpPath[];
  /** It disconnects before it sends calls again, as NFSv4 does. */
  readonly discrtry?: boolean;
  /** Over UDP, by this socket. */
  readonly udp?: UdpSock;
  /** What is sent again is copied. Default: as the era does. */
  readonly resendCopies?: boolean;
}

export class NfsClient extends Requests implements RpcUser {
  readonly options: NfsOptions;
  readonly xprt: RpcXprt;

  constructor(k: Kernel, options: NfsOptions) {
    super(k, options);
    this.options = options;
    const { udp } = options;
    const xprt = { ...options, slots: options.writers };
    this.xprt =
      udp === undefined ? new RpcTcpXprt(k, xprt, this) : new RpcUdpXprt(k, xprt, udp, this);
    this.addWriters();
    if (udp !== undefined) this.begin();
  }

  /** Who uses the connection that somebody makes for it. Throws RangeError for a client without one. */
  get connection(): SocketUser {
    if (this.xprt instanceof RpcTcpXprt) return this.xprt;
    throw new RangeError(`${this.name} has no connection`);
  }

  protected submit(slot: number, pages: readonly Page[], bytes: number, loan: Loan): void {
    this.xprt.call(this.xprt.slots[slot]!, pages, bytes, loan);
  }

  connected(): void {
    this.begin();
  }

  answered(request: RpcRequest): void {
    this.over(request.slot);
  }
}

declareState(NfsClient, {
  state: 'xprt',
  constant: 'options',
});
