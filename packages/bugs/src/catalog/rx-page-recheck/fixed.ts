import type { Page } from '@lastref/kernel';
import { Driver, halves } from './common.ts';

class CountsBefore extends Driver {
  protected override count(_page: Page, before: number): number {
    return before; // rx_buffer_pgcnt
  }
}

export const fixed = halves('fixed', (k) => new CountsBefore(k));
