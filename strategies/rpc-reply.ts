import { GetPutPage, type Design, type Loan } from '@lastref/kernel';

export const design = {
  id: 'rpc-reply',
  title: 'completion at the reply',
  year: 2008,
  source: 'fs/nfs/direct.c nfs_direct_write_result, net/sunrpc/xprt.c xprt_complete_rqst (2.6.24)',
  era: { id: '2.6.24', source: 'fs/nfs and net/sunrpc of 2.6.24' },
  status: 'practice',
  summary:
    'What NFS did in those years: the matching reply of the protocol ends the operation, whatever the stack still holds.',
  reading:
    'Where the protocol is not RPC, the status that the peer sends for each operation is the reply.',
  domain: {
    by: ['requests', 'writeback'],
    source: 'a write of NFS is over when its reply has come [net/sunrpc/clnt.c]',
  },
  adds: [],
  rank: 2,
  hooks: 0,
  claims: ['L1', 'C3'],
  create: (k) => new RpcReply(k),
} satisfies Design;

class RpcReply extends GetPutPage {
  override replied(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan); // nfs_direct_write_result; a second answer finds nobody
  }

  override unanswered(loan: Loan, last: boolean): void {
    if (last && !loan.completed) this.k.complete(loan); // given up: the operation ends with an error [DRBD, efc29a43]
  }
}
