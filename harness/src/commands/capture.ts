import { Command } from '@commander-js/extra-typings';
import { captureText } from '@lastref/report';
import { absolute, captureDocument, listFile } from '@lastref/runner';
import { printableLines } from '@lastref/report/words';
import { relative } from 'node:path';
import { cellsOfCapture, FINDS } from '@lastref/report/ci';
import { Outcome, judging } from './outcome.ts';
import { show } from './say.ts';

async function captureCommand(file: string, flags: ReturnType<typeof command.opts>): Promise<void> {
  const outcome = new Outcome(flags, FINDS.capture);
  const doc = captureDocument(await listFile(file));
  show(flags, doc, () => printableLines(captureText(doc)));
  const uri = file === '-' ? 'stdin' : relative(process.cwd(), absolute(file));
  outcome.tell(cellsOfCapture(doc, encodeURI(uri.replaceAll('\\', '/'))));
}

export const command = judging(
  new Command('capture')
    .description(
      'what a packet capture holds: who talked with whom, when, bytes, retransmissions, RPC, and what cannot be known from it',
    )
    .argument('<file>', 'pcap or pcapng, also .gz and .zst; -: standard input'),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref capture my-server.pcapng
  ssh server tcpdump -s 256 -w - port 2049 | lastref capture - --json
  lastref compare --capture my-server.pcapng --flow 3`,
  );

command.action(captureCommand);
