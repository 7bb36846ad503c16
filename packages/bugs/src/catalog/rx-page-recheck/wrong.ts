import type { Page } from '@lastref/kernel';
import { Driver, halves } from './common.ts';

class CountsBehind extends Driver {
  protected override count(page: Page): number {
    return page.count; // page_count(page)
  }
}

export const wrong = halves('wrong', (k) => new CountsBehind(k));
