import { Command } from '@commander-js/extra-typings';
import { VERDICT_LEGEND, storiesTable, type StoriesDocument } from '@lastref/report';
import { findEra, pose } from '@lastref/runner';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import { question } from '@lastref/runner/stories';
import pc from 'picocolors';
import { FaultsOfRun, reportFault } from './faults.ts';
import { eraOption, trustOption, withOption } from './flags.ts';
import { replayHint } from './hint.ts';
import { cellsOfStories } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { house } from '../house.ts';
import { sayDocument, sayText } from './say.ts';

interface StoriesFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly era?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

async function storiesCommand(flags: StoriesFlags): Promise<void> {
  const outcome = new Outcome(flags);
  const era = flags.era === undefined ? null : findEra(flags.era).id;
  const there = await knownDesigns(house, flags.with, reportFault, flags.trust);
  const asked = flags.designs ?? there.candidates.map((c) => c.design.id).join();
  const designs = selectDesigns(there, asked === '' ? undefined : asked);
  if (designs.length === 0) return;
  const faults = new FaultsOfRun(there.faults);
  const doc = await pose(
    house,
    question,
    { designs, era, faults: faults.all },
    { progress: 'stories', onFault: faults.onFault },
  );
  faults.report();
  if (doc.cells.length === 0) return;
  outcome.tell(cellsOfStories(doc));
  if (flags.json === true) sayDocument(doc);
  else sayText(text(doc, flags.with).join('\n'));
}

/** With one design also what each finding is, and the way to see it. */
function text(doc: StoriesDocument, candidates: readonly string[]): string[] {
  const out = [storiesTable(doc, pc), VERDICT_LEGEND];
  if (doc.designs.length > 1) return out;
  for (const { story, findings, token } of doc.cells) {
    if (token === null) continue;
    const { title } = doc.stories.find((s) => s.id === story)!;
    out.push('', `${pc.bold(story)}: ${title}`);
    out.push(...findings.map((f) => `  ${f.property} (${f.harm}), ${f.where}: ${f.text}`));
    out.push(`  ${replayHint(token, candidates)}`);
  }
  return out;
}

export const command = judging(
  new Command('stories')
    .description(
      'scripted situations that no clock comes to: interrupts off, an owner who is gone, pages of a slab, notices that are joined',
    )
    .option('--designs <ids>', 'only these, separated by commas (default: candidates, else all)')
    .addOption(
      eraOption('behave like this kernel (default: the newest that each story is told for)'),
    )
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref stories --designs ian-frag-destructor
  lastref stories --with ./my-design.ts
  lastref stories --designs msg-zerocopy,ubuf-orphan --era 4.14`,
  )
  .action(storiesCommand);
