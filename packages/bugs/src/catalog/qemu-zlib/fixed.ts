import { PAGE_SIZE, allocPage, type Page } from '@lastref/kernel';
import { Compressor, compressed } from './common.ts';

class ACopy extends Compressor {
  protected override inputOf(ram: Page): Page {
    const copy = allocPage(this.k);
    this.k.copyBytes(copy.address, ram.address, PAGE_SIZE); // memcpy
    return copy;
  }
}

export const fixed = compressed('fixed', (k) => new ACopy(k));
