import { Command } from '@commander-js/extra-typings';
import { join } from 'node:path';
import type { NewDocument } from '@lastref/report';
import { absolute, digested } from '@lastref/runner';
import { writeCandidate } from '@lastref/runner/new';
import { hint, typed } from './hint.ts';
import { sayDocument } from './say.ts';

type NewFlags = ReturnType<typeof command.opts>;

/** Enough for a first verdict within seconds. */
const SOME_WORKLOADS = 'sendfile-locked,tap-slow-reader,nfs-odirect';
/** Two requests at a time, which numbers that begin again and a retransmission tell apart. */
const RUNTIME_MINIATURE = 'runtime-plain~2';

/** Writes the skeleton of a candidate, and says what to do with it. */
export async function newDesign(id: string, flags: NewFlags): Promise<void> {
  const dir = absolute(flags.dir);
  const files = await writeCandidate(id, dir, flags.runtime === true ? 'runtime' : 'design');
  const shown = files.map((name) => typed(join(dir, name)));
  const [design, test] = shown as [string, string];
  const beside = `${id},ian-frag-destructor`;
  const next =
    flags.runtime === true
      ? [
          hint('compare', '--with', design),
          hint('check', id, RUNTIME_MINIATURE, '--with', design),
          `node --test ${test}`,
        ]
      : [
          hint('compare', '--with', design, '--designs', beside, '--workloads', SOME_WORKLOADS),
          hint('check', id, 'nfs-odirect', '--with', design),
          hint('movers', '--newest', '--with', design, '--designs', beside),
          `node --test ${test}`,
        ];
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
    'the skeleton of a design of your own, or of a program above a socket, which runs as it is, and its test',
  )
  .argument('<design>', 'its name, such as my-design')
  .option('--dir <dir>', 'where the files go', '.')
  .option(
    '--runtime',
    'a runtime in place of a design: a program that sends with MSG_ZEROCOPY or SEND_ZC (docs/runtime.md)',
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref new my-design
  lastref new my-design --dir drafts
  lastref new my-runtime --runtime`,
  );

command.action(newDesign);
