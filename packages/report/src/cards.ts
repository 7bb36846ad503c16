// The cards of the properties as a table for the documentation.
import { CARDS } from '@lastref/judge';
import { table } from './markup.ts';

/** Every property, the gravest first: when it is refuted, what comes of it, when it shows, and what it leaves open. */
export function propertyTable(): string {
  return table(
    ['property', 'refuted when', 'at worst', 'shows', 'does not say'],
    CARDS.map(({ id, stands, says, damage, found, saysNot }) => [
      stands === 'in the word' ? `**${id}**` : `**${id}** (beside the word)`,
      says,
      damage,
      found,
      saysNot,
    ]),
  );
}
