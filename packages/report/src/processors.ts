// The document of `lastref processors`: the verdicts where work takes no time, and where it takes what the ledger charges.
import Table from 'cli-table3';
import { z } from 'zod';
import { faultSchema } from './documents/parts.ts';
import { table } from './markup.ts';
import { TURN_SEEDS } from './documents/comparison.ts';
import { PLAIN, type Paint } from './tables.ts';
import { many, type Replay } from './words.ts';

/** The word of a cell, and how long the run took, in ticks (µs). */
const runSchema = z.object({ word: z.string(), ticks: z.number().int() });

/** `lastref processors --json` */
export const processorsSchema = z.object({
  schema: z.literal('lastref.processors/1'),
  seed: z.number().int(),
  /** By design, then by workload; a kernel that has not got what a workload takes has no row. */
  rows: z.array(
    z.object({
      design: z.string(),
      workload: z.string(),
      era: z.string(),
      /** Work takes no time. */
      free: runSchema,
      /** One processor does everything; the two of a host are on two sockets. */
      low: runSchema,
      high: runSchema,
      /** The three words are not one. */
      differs: z.boolean(),
      /** Over several seeds they are. */
      chance: z.boolean(),
      /** Of a finding at one of the ends, where the words differ. */
      token: z.string().nullable(),
    }),
  ),
  /** What stopped a candidate; without it nothing did. */
  faults: z.array(faultSchema).optional(),
  /** Candidates whose code ran beside the judge (`--trust`); without it nobody's did. */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});
export type ProcessorsDocument = z.infer<typeof processorsSchema>;

/** In one sentence: where it matters. */
export function processorsSentence({ rows }: ProcessorsDocument): string {
  const differing = rows.filter((r) => r.differs);
  const real = differing.filter((r) => !r.chance);
  const cells = many(rows.length, 'cell');
  if (differing.length === 0) return `${cells}: every verdict is the same at both ends.`;
  const chance = many(differing.length - real.length, 'verdict');
  return real.length === 0
    ? `${cells}: over ${TURN_SEEDS} seeds every verdict is the same at both ends; with one seed ${chance} differ by chance.`
    : `${cells}: ${many(real.length, 'verdict')} differ between the ends, also over ${TURN_SEEDS} seeds; ${chance} differ by chance.`;
}

/** Design, workload, kernel, three words, what it is: of the cells whose words differ. */
function differing(doc: ProcessorsDocument): string[][] {
  return doc.rows
    .filter((r) => r.differs)
    .map((r) => [
      r.design,
      r.workload,
      r.era,
      r.free.word,
      r.low.word,
      r.high.word,
      r.chance ? 'chance' : 'differs',
    ]);
}
const HEAD = ['design', 'workload', 'kernel', 'no time', 'low', 'high', ''];

/** '' where there is none. */
export function processorsTable(doc: ProcessorsDocument): string {
  const rows = differing(doc);
  if (rows.length === 0) return '';
  const grid = new Table({ head: HEAD, ...PLAIN });
  grid.push(...rows);
  return grid.toString();
}

export function processorsMarkdown(doc: ProcessorsDocument, command: string): string {
  const parts = [
    '# Verdicts where processors take time',
    `Made by \`${command}\`. In a comparison work takes no time. Here each host has a processor: a step begins when it falls due and its processor is free, and what it does is charged by the ledger, at both ends of [the prices](compare.md): *low*, one processor does everything; *high*, the two of a host are on two sockets.`,
    processorsSentence(doc),
    ...(doc.rows.some((r) => r.differs) ? [table(HEAD, differing(doc))] : []),
    `Digest \`${doc.digest}\`.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

export function processorsText(doc: ProcessorsDocument, paint: Paint, replay: Replay): string {
  const token = doc.rows.find((r) => r.token !== null && !r.chance)?.token ?? null;
  return [
    paint.bold('Verdicts where processors take time'),
    processorsSentence(doc),
    processorsTable(doc),
    token === null ? '' : `  ${replay(token)}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}
