import {
  PAGE_SIZE,
  sendpageOk,
  tcpSendmsg,
  tcpSendpage,
  type Loan,
  type Page,
  type TcpSock,
} from '@lastref/kernel';
import { WriteQueue, writes } from './common.ts';

/** What the stack may not take references on is copied. */
class AsksFirst extends WriteQueue {
  protected override sendData(sk: TcpSock, page: Page, loan: Loan): void {
    if (sendpageOk(page)) tcpSendpage(sk, page, 0, PAGE_SIZE, loan);
    else tcpSendmsg(sk, page.address, PAGE_SIZE);
  }
}

export const fixed = writes('fixed', (k, home) => new AsksFirst(k, home));
