import { Command } from '@commander-js/extra-typings';
import { BUGS, found, type Entry } from '@lastref/bugs';
import { OPERATIONS } from '@lastref/operations';
import { UsageError, allWorkloads } from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import pc from 'picocolors';
import { house } from '../house.ts';
import { hint } from './hint.ts';

/** So many are shown. */
const SHOWN = 8;

async function entries(): Promise<Entry[]> {
  const designs = (await knownDesigns(house, [])).all.map(({ design }) => design);
  return [
    ...BUGS.map((b): Entry => ({
      kind: 'bug',
      id: b.id,
      title: b.title,
      command: hint('bugs', b.id),
      words: [...b.words, b.where, b.source, b.kind],
      text: `${b.mechanism} ${b.fix} ${b.lesson} ${b.left ?? ''}`,
    })),
    ...OPERATIONS.map((o): Entry => ({
      kind: 'operation',
      id: o.id,
      title: o.file,
      command: hint('movers', '--newest'),
      words: [],
      text: o.refs,
    })),
    ...allWorkloads().map((w): Entry => ({
      kind: 'workload',
      id: w.id,
      title: w.title,
      command: hint('compare', '--workloads', w.id),
      words: [],
      text: w.story,
    })),
    ...designs.map((d): Entry => ({
      kind: 'design',
      id: d.id,
      title: d.title,
      command: hint('compare', '--designs', d.id),
      words: [d.source],
      text: `${d.summary} ${d.reading ?? ''}`,
    })),
  ];
}

async function findCommand(words: readonly string[]): Promise<void> {
  const all = found(await entries(), words);
  if (all.length === 0)
    throw new UsageError(
      `nothing is known of '${words.join(' ')}'; lastref list and lastref bugs show all that there is`,
    );
  const lines = all
    .slice(0, SHOWN)
    .flatMap((e) => [
      `${e.kind.padEnd(11)}${pc.bold(e.id)}: ${e.title}`,
      `           ${e.command}`,
    ]);
  const more = all.length - SHOWN;
  if (more > 0) lines.push(`and ${more} more that fit less`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

export const command = new Command('find')
  .description('bugs, operations, workloads and designs that have to do with these words')
  .argument('<words...>', 'what was seen: a program, a symptom, a function, a CVE')
  .addHelpText(
    'after',
    `
Examples:
  lastref find nfs corruption
  lastref find msg_zerocopy notification before retransmission
  lastref find CVE-2014-0131`,
  )
  .action(findCommand);
