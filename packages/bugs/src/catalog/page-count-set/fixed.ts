import type { Page } from '@lastref/kernel';
import { Driver, halfPage } from './common.ts';

class Increments extends Driver {
  protected override keep(page: Page): void {
    this.k.getPage(page); // atomic_inc
  }
}

export const fixed = halfPage('fixed', (k) => new Increments(k));
