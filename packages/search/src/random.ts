// One complete run at random: of all that a bound allows, each choice is as likely as any other.
import type { Prng } from '@lastref/workloads';
import type { Cell } from './cell.ts';
import type { Bound } from './exhaustive/bound.ts';
import { choicesWithin } from './exhaustive/choices.ts';
import { Row } from './exhaustive/sleep.ts';
import { drain } from './run-list.ts';

/** Plays `cell` to the end of the bound, and then by the clock to its own. */
export function randomRun(cell: Cell, bound: Bound, prng: Prng): Cell {
  let spent = 0;
  for (let n = 0; n < bound.steps; n++) {
    const { choices } = choicesWithin(bound, cell.k.agenda, spent);
    if (choices.length === 0) break;
    const at = Row.WORDS * prng.below(choices.length / Row.WORDS);
    if (cell.take(choices[at + Row.PLACE]!, choices[at + Row.VERB]!, choices[at + Row.ITEM]!))
      spent = choices[at + Row.SPENT]!;
  }
  drain(cell, []);
  return cell;
}
