// What `lastref packetdrill` prints and writes: the sums by kernel, then a line for each script.
import { escapeMarkdown, table } from './markup.ts';
import type { PacketdrillDocument } from './packetdrill-document.ts';
import type { Paint } from './tables.ts';
import { many, printable } from './words.ts';

type Row = PacketdrillDocument['rows'][number];
type Result = Row['result'];

/** One script, with what became of it on each kernel. */
interface Line {
  readonly script: string;
  readonly results: readonly Result[];
  readonly reason: string;
}

/** Rows of one script are neighbours. */
function linesOf({ rows }: PacketdrillDocument): Line[] {
  const byScript = new Map<string, Row[]>();
  for (const row of rows) byScript.set(row.script, [...(byScript.get(row.script) ?? []), row]);
  return [...byScript].map(([script, all]) => ({
    script,
    results: all.map((r) => r.result),
    reason: reasonOf(all),
  }));
}

/** Once where all kernels have the same one; else behind the kernels that have it. */
function reasonOf(all: readonly Row[]): string {
  const byReason = new Map<string | null, string[]>();
  for (const { era, reason } of all) byReason.set(reason, [...(byReason.get(reason) ?? []), era]);
  return [...byReason]
    .flatMap(([reason, eras]) => {
      if (reason === null) return [];
      return byReason.size === 1 ? [reason] : [`${eras.join(', ')}: ${reason}`];
    })
    .join('; ');
}

function sums({ eras }: PacketdrillDocument): string[] {
  const width = Math.max(...eras.map((e) => e.era.length), 0);
  return eras.map(
    ({ era, passed, failed, skipped }) =>
      `${era.padEnd(width)}  ${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
}

/** The document as text. */
export function packetdrillText(doc: PacketdrillDocument, paint: Paint): string {
  const lines = linesOf(doc);
  const width = Math.max(...lines.map((l) => l.script.length), 0);
  const columns = doc.eras.map(({ era }) => Math.max(era.length, 'skipped'.length));
  const colour = (result: Result, text: string): string =>
    result === 'passed' ? paint.green(text) : result === 'failed' ? paint.red(text) : text;
  const head = doc.eras.map(({ era }, i) => era.padEnd(columns[i]!)).join('  ');
  const body = lines.map(({ script, results, reason }) => {
    const cells = results.map((r, i) => colour(r, r.padEnd(columns[i]!))).join('  ');
    return reason === ''
      ? `${cells}  ${script}`
      : `${cells}  ${script.padEnd(width)}  ${printable(reason)}`;
  });
  return `${[`${many(lines.length, 'script')} with ${doc.design}`, ...sums(doc), '', head, ...body].join('\n')}\n`;
}

/** The same for a pull request. `command`: what wrote it. */
export function packetdrillMarkdown(doc: PacketdrillDocument, command: string): string {
  const lines = linesOf(doc);
  const byEra = doc.eras.map(({ era, passed, failed, skipped }) =>
    [escapeMarkdown(era), passed, failed, skipped].map(String),
  );
  const rows = lines.map(({ script, results, reason }) => [
    escapeMarkdown(script),
    ...results,
    escapeMarkdown(reason),
  ]);
  return [
    '# packetdrill',
    '',
    `${many(lines.length, 'script')} with ${doc.design}, by \`${command}\`.`,
    '',
    table(['kernel', 'passed', 'failed', 'skipped'], byEra),
    '',
    'The host has one TCP, that of about 6.12; where these kernels differ it does what each does only if docs/packetdrill.md says so.',
    '',
    table(['script', ...doc.eras.map(({ era }) => escapeMarkdown(era)), 'reason'], rows),
    '',
  ].join('\n');
}

/** The document without its digest: what became of each script in each kernel, and how many of each. */
export function packetdrillContent(
  design: string,
  eras: readonly string[],
  rows: PacketdrillDocument['rows'],
): Omit<PacketdrillDocument, 'digest'> {
  const of = (era: string, result: string): number =>
    rows.filter((r) => r.era === era && r.result === result).length;
  return {
    schema: 'lastref.packetdrill/2',
    design,
    eras: eras.map((era) => ({
      era,
      passed: of(era, 'passed'),
      failed: of(era, 'failed'),
      skipped: of(era, 'skipped'),
    })),
    rows,
  };
}
