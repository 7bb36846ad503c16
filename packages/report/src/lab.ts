// The document of `lastref lab`: the model beside running kernels.
import Table from 'cli-table3';
import { z } from 'zod';
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
      `${paint.bold(k.id.padEnd(6))}${k.version}`,
      `      ${k.sequences} sequences, ${k.steps} steps, ${percent(k.skipped, k.steps)} skipped: ${verdict}`,
    );
  }
  out.push('', operationTable(doc, paint));
  for (const d of doc.disagreements) out.push('', ...disagreementLines(d));
  if (doc.notCompared.length > 0) {
    out.push('', paint.bold('Not compared'));
    for (const { op, reason } of doc.notCompared) out.push(`  ${op.padEnd(30)}${reason}`);
  }
  return `${out.join('\n')}\n`;
}

function operationTable(doc: LabDocument, paint: Paint): string {
  const table = new Table({
    ...PLAIN,
    head: [
      'operation',
      ...doc.kernels.flatMap(({ id }) => [`${id}\nsequences`, 'steps\nskipped', 'differ']),
    ],
    colAligns: ['left', ...doc.kernels.flatMap(() => ['right', 'right', 'right'] as const)],
  });
  for (const op of new Set(doc.rows.map((r) => r.op))) {
    const cells = doc.kernels.flatMap(({ id }) => {
      const row = doc.rows.find((r) => r.op === op && r.kernel === id);
      if (row === undefined) return ['-', '-', '-'];
      const { sequences, steps, skipped, disagree } = row;
      const differ = disagree === 0 ? paint.green('0') : paint.red(String(disagree));
      return [String(sequences), `${steps}\n${skipped}`, differ];
    });
    table.push([op, ...cells]);
  }
  return table.toString();
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

/** As results/lab.md has it. */
export function labMarkdown(doc: LabDocument, command: string): string {
  const out = ['# The model beside running kernels', '', `\`${command}\``, ''];
  out.push('| kernel | sequences | agree | steps | skipped |', '|---|--:|--:|--:|--:|');
  for (const k of doc.kernels)
    out.push(
      `| ${k.version} (image sha256 ${k.sha256.slice(0, 16)}…), era ${k.era} | ${k.sequences} | ${k.agree} | ${k.steps} | ${percent(k.skipped, k.steps)} |`,
    );
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
