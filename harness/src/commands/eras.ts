import { erasMarkdown, erasText } from '@lastref/report';
import { question } from '@lastref/runner/eras';
import pc from 'picocolors';
import { cellsOfEras } from '@lastref/report/ci';
import { onceMore, onceMoreCommand } from './once-more.ts';

/** Different roads in few steps: requests of NFS, which lends up to 4.x, and of iSCSI, streams with losses, to a receiver without and with GRO, a slow reader, a tap, no scatter/gather, guests. */
const USUAL = [
  'nfs-odirect',
  'iscsi-write',
  'sendfile-locked',
  'bulk-loss',
  'bulk-loss-gro',
  'loopback-slow-reader',
  'tap-slow-reader',
  'no-sg',
  'netback-bridge',
  'vringfd',
];

const action = onceMore({
  name: 'eras',
  usual: USUAL.join(),
  question,
  plan: (asked) => asked,
  cells: cellsOfEras,
  markdown: erasMarkdown,
  text: (doc) => erasText(doc, pc),
});

export const command = onceMoreCommand(
  'eras',
  "a design's verdict by kernel release, and which change of the kernel turns it",
  USUAL,
)
  .addHelpText(
    'after',
    `
Examples:
  lastref eras
  lastref eras --designs rusty-shinfo-orig-one-loan,msg-zerocopy
  lastref eras --workloads nfs-udp,splice-proxy --designs ian-frag-destructor`,
  )
  .action(action);
