import { type Page } from '@lastref/kernel';
import { Compressor, compressed } from './common.ts';

class WhereItStands extends Compressor {
  protected override inputOf(ram: Page): Page {
    return ram;
  }
}

export const wrong = compressed('wrong', (k) => new WhereItStands(k));
