import { Command } from '@commander-js/extra-typings';
import { DEFAULT_BOUND, SPEND_MAX, type Bound } from '@lastref/search';
import { question } from '@lastref/runner/explore';
import { knownDesigns } from '@lastref/runner/known';
import {
  canaries,
  find,
  findEra,
  mustPlay,
  ownEra,
  pose,
  sized,
  sourceOf,
  workloadFor,
} from '@lastref/runner';
import { Expedition } from './explore/expedition.ts';
import { linesOf } from './explore/lines.ts';
import { stateLines, type Looks } from './explore/text.ts';
import { bounded, eraOption, trustOption, withOption } from './flags.ts';
import { terminalWidth } from './width.ts';
import { house } from '../house.ts';
import { sayDocument } from './say.ts';

interface ExploreFlags {
  readonly era?: string | undefined;
  readonly failures?: number | undefined;
  readonly states?: number | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

/** States that a search from here visits unless more is asked for: some seconds. */
const STATES = 20_000;

async function exploreCommand(
  designId: string,
  workloadId: string,
  flags: ExploreFlags,
): Promise<void> {
  const known = await knownDesigns(house, flags.with, undefined, flags.trust, 'both');
  const { all, runtimes, candidates } = known;
  const designs = [...all, ...(await canaries()), ...runtimes];
  const { design } = find('design', designs, (d) => d.design.id, designId);
  const { id, operations = 1 } = sized(workloadId);
  const workload = workloadFor(design, id);
  const era = flags.era === undefined ? ownEra(design) : findEra(flags.era);
  mustPlay(workload, era, design.over);
  const bound: Bound = {
    ...DEFAULT_BOUND,
    operations,
    failures: flags.failures ?? 0,
    states: flags.states ?? STATES,
  };
  const says = flags.json === true ? process.stderr : process.stdout;
  const say = (lines: readonly string[]): void => void says.write(`${lines.join('\n')}\n`);
  const looks: Looks = { width: terminalWidth(), files: flags.with };
  const expedition = await Expedition.begin((ask) =>
    pose(house, question, {
      candidates: candidates.map(sourceOf),
      design: design.id,
      workload: workload.id,
      era: era.id,
      bound,
      ...ask,
    }),
  );
  say(stateLines(expedition.doc, 0, looks));
  for await (const { text, where } of linesOf(process.stdin, process.stderr)) {
    const answer = await expedition.command(text, where, looks);
    if (answer === null) break;
    say(answer);
  }
  if (flags.json === true) sayDocument(expedition.doc);
}

export const command = new Command('explore')
  .description('the reader is the picker: choose what happens next, see who can still read')
  .argument('<design>', 'as list prints it')
  .argument('<workload>', 'as list prints it, or with a number of operations: nfs-odirect~2')
  .addOption(
    bounded(
      'failures',
      'list allocations and devices that fail, and let a search have that many (default 0)',
      SPEND_MAX,
    ),
  )
  .addOption(
    bounded('states', `states that a search from here visits (default ${STATES})`, 50_000_000, 1),
  )
  .addOption(eraOption("behave like this kernel (default: the design's own)"))
  .addOption(withOption())
  .addOption(trustOption())
  .option(
    '--json',
    'at the end, print one JSON document on standard output; all else goes to stderr',
  )
  .addHelpText(
    'after',
    `
Commands, one a line, from the keyboard or a pipe:
  3          take what stands third in the list
  u          undo
  j 5        jump to where five steps were chosen
  w          who could still read?
  f          let a search finish from here: the shortest way to a finding, or that there is none within its bound
  p          play by the clock to the end
  t          print the token of the steps so far
  s FILE.svg draw them as a space-time diagram
  l          list again
  q          quit

Examples:
  lastref explore rpc-reply nfs-odirect
  printf '1\\nf\\nt\\n' | lastref explore rpc-reply nfs-odirect
  lastref explore my-design bulk-loss~2 --with my-design.ts`,
  )
  .action(exploreCommand);
