import { Transfer, transfer } from './common.ts';

class ReturnsAtOnce extends Transfer {
  protected override release(): void {
    this.deregister();
  }

  protected override drained(): void {}
}

export const wrong = transfer('wrong', (k) => new ReturnsAtOnce(k));
