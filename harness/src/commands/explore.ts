import { Command } from '@commander-js/extra-typings';
import { DEFAULT_BOUND, SPEND_MAX, type Bound } from '@lastref/search';
import { stateLines } from '@lastref/report/text/explore';
import { question } from '@lastref/runner/explore';
import { cellCalled, knownDesigns } from '@lastref/runner/known';
import { mustBeSearched, pose, sourceOf } from '@lastref/runner';
import { Expedition, type Reader } from '@lastref/runner/expedition';
import { bounded, eraOption, trustOption, withOption } from './flags.ts';
import { terminalWidth } from './width.ts';
import { house } from '../house.ts';
import { sayDocument } from './say.ts';
import pc from 'picocolors';
import { linesOf, replayWith, typed } from '@lastref/runner/typed';

type ExploreFlags = ReturnType<typeof command.opts>;

/** States that a search from here visits unless more is asked for: some seconds. */
const STATES = 20_000;

async function exploreCommand(
  designId: string,
  workloadId: string,
  flags: ExploreFlags,
): Promise<void> {
  mustBeSearched(workloadId);
  const known = await knownDesigns(house, flags, { takes: 'both', next: question });
  const {
    design,
    workload,
    era,
    operations = 1,
  } = await cellCalled(known, designId, workloadId, flags.era);
  const bound: Bound = {
    ...DEFAULT_BOUND,
    operations,
    failures: flags.failures ?? 0,
    states: flags.states ?? STATES,
  };
  const says = flags.json === true ? process.stderr : process.stdout;
  const say = (lines: readonly string[]): void => void says.write(`${lines.join('\n')}\n`);
  const replay = replayWith(flags.with, flags.trust);
  const reader: Reader = { width: terminalWidth(), paint: pc, replay, typed };
  const expedition = await Expedition.begin((ask) =>
    pose(house, question, {
      candidates: known.candidates.map(sourceOf),
      design: design.id,
      workload: workload.id,
      era: era.id,
      bound,
      ...ask,
    }),
  );
  say(stateLines(expedition.doc, 0, reader));
  for await (const { text, where } of linesOf(process.stdin, process.stderr)) {
    const answer = await expedition.command(text, where, reader);
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
  );

command.action(exploreCommand);
