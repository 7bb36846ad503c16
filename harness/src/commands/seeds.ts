import { seedsMarkdown, seedsText } from '@lastref/report';
import { question } from '@lastref/runner/seeds';
import pc from 'picocolors';
import { OWN, bounded, eraOption } from './flags.ts';
import { cellsOfSeeds } from '@lastref/report/ci';
import { replayWith } from '@lastref/runner/typed';
import { inKernel, onceMore, onceMoreCommand, type OnceMoreFlags } from './once-more.ts';

interface SeedsFlags extends OnceMoreFlags {
  readonly era?: string | undefined;
  readonly seeds: number;
}

const action = onceMore({
  name: 'seeds',
  question,
  plan: (asked, { era, seeds }: SeedsFlags) => ({ ...inKernel(asked, era), seeds }),
  cells: cellsOfSeeds,
  markdown: seedsMarkdown,
  text: (doc, flags) => seedsText(doc, pc, replayWith(flags.with, flags.trust)),
});

export const command = onceMoreCommand(
  'seeds',
  'which verdicts of the comparison rest on chance? each cell with many seeds',
)
  .addOption(eraOption('behave like this kernel (default: own, the kernel of each design)', [OWN]))
  .addOption(bounded('seeds', 'how many, from --seed on', 1000, 1).default(20))
  .addHelpText(
    'after',
    `
Examples:
  lastref seeds
  lastref seeds --designs rpc-reply,copy-always --workloads nfs-tcp-retransmit
  lastref seeds --with ./my-design.ts`,
  )
  .action(action);
