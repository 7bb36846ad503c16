import { Socket, reads } from './common.ts';

class WaitsAndPurges extends Socket {
  protected override waited(): void {
    this.purge();
  }
}

export const fixed = reads('fixed', (k) => new WaitsAndPurges(k));
