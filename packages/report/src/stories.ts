// The document of `lastref stories`: every scripted situation under every design.
import { HARMS, PROPERTIES } from '@lastref/judge';
import Table from 'cli-table3';
import { z } from 'zod';
import { faultSchema, verdict } from './documents/parts.ts';
import { PLAIN, VERDICT_LEGEND, type Paint } from './tables.ts';
import { cellWord } from './verdicts.ts';
import type { Replay } from './words.ts';

const storyCellSchema = z.object({
  design: z.string(),
  story: z.string(),
  era: z.string(),
  /** Is it what the design was made for? */
  domain: z.boolean(),
  verdicts: z.record(z.enum(PROPERTIES), verdict),
  findings: z.array(
    z.object({
      property: z.enum(PROPERTIES),
      harm: z.enum(HARMS),
      where: z.string(),
      text: z.string(),
    }),
  ),
  /** Plays it; null: nothing was found. */
  token: z.string().nullable(),
});

/** `lastref stories --json` */
export const storiesSchema = z.object({
  schema: z.literal('lastref.stories/1'),
  designs: z.array(z.string()),
  stories: z.array(z.object({ id: z.string(), title: z.string(), why: z.string() })),
  cells: z.array(storyCellSchema),
  /** What stopped a candidate; without it nothing did. */
  stopped: z.array(faultSchema).optional(),
  /** Candidates that ran beside the judge (--trust): their verdicts are worth what they are. Without it there is none. */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});
export type StoriesDocument = z.infer<typeof storiesSchema>;
export type StoryCell = StoriesDocument['cells'][number];

/** The word of a cell, as in a comparison. */
export function storyWord(cell: StoryCell): string {
  return cellWord({ ...cell, state: 'judged' });
}

export function storiesTable(doc: StoriesDocument, paint: Paint): string {
  const grid = new Table({ head: ['story', ...doc.designs], ...PLAIN });
  for (const { id } of doc.stories) {
    const words = doc.designs.map((design) => {
      const cell = doc.cells.find((c) => c.design === design && c.story === id);
      if (cell === undefined) return '';
      const word = storyWord(cell);
      return /holds/.test(word) ? paint.green(word) : word === '-' ? word : paint.red(word);
    });
    grid.push([id, ...words]);
  }
  return grid.toString();
}

/** The table; with one design also what each finding is, and the way to see it. */
export function storiesText(doc: StoriesDocument, paint: Paint, replay: Replay): string {
  const out = [storiesTable(doc, paint), VERDICT_LEGEND];
  if (doc.designs.length > 1) return out.join('\n');
  for (const { story, findings, token } of doc.cells) {
    if (token === null) continue;
    const { title } = doc.stories.find((s) => s.id === story)!;
    out.push('', `${paint.bold(story)}: ${title}`);
    out.push(...findings.map((f) => `  ${f.property} (${f.harm}), ${f.where}: ${f.text}`));
    out.push(`  ${replay(token)}`);
  }
  return out.join('\n');
}
