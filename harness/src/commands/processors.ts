import { processorsMarkdown, processorsSentence, processorsTable } from '@lastref/report';
import { question } from '@lastref/runner/processors';
import pc from 'picocolors';
import { OWN, eraOfEach, eraOption } from './flags.ts';
import { replayHint } from './hint.ts';
import { cellsOfProcessors } from '@lastref/report/ci';
import { onceMore, onceMoreCommand, type OnceMoreFlags } from './once-more.ts';

interface ProcessorsFlags extends OnceMoreFlags {
  readonly era?: string | undefined;
}

const action = onceMore({
  name: 'processors',
  question,
  plan: (asked, { era }: ProcessorsFlags) => ({ ...asked, era: eraOfEach(era) }),
  cells: cellsOfProcessors,
  markdown: processorsMarkdown,
  lines: (doc, flags) => {
    const token = doc.rows.find((r) => r.token !== null && !r.chance)?.token;
    return [
      pc.bold('Verdicts where processors take time'),
      processorsSentence(doc),
      processorsTable(doc),
      token === undefined || token === null ? '' : `  ${replayHint(token, flags.with)}`,
    ].filter((line) => line !== '');
  },
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
