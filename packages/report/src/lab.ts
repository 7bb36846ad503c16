// The document of `lastref lab`: the model beside running kernels.
import Table from 'cli-table3';
import { z } from 'zod';
import { table } from './markup.ts';
import { PLAIN, type Paint } from './tables.ts';

/** One operation on one kernel. */
const labRowSchema = z.object({
  op: z.string(),
  kernel: z.string(),
  /** Sequences that have it. */
  sequences: z.number().int(),
  /** Steps that did something, and steps that both arms skipped. */
  steps: z.number().int(),
  skipped: z.number().int(),
  /** Sequences that part at it. */
  disagree: z.number().int(),
});

const labDisagreementSchema = z.object({
  op: z.string(),
  kernel: z.string(),
  seam: z.string(),
  /** How many sequences part like that. */
  count: z.number().int(),
  /** The shortest script that was found, one operation a line. */
  script: z.string(),
  /** What differs after its last operation: of the model, of the kernel. */
  differs: z.array(z.string()),
  /** Why, and whether a verdict could depend on it: written by hand, empty until then. */
  reason: z.string(),
  couldChange: z.boolean(),
});

/** `lastref lab --json` */
export const labSchema = z.object({
  schema: z.literal('lastref.lab/1'),
  /** What was asked, and on which day. */
  command: z.string(),
  date: z.string(),
  kernels: z.array(
    z.object({
      id: z.string(),
      /** As the kernel itself says it, with the date on which it was built. */
      version: z.string(),
      /** Of its image. */
      sha256: z.string(),
      era: z.string(),
      sequences: z.number().int(),
      agree: z.number().int(),
      steps: z.number().int(),
      skipped: z.number().int(),
    }),
  ),
  seed: z.number().int(),
  rows: z.array(labRowSchema),
  disagreements: z.array(labDisagreementSchema),
  /** Rows of the registry of operations that no operation of a script plays. */
  notCompared: z.array(z.object({ op: z.string(), reason: z.string() })),
  digest: z.string(),
});
export type LabDocument = z.infer<typeof labSchema>;
export type LabDisagreement = LabDocument['disagreements'][number];

const percent = (part: number, of: number) =>
  of === 0 ? '-' : `${((100 * part) / of).toFixed(1)} %`;

/** Kernels, operations × kernels, disagreements with their scripts, what is not compared. */
export function labText(doc: LabDocument, paint: Paint): string {
  const out: string[] = [];
  for (const k of doc.kernels) {
    const all = k.agree === k.sequences;
    const verdict = all ? paint.green('all agree') : paint.red(`${k.sequences - k.agree} differ`);
    out.push(
      `${paint.bold(k.id.padEnd(5))} ${k.version}`,
      `      ${k.sequences} sequences, ${k.steps} steps, ${percent(k.skipped, k.steps)} skipped: ${verdict}`,
    );
  }
  out.push('', operationTable(doc, paint));
  for (const d of doc.disagreements) out.push('', ...disagreementLines(d));
  if (doc.notCompared.length > 0) {
    out.push('', paint.bold('Not compared'));
    const width = Math.max(...doc.notCompared.map(({ op }) => op.length));
    for (const { op, reason } of doc.notCompared) out.push(`  ${op.padEnd(width)}  ${reason}`);
  }
  return `${out.join('\n')}\n`;
}

function operationTable(doc: LabDocument, paint: Paint): string {
  const cells = new Table({
    ...PLAIN,
    head: [
      'operation',
      ...doc.kernels.flatMap(({ id }) => [`${id}\nsequences`, 'steps\nskipped', 'differ']),
    ],
    colAligns: ['left', ...doc.kernels.flatMap(() => ['right', 'right', 'right'] as const)],
  });
  for (const op of new Set(doc.rows.map((r) => r.op))) {
    const line = doc.kernels.flatMap(({ id }) => {
      const row = doc.rows.find((r) => r.op === op && r.kernel === id);
      if (row === undefined) return ['-', '-', '-'];
      const { sequences, steps, skipped, disagree } = row;
      const differ = disagree === 0 ? paint.green('0') : paint.red(String(disagree));
      return [String(sequences), `${steps}\n${skipped}`, differ];
    });
    cells.push([op, ...line]);
  }
  return cells.toString();
}

function disagreementLines(d: LabDisagreement): string[] {
  return [
    `${d.kernel}, ${d.seam}: ${d.count} ${d.count === 1 ? 'sequence parts' : 'sequences part'} at ${d.op}`,
    ...d.script
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    ...d.differs.map((line) => `    model | kernel  ${line}`),
    ...(d.reason === '' ? [] : [`    ${d.reason}`]),
  ];
}

/** A paragraph and a table: which kernels, how much, how far they agree. */
export function labSummary(doc: LabDocument): string {
  const { kernels } = doc;
  const differ = kernels.reduce((sum, k) => sum + k.sequences - k.agree, 0);
  const operations = new Set(doc.rows.map((r) => r.op).filter((op) => op !== 'end')).size;
  return [
    `The same scripts of ${operations} buffer operations on the model and on ${kernels.length} real, unmodified kernels, compared after every step (${doc.date}, \`./${doc.command}\`): ${differ === 0 ? 'all sequences agree, to the last count' : `${differ} sequences differ`}. ${doc.notCompared.length} operations of the matrix are not compared.`,
    table(
      ['kernel', 'era', 'sequences', 'agree', 'steps', 'skipped'],
      kernels.map((k) => [
        k.version,
        k.era,
        String(k.sequences),
        String(k.agree),
        String(k.steps),
        percent(k.skipped, k.steps),
      ]),
    ),
  ].join('\n\n');
}

/** As results/lab.md has it. */
export function labMarkdown(doc: LabDocument): string {
  const out = ['# The model beside running kernels', '', labSummary(doc), ''];
  out.push(...doc.kernels.map((k) => `Image of ${k.id}: sha256 ${k.sha256}.`));
  const ids = doc.kernels.map((k) => k.id);
  out.push('', '## Steps that did something, by operation', '');
  out.push(`| operation | ${ids.join(' | ')} |`, `|---|${ids.map(() => '--:|').join('')}`);
  for (const op of new Set(doc.rows.map((r) => r.op))) {
    const cells = ids.map((id) => {
      const row = doc.rows.find((r) => r.op === op && r.kernel === id);
      if (row === undefined) return '-';
      return row.disagree === 0 ? String(row.steps) : `${row.steps} (${row.disagree} differ)`;
    });
    out.push(`| ${op} | ${cells.join(' | ')} |`);
  }
  out.push('', '## Disagreements', '');
  if (doc.disagreements.length === 0) out.push('None.');
  for (const d of doc.disagreements)
    out.push(
      `- ${d.kernel}, ${d.seam}, at ${d.op} (${d.count}): ${d.reason}`,
      '',
      '```',
      d.script.trimEnd(),
      ...d.differs.map((line) => `# model | kernel  ${line}`),
      '```',
    );
  out.push('', '## Not compared', '', '| operation of the registry | reason |', '|---|---|');
  for (const { op, reason } of doc.notCompared) out.push(`| ${op} | ${reason} |`);
  return `${out.join('\n')}\n`;
}
