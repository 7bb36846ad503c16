// The document of `lastref seeds`: which verdicts of the comparison are those of its one seed.
import { PROPERTIES } from '@lastref/judge';
import Table from 'cli-table3';
import { z } from 'zod';
import { faultSchema } from './documents/parts.ts';
import { table } from './markup.ts';
import { PLAIN, type Paint } from './tables.ts';
import { many, type Replay } from './words.ts';

/** `lastref seeds --json` */
export const seedsSchema = z.object({
  schema: z.literal('lastref.seeds/1'),
  /** The first of them: that of the comparison. */
  seed: z.number().int(),
  seeds: z.number().int(),
  /** By design, then by workload; a kernel that has not got what a workload takes has no row. */
  rows: z.array(
    z.object({
      design: z.string(),
      workload: z.string(),
      era: z.string(),
      domain: z.boolean(),
      /** Something was drawn. Where nothing is, every seed plays the same, and one is enough. */
      chance: z.boolean(),
      /** How many were played. */
      seeds: z.number().int(),
      /** In how many of them which word stands; that of the first seed stands first. */
      words: z.array(z.object({ word: z.string(), seeds: z.number().int() })),
      /** Refuted in some of them and not in others: in how many, and the share in percent, with 95 % confidence. */
      properties: z.array(
        z.object({
          property: z.enum(PROPERTIES),
          refuted: z.number().int(),
          low: z.number().int(),
          high: z.number().int(),
        }),
      ),
      /** Of a finding under another word than that of the first seed; null: none. */
      token: z.string().nullable(),
    }),
  ),
  /** What stopped a candidate; without it nothing did. */
  faults: z.array(faultSchema).optional(),
  /** Candidates whose code ran beside the judge (`--trust`); without it nobody's did. */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});
export type SeedsDocument = z.infer<typeof seedsSchema>;

/** Wilson's interval of 95 % for `some` of `all`, in whole percent, outwards. */
export function shareInterval(some: number, all: number): { low: number; high: number } {
  const z2 = 1.96 ** 2;
  const middle = some + z2 / 2;
  const reach = 1.96 * Math.sqrt((some * (all - some)) / all + z2 / 4);
  const percent = (n: number): number => (100 * n) / (all + z2);
  return {
    low: Math.max(0, Math.floor(percent(middle - reach))),
    high: Math.min(100, Math.ceil(percent(middle + reach))),
  };
}

type Row = SeedsDocument['rows'][number];

const wordDiffers = (row: Row): boolean => row.words.length > 1;
const differs = (row: Row): boolean => wordDiffers(row) || row.properties.length > 0;

/** In one sentence: how much of the comparison is chance. */
export function seedsSentence({ rows, seeds }: SeedsDocument): string {
  const drawn = rows.filter((r) => r.chance);
  const words = rows.filter(wordDiffers);
  const inDomain = words.filter((r) => r.domain);
  return `${many(rows.length, 'cell')}, ${drawn.length} of which draw something; over ${many(seeds, 'seed')} the word differs in ${words.length} (${inDomain.length} of them in the design's domain), and what stands beside it in ${rows.filter(differs).length - words.length} more.`;
}

const HEAD = ['design', 'workload', 'kernel', 'words', 'refuted'];

/** Cells that differ: those with two words first. */
function differing({ rows }: SeedsDocument): string[][] {
  const found = rows.filter(differs);
  return found
    .toSorted((a, b) => Number(wordDiffers(b)) - Number(wordDiffers(a)))
    .map((r) => {
      const words = r.words.map(({ word, seeds }) => `${word} ${seeds}`).join(', ');
      const refuted = r.properties.map(
        (p) => `${p.property} in ${p.refuted} of ${r.seeds} (${p.low}–${p.high} %)`,
      );
      return [r.design, r.workload, r.era, r.domain ? words : `(${words})`, refuted.join(', ')];
    });
}

/** '' where there is none. */
export function seedsTable(doc: SeedsDocument): string {
  const rows = differing(doc);
  if (rows.length === 0) return '';
  const grid = new Table({ head: HEAD, ...PLAIN });
  grid.push(...rows);
  return grid.toString();
}

export function seedsMarkdown(doc: SeedsDocument, command: string): string {
  const rows = differing(doc);
  const parts = [
    '# Verdicts that rest on chance',
    `Made by \`${command}\`. A row of [the comparison](compare.md) is one run, with seed ${doc.seed}. Here each is played with ${doc.seeds} seeds: which packets are lost and how long a server takes is drawn anew. A cell that is not in the table says the same under all of them. The word of the comparison stands first; brackets: outside of what the design was made for; in percent: where the share of such seeds is, with 95 % confidence. A *holds* beside another word is a run that did not meet what refutes the design.`,
    seedsSentence(doc),
    ...(rows.length > 0 ? [table(HEAD, rows)] : []),
    `Digest \`${doc.digest}\`.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

export function seedsText(doc: SeedsDocument, paint: Paint, replay: Replay): string {
  const token = doc.rows.find((r) => r.token !== null)?.token ?? null;
  return [
    paint.bold('Verdicts that rest on chance'),
    seedsSentence(doc),
    seedsTable(doc),
    token === null ? '' : `  ${replay(token)}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}
