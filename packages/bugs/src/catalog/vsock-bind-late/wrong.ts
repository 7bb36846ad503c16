import type { Loan, SkBuff } from '@lastref/kernel';
import { vsockCall } from '../../vsock-sender.ts';
import { Request } from './common.ts';

/** The record is set in a packet that is complete. */
class BindsBehind extends Request {
  protected override afterFill(skb: SkBuff, loan: Loan): void {
    this.bind(skb, loan);
  }
}

export const wrong = vsockCall('vsock-bind-late-wrong', (k) => new BindsBehind(k, 2, 2));
