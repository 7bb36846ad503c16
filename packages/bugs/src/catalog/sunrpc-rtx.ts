import { design as rpcReply } from '@lastref/strategies/rpc-reply';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'sunrpc-rtx',
  title: 'the reply to a first call frees pages that a second call is still sending',
  year: 2013,
  where: 'Linux, net/sunrpc/xprtsock.c',
  source: 'commit a6b31d18b02f',
  kind: 'told too early',
  property: 'corrupt',
  harm: 'delivered',
  on: [{ workload: 'nfs-odirect' }],
  bound: { drops: 0 },
  wrong: { design: rpcReply, era: '3.8' },
  fixed: { design: rpcReply, era: '3.8+rpcResendCopies' },
  mechanism:
    'An O_DIRECT write is sent by reference; its reply is slow, so the call is sent again, by reference too. The first reply ends the write, the application reuses the pages, and the second call, which waits in the socket, takes the new bytes to the server, which writes them into the file.',
  fix: 'A call that was sent before is sent again by copying.',
  lesson:
    'Found by databases on NFS. Two transmissions of one page and one answer are enough: a search of every order shows it in a handful of steps.',
  left: 'TCP itself may send the first call again behind the reply, with bytes that the server drops as old: that is *early* still, and on the wire, but not delivered.',
  words: [
    'nfs',
    'corruption',
    'corrupt file',
    'database',
    'o_direct',
    'server',
    'resend',
    'retransmit',
    'reply',
  ],
};
