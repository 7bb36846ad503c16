import { Command, Option } from '@commander-js/extra-typings';
import { layoutEraIds, listing } from '@lastref/layout';
import type { LayoutDocument } from '@lastref/report';
import { knownDesigns } from '@lastref/runner/known';
import { layouts, type Layouts } from '@lastref/runner/layouts';
import { select } from '@lastref/runner';
import Table from 'cli-table3';
import pc from 'picocolors';
import { treeName, trustOption, withOption } from './flags.ts';
import { sayDocument, sayText } from './say.ts';
import { house } from '../house.ts';

interface LayoutFlags {
  readonly designs?: string | undefined;
  readonly era?: string | undefined;
  readonly struct?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

async function layoutCommand(flags: LayoutFlags): Promise<void> {
  const known = (await knownDesigns(house, flags.with, undefined, flags.trust)).all.map(
    ({ design }) => design,
  );
  const result = layouts({
    designs: select('design', known, (d) => d.id, flags.designs),
    era: flags.era ?? null,
    struct: flags.struct ?? null,
  });
  if (flags.json === true) sayDocument(result.doc);
  else sayText(print(result, flags.struct));
}

const STYLE = { head: [], border: [] };

function print({ doc, listings }: Layouts, struct: string | undefined): string {
  const out: string[] = [];
  for (const l of listings) {
    const whose = l.design === null ? 'as the kernel has it' : `with ${l.design}`;
    out.push(pc.bold(`${struct}, ${l.era}, ${whose}`), listing(struct!, l.layout), '');
  }
  if (doc.rows.some(changed)) {
    out.push(pc.bold(heading(doc)), structTable(doc));
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
      pc.bold(`The data buffer for one received frame, MTU ${doc.buffers[0]?.mtu ?? 1500}`),
      bufferTable(doc),
    );
    if (doc.buffers.some((b) => b.pageFrag))
      out.push('* a caller that may not sleep gets exactly these bytes, cut from a chunk of pages');
  }
  for (const era of doc.eras) if (era.note !== null) out.push(`${era.id} is ${era.note}.`);
  return out.join('\n');
}

function heading({ eras }: LayoutDocument): string {
  const where =
    eras.length === 1 ? eras[0]!.id : "the kernel of each design's time and in a later one";
  return `What the designs add to the kernel's structs, on x86-64 in ${where}`;
}

function changed(row: LayoutDocument['rows'][number]): boolean {
  return row.growth !== 0 || row.adds.length > 0;
}

function structTable(doc: LayoutDocument): string {
  const table = new Table({
    head: ['design', 'era', 'struct', 'adds', 'bytes', 'growth', 'cache\nlines', 'takes'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right'],
    style: STYLE,
  });
  for (const r of doc.rows.filter(changed)) {
    const growth = r.growth > 0 ? pc.yellow(`+${r.growth}`) : String(r.growth);
    const adds = r.adds.length === 0 ? '(in its members)' : r.adds.join('\n');
    table.push([r.design, r.era, r.struct, adds, r.bytes, growth, r.cacheLines, r.footprint]);
  }
  return table.toString();
}

/** One row per kernel and size; the designs that share it together. */
function bufferTable(doc: LayoutDocument): string {
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
      const cache = sizeClass > 2048 ? pc.red(String(sizeClass)) : String(sizeClass);
      const names = same.map((b) => b.design).join('\n');
      table.push([id, data, shinfo, `${bytes}${pageFrag ? '*' : ''}`, cache, names]);
    }
  }
  return table.toString();
}

export const command = new Command('layout')
  .description(
    'the structs that each design changes as a C compiler lays them out, and receive buffers',
  )
  .option('--designs <ids>', 'only these, separated by commas')
  .addOption(
    new Option(
      '--era <version>',
      `in this kernel alone: ${layoutEraIds().join(', ')} (default: the design's own and 3.8)`,
    ).argParser(treeName),
  )
  .option(
    '--struct <name>',
    'this struct alone, with fields, offsets, holes and cache lines: sk_buff, skb_shared_info, skb_frag_t, page, sock, pipe_buffer, ubuf_info',
  )
  .addOption(withOption())
  .addOption(trustOption())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref layout
  lastref layout --struct skb_shared_info --designs ian-frag-destructor
  lastref layout --struct sk_buff --era 3.2
  lastref layout --designs rusty-shinfo-orig --era 2.6.32 --json`,
  )
  .action(layoutCommand);
