// The ledger of claims for a terminal, and as the golden file has it.
import Table from 'cli-table3';
import type { ClaimRow, ClaimsDocument } from '../claims.ts';
import type { Paint } from '../tables.ts';

const VERDICTS = ['confirmed', 'qualified', 'refuted', 'not-settled'] as const;

function painted(verdict: ClaimRow['verdict'], paint: Paint): string {
  switch (verdict) {
    case 'confirmed':
      return paint.green(verdict);
    case 'refuted':
      return paint.red(verdict);
    default:
      return paint.yellow(verdict);
  }
}

/** '12 confirmed, 3 qualified' */
export function verdictCounts(doc: ClaimsDocument): string {
  return VERDICTS.map((v) => [v, doc.rows.filter((r) => r.verdict === v).length] as const)
    .filter(([, n]) => n > 0)
    .map(([v, n]) => `${n} ${v}`)
    .join(', ');
}

/** A table of all rows; `long`: each row with everything that it has. */
export function claimsText(doc: ClaimsDocument, paint: Paint, long: boolean): string {
  const out: string[] = [];
  if (long) {
    for (const row of doc.rows) out.push(longRow(doc, row, paint), '');
  } else {
    for (const source of doc.sources) {
      out.push(paint.bold(`${source.author}, ${source.title} (${source.date})`));
      const rows = doc.rows.filter((r) => r.source === source.id);
      const table = new Table({
        head: ['id', 'claim', 'verdict', 'seen'],
        colWidths: [5, 34, 13, 66],
        wordWrap: true,
        style: { head: [], border: [] },
      });
      for (const r of rows) table.push([r.id, r.text, painted(r.verdict, paint), seen(r)]);
      out.push(table.toString(), '');
    }
  }
  out.push(
    `${doc.rows.length === 1 ? '1 claim' : `${doc.rows.length} claims`}: ${verdictCounts(doc)}.`,
  );
  if (!long) out.push('One claim with its method, scope and token: ./lastref claims --claim L1');
  return `${out.join('\n')}\n`;
}

function seen(row: ClaimRow): string {
  const missing = row.missing === null ? '' : ` Missing: ${row.missing}.`;
  const made = row.byConstruction === null ? '' : ` By construction: ${row.byConstruction}.`;
  return `${row.saw}${missing}${made}`;
}

function longRow(doc: ClaimsDocument, row: ClaimRow, paint: Paint): string {
  const source = doc.sources.find((s) => s.id === row.source)!;
  const lines = [
    `${paint.bold(`${row.id}  ${row.text}`)}: ${painted(row.verdict, paint)}`,
    `  source    ${source.author}, ${source.title} (${source.date})`,
    `  claim     ${row.hypothesis}`,
    `  run       ${row.run}`,
    `  refuted   if ${row.refuting}`,
    `  seen      ${row.saw}`,
    `  scope     ${row.scope}`,
  ];
  if (row.missing !== null) lines.push(`  missing   ${row.missing}`);
  if (row.byConstruction !== null) lines.push(`  made so   ${row.byConstruction}`);
  if (row.token !== null) lines.push(`  replay    ./lastref replay ${row.token}`);
  return lines.join('\n');
}

/** One line for each claim, and what was seen. */
export function claimLines(doc: ClaimsDocument): string {
  return doc.rows
    .map(
      (r) => `${r.id.padEnd(5)}${r.verdict.padEnd(13)}${r.text}\n     ${seen(r)}\n     ${r.scope}`,
    )
    .join('\n');
}
