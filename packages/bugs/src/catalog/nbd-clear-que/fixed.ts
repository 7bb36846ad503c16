import type { SpinLock } from '@lastref/kernel';
import { BlockDevice, ended } from './common.ts';

class FlushesAndLooks extends BlockDevice {
  protected override flushed(): SpinLock {
    return this.receiving;
  }

  protected override skips(completed: boolean): boolean {
    return completed;
  }
}

export const fixed = ended('fixed', (k) => new FlushesAndLooks(k));
