import { tcpAbort, type TcpSock } from '@lastref/kernel';
import { Resource, mirror } from './common.ts';

/** The connection is ended first, and what is queued with it. */
class ShutsDown extends Resource {
  protected override freeSock(sk: TcpSock): void {
    tcpAbort(sk); // kernel_sock_shutdown, then sock_release
  }
}

export const fixed = mirror('fixed', (k) => new ShutsDown(k));
