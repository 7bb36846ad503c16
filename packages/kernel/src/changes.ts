// In which release each difference between kernels that the machine knows came in. An era's behaviour follows from
// this table and nothing else: see era.ts.
// What the trees 2.6.24, 3.2.7, 3.18.20, 3.19.8, 4.2.8, 4.15.18, 5.10.198, 5.10.223, 6.1.192, Debian's 6.12.117 and 7.2.13 can tell
// of an entry was looked up in them: none has it before its release (4.15.18 has two by backports: packetTxMarks, resetPurges), and
// each has it behind that, or what took its place. An entry that names two releases was looked up on both sides; of the others the
// release is that of the commit, and may be one off.
import { IP } from './changes/ip.ts';
import { PACKET } from './changes/packet.ts';
import { PATHS } from './changes/paths.ts';
import { TCP } from './changes/tcp.ts';
import { ZEROCOPY } from './changes/zerocopy.ts';
import type { KnownChange } from './changes/change.ts';
import type { NamedSpan } from './tree.ts';

export type { KnownChange } from './changes/change.ts';

/** By name, in the order of the files that they stand in. */
export const CHANGES = {
  ...PACKET,
  ...PATHS,
  ...TCP,
  ...IP,
  ...ZEROCOPY,
} as const satisfies Record<string, KnownChange>;

/** For who moves what was received to a pipe. */
export const TCP_SPLICE_READ = {
  id: 'tcp_splice_read',
  since: CHANGES.spliceClones,
  until: null,
} satisfies NamedSpan;
