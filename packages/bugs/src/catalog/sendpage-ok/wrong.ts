import { PAGE_SIZE, tcpSendpage, type Loan, type Page, type TcpSock } from '@lastref/kernel';
import { WriteQueue, writes } from './common.ts';

class SendsAnyPage extends WriteQueue {
  protected override sendData(sk: TcpSock, page: Page, loan: Loan): void {
    tcpSendpage(sk, page, 0, PAGE_SIZE, loan);
  }
}

export const wrong = writes('wrong', (k, home) => new SendsAnyPage(k, home));
