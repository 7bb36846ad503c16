import { Command } from '@commander-js/extra-typings';
import { CHANGES, ERAS, type Era } from '@lastref/kernel';
import { play } from '@lastref/packetdrill';
import { packetdrillMarkdown, packetdrillText, type PacketdrillDocument } from '@lastref/report';
import {
  CouldNot,
  UsageError,
  digestOfDocument,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { design } from '@lastref/strategies/msg-zerocopy';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import pc from 'picocolors';
import { erasOption } from './flags.ts';
import { kept, page, sayDocument, sayText } from './say.ts';

/** Longer than any script is. */
const BYTES_MAX = 4 << 20;

interface PacketdrillFlags {
  readonly era?: readonly Era[] | 'all' | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

/** Those with MSG_ZEROCOPY, which is what these tests are asked for here. */
const ALL = ERAS.filter((era) => era.changes.has(CHANGES.zerocopy));

function packetdrillCommand(paths: readonly string[], flags: PacketdrillFlags): void {
  if (flags.out !== undefined) tryDirectory(flags.out);
  const eras = flags.era === 'all' ? ALL : (flags.era ?? [ERAS.at(-1)!]);
  const files = [...new Set(paths.flatMap(scriptsAt))].sort((a, b) => (a < b ? -1 : 1));
  const rows = files.flatMap((file) => {
    const source = readScript(file);
    return eras.map((era) => ({
      script: basename(file),
      era: era.id,
      ...play(source, design, era),
    }));
  });
  const of = (era: Era, result: string): number =>
    rows.filter((r) => r.era === era.id && r.result === result).length;
  const content = {
    schema: 'lastref.packetdrill/2' as const,
    design: design.id,
    eras: eras.map((era) => ({
      era: era.id,
      passed: of(era, 'passed'),
      failed: of(era, 'failed'),
      skipped: of(era, 'skipped'),
    })),
    rows,
  };
  const doc: PacketdrillDocument = { ...content, digest: digestOfDocument(content) };
  if (flags.out !== undefined)
    writeTogether(flags.out, [
      { name: 'packetdrill.json', data: kept(doc) },
      {
        name: 'packetdrill.md',
        data: page(
          packetdrillMarkdown(
            doc,
            `lastref packetdrill DIRECTORY --era ${eras.map(({ id }) => id).join(',')}`,
          ),
        ),
      },
    ]);
  if (flags.json === true) sayDocument(doc);
  else sayText(packetdrillText(doc, pc));
}

/** The script, or all that stand in the directory. */
function scriptsAt(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new UsageError(
      `${path}: there is no such file; a script of packetdrill or a directory of them is wanted`,
    );
  if (!stat.isDirectory()) return [path];
  const found = readdirSync(path).filter((name) => name.endsWith('.pkt'));
  if (found.length === 0) throw new UsageError(`${path}: no script (*.pkt) is in this directory`);
  return found.map((name) => join(path, name));
}

function readScript(file: string): string {
  let data: Buffer;
  try {
    if (statSync(file).size > BYTES_MAX)
      throw new UsageError(`${file}: a script has at most ${BYTES_MAX} bytes`);
    data = readFileSync(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new CouldNot(`${file}: cannot be read`);
  }
  return data.toString('utf8');
}

export const command = new Command('packetdrill')
  .description(
    "runs packetdrill scripts, the kernel's own tests of TCP, on the model: passed, failed or skipped, each with its reason",
  )
  .argument('<script...>', 'scripts, or directories of *.pkt')
  .addOption(
    erasOption(
      'kernels that the machine behaves like, separated by commas (default: the newest)',
      'those with MSG_ZEROCOPY',
    ),
  )
  .option('--out <dir>', 'also write packetdrill.json and packetdrill.md there')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Shell in backquotes and Python in %{ }% are never executed: known settings and assertions are read as data. What is
not known here, or what a kernel has not got, is named, and the script is skipped. docs/packetdrill.md says what is known.

Examples:
  lastref packetdrill my-test.pkt
  lastref packetdrill linux/tools/testing/selftests/net/packetdrill --era 5.10,6.1,6.12,7.2 --out results
  lastref packetdrill my-test.pkt --era 5.10.223 --json`,
  )
  .action(packetdrillCommand);
