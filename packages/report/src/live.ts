// The document of `lastref lab --live`: what real sockets of running kernels showed, beside what the model says of the
// same in that release.
import Table from 'cli-table3';
import { z } from 'zod';
import { code, table } from './markup.ts';
import { PLAIN, type Paint } from './tables.ts';

/** Who read bytes that were written behind the moment at which their producer took them for its own. */
const readBySchema = z.enum(['wire', 'delivered']);

/** One arm of a scenario on one kernel. */
const liveRowSchema = z.object({
  scenario: z.string(),
  kernel: z.string(),
  /** `probing`; `control`: the same without what is looked at; `sendfile, at return`: the moment that is taken for the end. */
  arm: z.string(),
  runs: z.number().int(),
  /** Runs in which a send was announced before its bytes were acknowledged; null: not looked at. */
  early: z.number().int().nullable(),
  /** Runs in which somebody on the way (a device, a packet socket, another guest …) read changed bytes; null: not looked at. */
  wire: z.number().int().nullable(),
  /** Runs in which the program at the other end did. */
  delivered: z.number().int(),
  /** What the model says of this arm, by an operation or a workload; null: what is looked at takes no part. */
  cell: z
    .object({ design: z.string(), on: z.string(), era: z.string(), word: z.string() })
    .nullable(),
  /** Who reads changed bytes by the model. */
  finds: z.array(readBySchema),
  /**
   * `agrees`: seen where the model finds it, or not seen where the model finds nothing; `not seen`: the model finds it,
   * these runs do not show it; `contradicts`: somebody read changed bytes who, by the model, does not.
   */
  verdict: z.enum(['agrees', 'not seen', 'contradicts']),
});

/** `lastref lab --live SCENARIOS --json` */
export const liveSchema = z.object({
  schema: z.literal('lastref.live/2'),
  command: z.string(),
  kernels: z.array(
    z.object({
      id: z.string(),
      /** As the kernel itself says it. */
      version: z.string(),
      /** Of its image. */
      sha256: z.string(),
      era: z.string(),
      /** Of the runs. */
      date: z.string(),
    }),
  ),
  scenarios: z.array(z.object({ id: z.string(), about: z.string() })),
  rows: z.array(liveRowSchema),
  /** Cells in all; those where the model finds that changed bytes are read, and of these how many showed it, or did not. */
  sum: z.object({
    cells: z.number().int(),
    harmful: z.number().int(),
    seen: z.number().int(),
    notSeen: z.number().int(),
    contradicts: z.number().int(),
  }),
  digest: z.string(),
});
export type LiveDocument = z.infer<typeof liveSchema>;
export type LiveRow = LiveDocument['rows'][number];

const HEAD = ['kernel', 'arm', 'runs', 'announced early in', 'read on the way in', 'delivered in'];

const count = (n: number | null): string => (n === null ? '' : String(n));

const seen = (row: LiveRow): string[] => [
  row.kernel,
  row.arm,
  String(row.runs),
  count(row.early),
  count(row.wire),
  String(row.delivered),
];

function modelOf({ cell, finds }: LiveRow): string {
  if (cell === null) return 'takes no part';
  const by = finds.length === 0 ? '' : ` (${finds.join(', ')})`;
  return `${cell.design} on ${cell.on}: ${cell.word}${by}`;
}

const wordOf = ({ verdict, runs }: LiveRow): string =>
  verdict === 'not seen' ? `not seen in ${runs}` : verdict;

/** What it comes to, in one sentence. */
export function liveSum({
  kernels,
  rows,
  sum,
}: Pick<LiveDocument, 'kernels' | 'rows' | 'sum'>): string {
  const runs = rows.reduce((n, row) => n + row.runs, 0);
  return `${sum.cells} cells of ${kernels.length} kernels, ${runs} runs: where the model finds that changed bytes are read (${sum.harmful} cells), ${sum.seen} showed it and ${sum.notSeen} did not; ${sum.contradicts} contradict the model.`;
}

export function liveText(doc: LiveDocument, paint: Paint): string {
  const parts = doc.scenarios.map(({ id, about }) => {
    const grid = new Table({ head: [...HEAD, 'model', ''], ...PLAIN });
    for (const row of doc.rows.filter((r) => r.scenario === id)) {
      const word = wordOf(row);
      const told = row.verdict === 'contradicts' ? paint.red(word) : paint.green(word);
      grid.push([...seen(row), modelOf(row), told]);
    }
    return `${paint.bold(id)}: ${about}\n${grid.toString()}\n`;
  });
  const kernels = doc.kernels.map((k) => `${k.id.padEnd(6)}${k.version}`);
  return `${[...kernels, '', ...parts, liveSum(doc)].join('\n')}\n`;
}

/** The table of one scenario alone, for pages that tell its story. */
export function liveTable(doc: LiveDocument, scenario: string): string {
  return table(
    [...HEAD, 'model', 'so'],
    doc.rows
      .filter((row) => row.scenario === scenario)
      .map((row) => [...seen(row), modelOf(row), wordOf(row)]),
  );
}

export function liveMarkdown(doc: LiveDocument): string {
  const parts = [
    '# Live: real sockets beside the model',
    liveSum(doc),
    `Made by ${code(doc.command)}; digest \`${doc.digest}\`.`,
    table(
      ['kernel', 'version', 'SHA-256 of its image', 'played on'],
      doc.kernels.map((k) => [k.id, k.version, `\`${k.sha256.slice(0, 16)}…\``, k.date]),
    ),
    ...doc.scenarios.map(({ id, about }) => `## ${id}\n\n${about}\n\n${liveTable(doc, id)}`),
  ];
  return `${parts.join('\n\n')}\n`;
}
