import type { Page } from '@lastref/kernel';
import { Driver, halfPage } from './common.ts';

class SetsTheCount extends Driver {
  protected override keep(page: Page): void {
    this.k.point();
    page.count = 2; // atomic_set: it is 1, so this saves a locked operation
  }
}

export const wrong = halfPage('wrong', (k) => new SetsTheCount(k));
