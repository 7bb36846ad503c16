import { Command } from '@commander-js/extra-typings';
import { join } from 'node:path';
import type { NewDocument } from '@lastref/report';
import { UsageError, absolute, digested } from '@lastref/runner';
import { firstCommands, writeCandidate, type NewKind } from '@lastref/runner/new';
import { hint, typed } from '@lastref/runner/typed';
import { sayDocument } from './say.ts';

type NewFlags = ReturnType<typeof command.opts>;

function kindOf({ runtime, bug }: NewFlags): NewKind {
  if (runtime === true && bug === true)
    throw new UsageError('--runtime and --bug name two skeletons: it takes one of them');
  if (bug === true) return 'bug';
  return runtime === true ? 'runtime' : 'design';
}

/** Writes the skeleton of a candidate, and says what to do with it. */
export async function newDesign(id: string, flags: NewFlags): Promise<void> {
  const dir = absolute(flags.dir);
  const kind = kindOf(flags);
  const files = await writeCandidate(id, dir, kind);
  const shown = files.map((name) => typed(join(dir, name)));
  const [file, test] = shown as [string, string];
  const next = [...firstCommands(kind, id, file).map((c) => hint(...c)), `node --test ${test}`];
  if (flags.json !== true) {
    const lines = next.map((n) => `  ${n}\n`).join('');
    process.stdout.write(`Written: ${shown.join(', ')}\nNext:\n${lines}`);
    return;
  }
  const content = { schema: 'lastref.new/1' as const, design: id, dir, files: [...files], next };
  sayDocument(digested(content) satisfies NewDocument);
}

export const command = new Command('new')
  .description(
    'the skeleton of a design of your own, of a program above a socket or of a bug, which runs as it is, and its test',
  )
  .argument('<design>', 'its name, such as my-design')
  .option('--dir <dir>', 'where the files go', '.')
  .option(
    '--runtime',
    'a runtime in place of a design: a program that sends with MSG_ZEROCOPY or SEND_ZC (docs/runtime.md)',
  )
  .option(
    '--bug',
    'a bug in place of a design: a wrong version that is found and a fixed one (docs/own-bugs.md)',
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref new my-design
  lastref new my-design --dir drafts
  lastref new my-runtime --runtime
  lastref new my-bug --bug`,
  );

command.action(newDesign);
