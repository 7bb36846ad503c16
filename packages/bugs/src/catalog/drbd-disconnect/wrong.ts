import { tcpClose, type TcpSock } from '@lastref/kernel';
import { Resource, mirror } from './common.ts';

/** The socket goes on by itself until what it has is acknowledged. */
class Releases extends Resource {
  protected override freeSock(sk: TcpSock): void {
    tcpClose(sk); // sock_release
  }
}

export const wrong = mirror('wrong', (k) => new Releases(k));
