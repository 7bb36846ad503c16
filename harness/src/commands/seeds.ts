import { Option } from '@commander-js/extra-typings';
import { seedsMarkdown, seedsSentence, seedsTable } from '@lastref/report';
import { question } from '@lastref/runner/seeds';
import pc from 'picocolors';
import { OWN, count, eraOfEach, eraOption } from './flags.ts';
import { replayHint } from './hint.ts';
import { cellsOfSeeds } from '@lastref/report/ci';
import { onceMore, onceMoreCommand, type OnceMoreFlags } from './once-more.ts';

interface SeedsFlags extends OnceMoreFlags {
  readonly era?: string | undefined;
  readonly seeds: number;
}

const action = onceMore({
  name: 'seeds',
  question,
  plan: (asked, { era, seeds }: SeedsFlags) => ({ ...asked, era: eraOfEach(era), seeds }),
  cells: cellsOfSeeds,
  markdown: seedsMarkdown,
  lines: (doc, flags) => {
    const token = doc.rows.find((r) => r.token !== null)?.token;
    return [
      pc.bold('Verdicts that rest on chance'),
      seedsSentence(doc),
      seedsTable(doc),
      token === undefined || token === null ? '' : `  ${replayHint(token, flags.with)}`,
    ].filter((line) => line !== '');
  },
});

export const command = onceMoreCommand(
  'seeds',
  'which verdicts of the comparison rest on chance? each cell with many seeds',
)
  .addOption(eraOption('behave like this kernel (default: own, the kernel of each design)', [OWN]))
  .addOption(
    new Option('--seeds <n>', 'how many, from --seed on').argParser(count(1000)).default(20),
  )
  .addHelpText(
    'after',
    `
Examples:
  lastref seeds
  lastref seeds --designs rpc-reply,copy-always --workloads nfs-tcp-retransmit
  lastref seeds --with ./my-design.ts`,
  )
  .action(action);
