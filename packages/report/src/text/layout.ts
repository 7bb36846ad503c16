// What designs add to the kernel's structs, for a terminal.
import Table from 'cli-table3';
import type { LayoutDocument } from '../document.ts';
import type { Paint } from '../tables.ts';

const STYLE = { head: [], border: [] };

/** A struct, field by field. */
export interface Listed {
  /** null: as the kernel has it. */
  readonly design: string | null;
  readonly era: string;
  readonly text: string;
}

/** `listings`: of `struct`, which alone was looked at; undefined: all were. */
export function layoutText(
  doc: LayoutDocument,
  paint: Paint,
  listings: readonly Listed[],
  struct: string | undefined,
): string {
  const out: string[] = [];
  for (const l of listings) {
    const whose = l.design === null ? 'as the kernel has it' : `with ${l.design}`;
    out.push(paint.bold(`${struct}, ${l.era}, ${whose}`), l.text, '');
  }
  if (doc.rows.some(changed)) {
    out.push(paint.bold(heading(doc)), structTable(doc, paint));
  }
  const untouched = doc.buffers
    .map((b) => b.design)
    .filter((d, i, all) => all.indexOf(d) === i)
    .filter((d) => !doc.rows.some((r) => r.design === d && changed(r)));
  if (untouched.length > 0)
    out.push(
      `Unchanged by ${untouched.join(', ')}${struct === undefined ? '' : ` (${struct} alone was looked at)`}.`,
    );
  if (struct === undefined) {
    out.push(
      '',
      paint.bold(`The data buffer for one received frame, MTU ${doc.buffers[0]?.mtu ?? 1500}`),
      bufferTable(doc, paint),
    );
    if (doc.buffers.some((b) => b.pageFrag))
      out.push('* a caller that may not sleep gets exactly these bytes, cut from a chunk of pages');
  }
  for (const era of doc.eras) if (era.note !== null) out.push(`${era.id} is ${era.note}.`);
  return out.join('\n');
}

function heading({ eras }: LayoutDocument): string {
  const where = eras.length === 1 ? eras[0]!.id : "each design's own kernel and in 3.8";
  return `What the designs add to the kernel's structs, on x86-64 in ${where}`;
}

function changed(row: LayoutDocument['rows'][number]): boolean {
  return row.growth !== 0 || row.adds.length > 0;
}

function structTable(doc: LayoutDocument, paint: Paint): string {
  const table = new Table({
    head: ['design', 'era', 'struct', 'adds', 'bytes', 'growth', 'cache\nlines', 'takes'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right'],
    style: STYLE,
  });
  for (const r of doc.rows.filter(changed)) {
    const growth = r.growth > 0 ? paint.yellow(`+${r.growth}`) : String(r.growth);
    const adds = r.adds.length === 0 ? '(in its members)' : r.adds.join('\n');
    table.push([r.design, r.era, r.struct, adds, r.bytes, growth, r.cacheLines, r.footprint]);
  }
  return table.toString();
}

/** One row per kernel and size; the designs that share it together. */
function bufferTable(doc: LayoutDocument, paint: Paint): string {
  const table = new Table({
    head: ['era', 'data', 'shared\ninfo', 'bytes', 'kmalloc', 'designs'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    style: STYLE,
  });
  for (const { id } of doc.eras) {
    const here = doc.buffers.filter((b) => b.era === id);
    for (const bytes of [...new Set(here.map((b) => b.bytes))].sort((a, b) => a - b)) {
      const same = here.filter((b) => b.bytes === bytes);
      const { data, shinfo, sizeClass, pageFrag } = same[0]!;
      const cache = sizeClass > 2048 ? paint.red(String(sizeClass)) : String(sizeClass);
      const names = same.map((b) => b.design).join('\n');
      table.push([id, data, shinfo, `${bytes}${pageFrag ? '*' : ''}`, cache, names]);
    }
  }
  return table.toString();
}
