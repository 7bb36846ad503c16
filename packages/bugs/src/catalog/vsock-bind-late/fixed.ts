import type { Loan, SkBuff } from '@lastref/kernel';
import { vsockCall } from '../../vsock-sender.ts';
import { Request } from './common.ts';

/** The record is set before the first page is. */
class BindsBefore extends Request {
  protected override beforeFill(skb: SkBuff, loan: Loan): void {
    this.bind(skb, loan);
  }
}

export const fixed = vsockCall('vsock-bind-late-fixed', (k) => new BindsBefore(k, 2, 2));
