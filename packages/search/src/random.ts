// One complete run at random: of all that a bound allows, each choice is as likely as any other.
import type { Prng } from '@lastref/workloads';
import type { Cell } from './cell.ts';
import type { Bound } from './exhaustive/bound.ts';
import { Row, choicesWithin } from './exhaustive/choices.ts';
import { drain } from './run-list.ts';

/** Plays `cell` to the end of the bound, and then by the clock to its own. */
export function randomRun(cell: Cell, bound: Bound, prng: Prng): Cell {
  let spent = 0;
  for (let n = 0; n < bound.steps; n++) {
    const { rows } = choicesWithin(bound, cell.k.agenda, spent);
    if (rows.length === 0) break;
    const at = Row.WORDS * prng.below(rows.length / Row.WORDS);
    if (cell.take(rows[at + Row.PLACE]!, rows[at + Row.VERB]!, rows[at + Row.ITEM]!))
      spent = rows[at + Row.SPENT]!;
  }
  drain(cell, []);
  return cell;
}
