// What has to do with somebody's words, the best first.
import type { FindDocument } from '../documents/house.ts';
import type { Paint } from '../tables.ts';

/** So many are shown. */
const SHOWN = 8;

type Found = FindDocument['found'][number];

/** What is said of each, without what it was found by. */
export function foundDocument(
  words: readonly string[],
  all: readonly Found[],
): Omit<FindDocument, 'digest'> {
  const found = all.map(({ kind, id, title, command }) => ({ kind, id, title, command }));
  return { schema: 'lastref.find/1', words: [...words], found };
}

export function foundText(all: readonly Found[], paint: Paint): string {
  const lines = all
    .slice(0, SHOWN)
    .flatMap((e) => [
      `${e.kind.padEnd(11)}${paint.bold(e.id)}: ${e.title}`,
      `           ${e.command}`,
    ]);
  const more = all.length - SHOWN;
  if (more > 0) lines.push(`and ${more} more that fit less`);
  return `${lines.join('\n')}\n`;
}
