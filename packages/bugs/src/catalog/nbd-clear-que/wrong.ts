import { BlockDevice, ended } from './common.ts';

class Iterates extends BlockDevice {
  protected override flushed(): null {
    return null;
  }

  protected override skips(): boolean {
    return false;
  }
}

export const wrong = ended('wrong', (k) => new Iterates(k));
