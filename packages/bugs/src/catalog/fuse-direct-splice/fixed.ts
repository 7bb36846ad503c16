import { FuseDevice, direct } from './common.ts';

class CopiesThem extends FuseDevice {
  protected override copiesUserPages(): boolean {
    return true;
  }
}

export const fixed = direct('fixed', (k) => new CopiesThem(k));
