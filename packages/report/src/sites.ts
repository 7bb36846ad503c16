// The documents of `lastref sites` and `lastref port`: functions of a kernel tree that touch a fragment.
import Table from 'cli-table3';
import { z } from 'zod';
import { PLAIN, type Paint } from './tables.ts';
import { many } from './words.ts';

const siteSchema = z.object({
  file: z.string(),
  name: z.string(),
  line: z.number().int(),
  /** What it does, the gravest first; and all that it does. */
  kind: z.string(),
  kinds: z.array(z.string()),
  /** The row of `lastref movers` that stands for it. */
  operation: z.string().nullable(),
});

const partSchema = z.object({ operations: z.number().int(), all: z.number().int() });

const stratumSchema = z.object({
  stratum: z.string(),
  labels: z.number().int(),
  found: z.number().int(),
  missed: z.array(z.string()),
  wrong: z.array(z.string()),
  negatives: z.number().int(),
  sameKind: z.number().int(),
  transfers: z.number().int(),
  transfersFound: z.number().int(),
  transfersWrong: z.number().int(),
  absent: z.array(z.string()),
});

const portRowSchema = siteSchema.extend({
  /** Hooks of the seam that stand there, of those that the design implements. */
  hooks: z.array(z.string()),
  /** Its card names the site; null: no site of the seam. */
  named: z.boolean().nullable(),
});

/** `lastref sites --json` */
export const sitesSchema = z.object({
  schema: z.literal('lastref.sites/1'),
  /** The tree by the name of an era; null: nobody said which it is. */
  tree: z.string().nullable(),
  source: z.string().nullable(),
  read: z.object({
    files: z.number().int(),
    functions: z.number().int(),
    /** Functions of which the grammar has not understood every line. */
    partly: z.number().int(),
  }),
  functions: z.array(siteSchema),
  coverage: z.array(
    z.object({
      scope: z.string(),
      touching: partSchema,
      moving: partSchema,
      transfers: partSchema,
      missing: z.array(z.string()),
    }),
  ),
  directories: z.array(
    z.object({
      dir: z.string(),
      kinds: z.record(z.string(), z.number().int()),
      operations: z.number().int(),
      missing: z.number().int(),
      callers: z.number().int(),
    }),
  ),
  /** Operations that the tree has and should not have by the registry, or the other way round. */
  mismatches: z.array(z.object({ operation: z.string(), says: z.string(), found: z.string() })),
  /** With --keepers. */
  keepers: z
    .array(z.object({ file: z.string(), name: z.string(), line: z.number().int(), by: z.string() }))
    .nullable(),
  /** With --labels. */
  labels: z.array(stratumSchema).nullable(),
  /** With --patch. */
  patch: z
    .object({
      changed: z.array(
        z.object({
          file: z.string(),
          name: z.string(),
          kinds: z.array(z.string()),
          operation: z.string().nullable(),
        }),
      ),
      adds: z.array(z.string()),
      rows: z.array(
        siteSchema.extend({
          hook: z.string(),
          query: z.string(),
          lines: z.array(z.number().int()),
          /** Other ways through it have the hook. */
          elsewhere: z.boolean(),
        }),
      ),
    })
    .nullable(),
  /** With --design. */
  design: z.object({ id: z.string(), rows: z.array(portRowSchema) }).nullable(),
  /** The candidate of --design, if its code ran beside us (`--trust`). */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});
export type SitesDocument = z.infer<typeof sitesSchema>;

/** `lastref port --json` */
export const portSchema = z.object({
  schema: z.literal('lastref.port/1'),
  design: z.string(),
  tree: z.string(),
  /** Hooks that the design implements above the sk_buff layer: a protocol or the allocator has their lines. */
  elsewhere: z.array(z.string()),
  rows: z.array(portRowSchema),
  /** The candidate, if its code ran beside us (`--trust`). */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});
export type PortDocument = z.infer<typeof portSchema>;

const of = ({ operations, all }: { operations: number; all: number }): string =>
  `${operations} of ${all}${all === 0 ? '' : ` (${((100 * operations) / all).toFixed(0)} %)`}`;

/** Coverage, directories, what the registry says wrongly; then what was asked besides. */
export function sitesText(
  doc: SitesDocument,
  paint: Paint,
  example: (operation: string) => string,
): string {
  const { read } = doc;
  const out = [
    paint.bold(
      `${doc.functions.length} functions of ${doc.tree ?? 'this tree'} touch a fragment or an owner's record`,
    ),
    `${many(read.files, 'file')}, ${many(read.functions, 'function')}; of ${read.partly} the grammar has not understood every line.`,
  ];
  if (doc.patch !== null) return [...out, '', ...patchLines(doc.patch, paint, example)].join('\n');
  if (doc.labels !== null) return [...out, '', ...labelLines(doc.labels, paint)].join('\n');
  if (doc.keepers !== null)
    return [
      ...out,
      '',
      paint.bold(
        `${doc.keepers.length} functions queue a packet that they were given, and let go of no lent pages before`,
      ),
      ...doc.keepers.map((k) => `  ${k.file}:${k.line} ${k.name}, by ${k.by}`),
    ].join('\n');
  if (doc.design !== null)
    return [
      ...out,
      '',
      ...portLines(doc.design.id, doc.tree ?? 'this tree', doc.design.rows, paint),
    ].join('\n');
  out.push(
    '',
    paint.bold('How much of it are operations here'),
    coverageTable(doc),
    ...transfersMissing(doc),
    '',
    directoryTable(doc),
  );
  out.push(
    '',
    doc.mismatches.length === 0
      ? 'The registry says nothing of this tree that is not so.'
      : paint.bold('What the registry says and the tree has not'),
  );
  if (doc.tree === null)
    out.push('(Which tree it is was not said: --era NAME has its registry checked.)');
  for (const m of doc.mismatches) out.push(`  ${m.operation} ${m.says}; found: ${m.found}`);
  return out.join('\n');
}

function transfersMissing(doc: SitesDocument): string[] {
  const missing = doc.coverage.at(-1)?.missing ?? [];
  if (missing.length === 0) return [];
  return ['Transfers that no operation stands for:', ...missing.map((m) => `  ${m}`)];
}

function coverageTable(doc: SitesDocument): string {
  const cells = new Table({
    ...PLAIN,
    head: ['scope', 'functions that touch', 'move, share, drop', 'transfers between shared infos'],
  });
  for (const c of doc.coverage)
    cells.push([c.scope, of(c.touching), of(c.moving), of(c.transfers)]);
  return cells.toString();
}

function directoryTable(doc: SitesDocument): string {
  const kinds = Object.keys(doc.directories[0]?.kinds ?? {});
  const cells = new Table({
    ...PLAIN,
    head: [
      'directory',
      ...kinds.map((k) => k.replace('write-in-place', 'in place')),
      'operations',
      'missing',
      'only call',
    ],
    colAligns: ['left', ...kinds.map(() => 'right' as const), 'right', 'right', 'right'],
  });
  for (const d of doc.directories.filter((d) => d.operations + d.missing > 0))
    cells.push([d.dir, ...kinds.map((k) => d.kinds[k] ?? 0), d.operations, d.missing, d.callers]);
  return cells.toString();
}

function patchLines(
  patch: NonNullable<SitesDocument['patch']>,
  paint: Paint,
  example: (operation: string) => string,
): string[] {
  const out = [paint.bold('The patch changes')];
  for (const c of patch.changed)
    out.push(
      `  ${c.file} ${c.name}: ${c.kinds.length === 0 ? 'touches no fragment' : c.kinds.join(', ')}${c.operation === null ? '' : ` (operation ${c.operation})`}`,
    );
  if (patch.changed.length === 0) out.push('  no function of this tree');
  out.push(
    `It adds ${patch.adds.length === 0 ? 'no hook that is known' : `hooks for: ${patch.adds.join(', ')}`}.`,
  );
  if (patch.adds.length === 0) return out;
  out.push(
    '',
    paint.bold(
      `${patch.rows.length} sites of the same kinds that it does not touch and a way goes past the hook`,
    ),
  );
  for (const r of patch.rows) {
    out.push(
      `  ${r.query.padEnd(9)} ${r.file}:${r.lines.join(',')} ${r.name}: no ${r.hook} on ${r.elsewhere ? 'some ways' : 'any way'}`,
    );
    if (r.operation !== null)
      out.push(`            operation ${r.operation}: ${example(r.operation)}`);
  }
  return out;
}

function labelLines(labels: NonNullable<SitesDocument['labels']>, paint: Paint): string[] {
  const cells = new Table({
    ...PLAIN,
    head: ['stratum', 'labels', 'recall', 'precision', 'same kind', 'transfers', 'missed', 'wrong'],
  });
  const rows = [...labels, totalOf(labels)];
  for (const s of rows) {
    const positives = s.found + s.missed.length;
    cells.push([
      s.stratum,
      s.labels,
      rate(s.found, positives),
      rate(s.found, s.found + s.wrong.length),
      rate(s.sameKind, s.found),
      `${s.transfersFound} of ${s.transfers}${s.transfersWrong === 0 ? '' : `, ${s.transfersWrong} wrong`}`,
      s.missed.join('\n'),
      s.wrong.join('\n'),
    ]);
  }
  const absent = labels.flatMap((s) => s.absent);
  return [
    paint.bold('Beside the labels that people gave'),
    cells.toString(),
    ...(absent.length === 0 ? [] : [`Not in this tree: ${absent.join(', ')}`]),
  ];
}

export function totalOf(
  labels: NonNullable<SitesDocument['labels']>,
): NonNullable<SitesDocument['labels']>[number] {
  const sum = (f: (s: (typeof labels)[number]) => number): number =>
    labels.reduce((n, s) => n + f(s), 0);
  return {
    stratum: 'all',
    labels: sum((s) => s.labels),
    found: sum((s) => s.found),
    missed: labels.flatMap((s) => s.missed),
    wrong: labels.flatMap((s) => s.wrong),
    negatives: sum((s) => s.negatives),
    sameKind: sum((s) => s.sameKind),
    transfers: sum((s) => s.transfers),
    transfersFound: sum((s) => s.transfersFound),
    transfersWrong: sum((s) => s.transfersWrong),
    absent: [],
  };
}

function rate(part: number, all: number): string {
  return all === 0 ? '-' : `${part}/${all} ${((100 * part) / all).toFixed(1)} %`;
}

function portLines(
  design: string,
  tree: string,
  rows: PortDocument['rows'],
  paint: Paint,
): string[] {
  const out = [paint.bold(`${rows.length} sites of ${tree} where hooks of ${design} stand`)];
  const mark = (named: boolean | null): string =>
    named === null
      ? ''
      : named
        ? '  (its card names the site)'
        : paint.yellow('  (its card does not hook this site)');
  for (const r of rows)
    out.push(`  ${r.file}:${r.line} ${r.name} [${r.kind}]: ${r.hooks.join(', ')}${mark(r.named)}`);
  return out;
}

export function portText(doc: PortDocument, paint: Paint): string {
  const out = portLines(doc.design, doc.tree, doc.rows, paint);
  if (doc.elsewhere.length > 0)
    out.push(
      `Above the sk_buff layer, in a protocol or the page allocator: ${doc.elsewhere.join(', ')}.`,
    );
  return `${out.join('\n')}\n`;
}
