import { tcpSendpage, type Loan, type Page, type TcpSock } from '@lastref/kernel';
import { Channel, HEADER, migration } from './common.ts';

/** One writev of header and pages, by reference. */
class AllByReference extends Channel {
  protected override sendHeader(sk: TcpSock, header: Page, loan: Loan): void {
    tcpSendpage(sk, header, 0, HEADER, loan);
  }
}

export const wrong = migration('wrong', (k) => new AllByReference(k));
