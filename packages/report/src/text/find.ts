// What has to do with somebody's words, the best first.
import type { Paint } from '../tables.ts';

/** So many are shown. */
const SHOWN = 8;

export interface Found {
  readonly kind: string;
  readonly id: string;
  readonly title: string;
  /** Shows it. */
  readonly command: string;
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
