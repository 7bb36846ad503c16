import { tcpSendmsg, type Page, type TcpSock } from '@lastref/kernel';
import { Channel, HEADER, migration } from './common.ts';

/** The header is sent by a write of its own, and copied. */
class HeaderCopied extends Channel {
  protected override sendHeader(sk: TcpSock, header: Page): void {
    tcpSendmsg(sk, header.address, HEADER);
  }
}

export const fixed = migration('fixed', (k) => new HeaderCopied(k));
