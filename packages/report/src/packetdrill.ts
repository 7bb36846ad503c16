// What `lastref packetdrill` prints and writes: a line for each script, and the sum.
import { escapeMarkdown, table } from './markup.ts';
import type { PacketdrillDocument } from './packetdrill-document.ts';
import type { Paint } from './tables.ts';
import { many, printable } from './words.ts';

type Result = PacketdrillDocument['rows'][number]['result'];

function sum({ rows, passed, failed, skipped, era, design }: PacketdrillDocument): string {
  return `${many(rows.length, 'script')} on ${era} with ${design}: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The document as text. */
export function packetdrillText(doc: PacketdrillDocument, paint: Paint): string {
  const width = Math.max(...doc.rows.map((r) => r.script.length), 0);
  const colour = (result: Result): string =>
    result === 'passed' ? paint.green(result) : result === 'failed' ? paint.red(result) : result;
  const lines = doc.rows.map(({ script, result, reason }) => {
    const gap = ' '.repeat(8 - result.length);
    const line = `${colour(result)}${gap}${script}`;
    return reason === null
      ? line
      : `${line}${' '.repeat(width - script.length)}  ${printable(reason)}`;
  });
  return `${[...lines, '', sum(doc)].join('\n')}\n`;
}

/** The same for a pull request. */
export function packetdrillMarkdown(doc: PacketdrillDocument): string {
  const rows = doc.rows.map(({ script, result, reason }) => [
    escapeMarkdown(script),
    result,
    escapeMarkdown(reason ?? ''),
  ]);
  return `# packetdrill\n\n${sum(doc)}.\n\n${table(['script', 'result', 'reason'], rows)}\n`;
}
