import { Command } from '@commander-js/extra-typings';
import { CHANGES, ERAS } from '@lastref/kernel';
import { play } from '@lastref/packetdrill';
import { packetdrillContent, packetdrillMarkdown, packetdrillText } from '@lastref/report';
import { FINDS, cellsOfPacketdrill } from '@lastref/report/ci';
import { digested, tryDirectory } from '@lastref/runner';
import { inputsAt, readInput } from '@lastref/runner/asked';
import { design } from '@lastref/strategies/msg-zerocopy';
import { basename } from 'node:path';
import pc from 'picocolors';
import { erasOption } from './flags.ts';
import { Outcome, judging } from './outcome.ts';
import { keep, show } from './say.ts';

/** Longer than any script is: those of the kernel have at most 20 kB. */
const BYTES_MAX = 256 << 10;

type PacketdrillFlags = ReturnType<typeof command.opts>;

/** Those with MSG_ZEROCOPY, which is what these tests are asked for here. */
const ALL = ERAS.filter((era) => era.changes.has(CHANGES.zerocopy));

function packetdrillCommand(paths: readonly string[], flags: PacketdrillFlags): void {
  const outcome = new Outcome(flags, FINDS.packetdrill);
  if (flags.out !== undefined) tryDirectory(flags.out);
  const eras = flags.era === 'all' ? ALL : (flags.era ?? [ERAS.at(-1)!]);
  const files = [
    ...new Set(paths.flatMap((path) => inputsAt(path, '.pkt', 'a script of packetdrill'))),
  ].sort((a, b) => (a < b ? -1 : 1));
  const rows = files.flatMap((file) => {
    const source = readInput(file, 'a script', BYTES_MAX);
    return eras.map((era) => ({
      script: basename(file),
      era: era.id,
      ...play(source, design, era),
    }));
  });
  const ids = eras.map(({ id }) => id);
  const doc = digested(packetdrillContent(design.id, ids, rows));
  const again = `lastref packetdrill DIRECTORY --era ${ids.join(',')}`;
  keep(flags.out ?? null, 'packetdrill', doc, () => packetdrillMarkdown(doc, again));
  show(flags, doc, () => packetdrillText(doc, pc));
  outcome.tell(cellsOfPacketdrill(doc));
}

export const command = judging(
  new Command('packetdrill')
    .description(
      "runs packetdrill scripts, the kernel's own tests of TCP, on the model: passed, failed or skipped, each with its reason",
    )
    .argument('<script...>', 'scripts, or directories of *.pkt')
    .addOption(
      erasOption(
        'kernels that the machine behaves like, separated by commas (default: the newest)',
        'those with MSG_ZEROCOPY',
      ),
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
  );

command.action(packetdrillCommand);
