// The document of `lastref lab --live`: what real sockets of running kernels showed, beside what the model says of the
// same operation in that release.
import Table from 'cli-table3';
import { z } from 'zod';
import { code, table } from './markup.ts';
import { PLAIN, type Paint } from './tables.ts';

/** One arm of a scenario on one kernel. */
const liveRowSchema = z.object({
  kernel: z.string(),
  /** `probing`; `control`: the same without what is looked at; `sendfile, at return`: the moment that is taken for the end. */
  arm: z.string(),
  runs: z.number().int(),
  /** Runs in which a send was announced before its bytes were acknowledged. */
  early: z.number().int(),
  /** Runs in which the peer's program, or that of a tap, read bytes that were written behind the announcement. */
  delivered: z.number().int(),
  /** What the model says of this arm, by an operation or a workload; null: what is looked at takes no part. */
  cell: z
    .object({ design: z.string(), on: z.string(), era: z.string(), word: z.string() })
    .nullable(),
  /**
   * `agrees`: seen where the model finds it, or not seen where the model proves it impossible; `not seen`: the model finds
   * it, these runs do not show it; `contradicts`: seen where it should be impossible.
   */
  verdict: z.enum(['agrees', 'not seen', 'contradicts']),
});

/** `lastref lab --live SCENARIO --json` */
export const liveSchema = z.object({
  schema: z.literal('lastref.live/1'),
  scenario: z.string(),
  about: z.string(),
  command: z.string(),
  date: z.string(),
  kernels: z.array(
    z.object({
      id: z.string(),
      /** As the kernel itself says it. */
      version: z.string(),
      /** Of its image. */
      sha256: z.string(),
      era: z.string(),
    }),
  ),
  rows: z.array(liveRowSchema),
  digest: z.string(),
});
export type LiveDocument = z.infer<typeof liveSchema>;
export type LiveRow = LiveDocument['rows'][number];

const HEAD = ['kernel', 'arm', 'runs', 'announced early in', 'changed bytes delivered in'];

const seen = (row: LiveRow): string[] => [
  row.kernel,
  row.arm,
  String(row.runs),
  String(row.early),
  String(row.delivered),
];
const modelOf = ({ cell }: LiveRow): string =>
  cell === null ? 'takes no part' : `${cell.design} on ${cell.on}: ${cell.word}`;

export function liveText(doc: LiveDocument, paint: Paint): string {
  const grid = new Table({ head: [...HEAD, 'model', ''], ...PLAIN });
  for (const row of doc.rows) {
    const { verdict } = row;
    const told = verdict === 'contradicts' ? paint.red(verdict) : paint.green(verdict);
    grid.push([...seen(row), modelOf(row), told]);
  }
  const kernels = doc.kernels.map((k) => `${k.id.padEnd(6)}${k.version}`);
  return `${[paint.bold(doc.about), ...kernels, '', grid.toString()].join('\n')}\n`;
}

/** The table alone, for pages that tell its story. */
export function liveTable(doc: LiveDocument): string {
  return table(
    [...HEAD, 'model', 'so'],
    doc.rows.map((row) => [...seen(row), modelOf(row), row.verdict]),
  );
}

export function liveMarkdown(doc: LiveDocument): string {
  const parts = [
    `# Live: ${doc.scenario}`,
    `${doc.about} Made by ${code(doc.command)} on ${doc.date}; digest \`${doc.digest}\`.`,
    liveTable(doc),
    table(
      ['kernel', 'version', 'SHA-256 of its image'],
      doc.kernels.map((k) => [k.id, k.version, `\`${k.sha256.slice(0, 16)}…\``]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}
