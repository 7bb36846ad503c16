// Where sources lie in the page, as the digests of Node's version are made of the same texts.
import { texts } from './brought.ts';
import { place } from '../browser/fs.ts';

/** Of the designs, and of the candidate among them: it may import its neighbours. */
export const STRATEGIES = '/lastref/strategies/';

/** Puts every source where the runner looks for it. */
export function placeAll(): void {
  for (const [path, text] of Object.entries(texts)) place(path, text);
}
