import { FuseDevice, direct } from './common.ts';

class RefersToThem extends FuseDevice {
  protected override copiesUserPages(): boolean {
    return false;
  }
}

export const wrong = direct('wrong', (k) => new RefersToThem(k));
