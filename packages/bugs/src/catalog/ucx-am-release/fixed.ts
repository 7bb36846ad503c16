import { Worker, messages, type Descriptor } from './common.ts';

/** By the flag, as the other function does. */
class AsksTheFlag extends Worker {
  protected override received(descriptor: Descriptor): void {
    this.home(descriptor); // ucp_am_release_data_desc
  }
}

export const fixed = messages('fixed', (k) => new AsksTheFlag(k));
