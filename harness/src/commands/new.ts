import { Command } from '@commander-js/extra-typings';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { NewDocument } from '@lastref/report';
import {
  digestOfDocument,
  UsageError,
  absolute,
  allDesigns,
  canaries,
  runtimes,
  tryDirectory,
  unique,
  writeTogether,
} from '@lastref/runner';
import { hint, typed } from './hint.ts';
import { sayDocument } from './say.ts';
import { designFile, editorFile, runtimeFile, testFile } from '@lastref/runner/new';

interface NewFlags {
  readonly dir: string;
  readonly runtime?: true | undefined;
  readonly json?: true | undefined;
}

/** Names that a token, a table and a file can carry. */
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ID_LENGTH_MAX = 32;
/** Enough for a first verdict within seconds. */
const SOME_WORKLOADS = 'sendfile-locked,tap-slow-reader,nfs-odirect';
/** Two requests at a time, which numbers that begin again and a retransmission tell apart. */
const RUNTIME_MINIATURE = 'runtime-plain~2';

/** Writes the skeleton of a candidate. Throws UsageError rather than write over anything. */
export async function newDesign(id: string, flags: NewFlags): Promise<void> {
  const kind = flags.runtime === true ? 'runtime' : 'design';
  if (!ID.test(id) || id.length > ID_LENGTH_MAX)
    throw new UsageError(
      `'${id}' cannot be the name of a ${kind}: small letters and digits in words joined by hyphens, at most ${ID_LENGTH_MAX} characters, such as my-${kind}`,
    );
  const own = [...(await allDesigns()), ...(await canaries()), ...(await runtimes())];
  const known = own.map((d) => d.design.id);
  unique([...known, id]);
  const dir = absolute(flags.dir);
  tryDirectory(dir);
  const real = realpathSync(dir);
  const file = flags.runtime === true ? runtimeFile : designFile;
  const files = [file(id, new Date().getFullYear()), testFile(id, real, flags.runtime)];
  for (const { name } of files)
    if (existsSync(join(dir, name)))
      throw new UsageError(`${join(dir, name)} is there already, and is left as it is`);
  const config = editorFile(real);
  if (!existsSync(join(dir, config.name))) files.push(config);
  writeTogether(dir, files, { anew: true });
  const shown = (name: string): string => typed(join(dir, name));
  const [design, test] = files.map(({ name }) => shown(name)) as [string, string];
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
  if (flags.json === true) {
    const content = {
      schema: 'lastref.new/1' as const,
      design: id,
      dir,
      files: files.map((f) => f.name),
      next,
    };
    const doc: NewDocument = { ...content, digest: digestOfDocument(content) };
    sayDocument(doc);
    return;
  }
  const written = files.map(({ name }) => shown(name)).join(', ');
  process.stdout.write(`Written: ${written}\nNext:\n${next.map((n) => `  ${n}\n`).join('')}`);
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
  )
  .action(newDesign);
