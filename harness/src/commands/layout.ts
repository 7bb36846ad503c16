import { Command, Option } from '@commander-js/extra-typings';
import { layoutEraIds, listing } from '@lastref/layout';
import { layoutText } from '@lastref/report/text/layout';
import { layoutsOf, mustHaveLayout } from '@lastref/runner/layouts';
import pc from 'picocolors';
import { treeName, trustOption, withOption } from './flags.ts';
import { designsCalled } from './asked.ts';
import { show } from './say.ts';

type LayoutFlags = ReturnType<typeof command.opts>;

async function layoutCommand(flags: LayoutFlags): Promise<void> {
  const where = { era: flags.era ?? null, struct: flags.struct ?? null };
  mustHaveLayout(where);
  const { doc, listings } = layoutsOf(await designsCalled(flags.designs, flags), where);
  show(flags, doc, () => {
    const listed = listings.map((l) => ({ ...l, text: listing(flags.struct!, l.layout) }));
    return layoutText(doc, pc, listed, flags.struct);
  });
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
  );

command.action(layoutCommand);
