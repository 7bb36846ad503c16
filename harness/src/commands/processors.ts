import { processorsMarkdown, processorsText } from '@lastref/report';
import { question } from '@lastref/runner/processors';
import pc from 'picocolors';
import { OWN, eraOption } from './flags.ts';
import { cellsOfProcessors } from '@lastref/report/ci';
import { replayWith } from '@lastref/runner/typed';
import { inKernel, onceMore, onceMoreCommand, type OnceMoreFlags } from './once-more.ts';

interface ProcessorsFlags extends OnceMoreFlags {
  readonly era?: string | undefined;
}

const action = onceMore({
  name: 'processors',
  question,
  plan: (asked, { era }: ProcessorsFlags) => inKernel(asked, era),
  cells: cellsOfProcessors,
  markdown: processorsMarkdown,
  text: (doc, flags) => processorsText(doc, pc, replayWith(flags.with, flags.trust)),
});

export const command = onceMoreCommand(
  'processors',
  'does it matter that processors take time? verdicts at both ends of the prices',
)
  .addOption(eraOption('behave like this kernel (default: own, the kernel of each design)', [OWN]))
  .addHelpText(
    'after',
    `
Examples:
  lastref processors
  lastref processors --designs rpc-reply,copy-always --workloads nfs-tcp-retransmit
  lastref processors --with ./my-design.ts`,
  )
  .action(action);
