// Transactions: a bio is written to every replica, and it is over when all of them have answered.
// @kernel drivers/staging/dst/trans.c dst_process_bio, dst_trans_put (2.6.30)
// Model: the mirror of 2007 (every replica gets everything) with the transactions of 2.6.30; a lost connection, and not
// only time (dst_trans_scan), makes what it carried go again.
import type { Kernel } from '../../../kernel.ts';
import type { Loan } from '../../../lifetime.ts';
import type { Page } from '../../../mm/page_alloc.ts';
import type { TcpPath } from '../../../net/ipv4/tcp_path.ts';
import { DstState, type DstNode } from './state.ts';
import { declareState } from '../../../state.ts';

/** One bio on its way. */
export class DstTrans {
  readonly slot: number;
  /** Its number, which stays the same whenever it is sent again. */
  gen = 0;
  pages: readonly Page[] = [];
  bytes = 0;
  loan: Loan | null = null;
  busy = false;
  /** Replicas that have not answered, one bit each; and those that all of it is still to be queued for. */
  unanswered = 0;
  unsent = 0;

  constructor(slot: number) {
    this.slot = slot;
  }
}

declareState(DstTrans, {
  state: 'gen pages bytes loan busy unanswered unsent',
  constant: 'slot',
});

/** Who issued the bios. */
export interface DstUser {
  /** All replicas can be reached. Once. */
  replicasUp(): void;
  /** Every replica has the data. @kernel fs/bio.c bio_endio */
  bioEndio(trans: DstTrans): void;
}

/** A block device that keeps its data on several peers. */
export class DstMirror implements DstNode {
  readonly k: Kernel;
  readonly states: readonly DstState[];
  readonly transactions: readonly DstTrans[];
  /** Times that a transaction was sent to a replica again. */
  resends = 0;
  private readonly user: DstUser;
  private readonly all: number;
  private gens = 0;
  /** Replicas that were up once, one bit each. */
  private known = 0;

  /** `paths`: one to each replica. */
  constructor(k: Kernel, transactions: number, paths: readonly TcpPath[], user: DstUser) {
    this.k = k;
    this.user = user;
    this.all = (1 << paths.length) - 1;
    this.transactions = Array.from({ length: transactions }, (_, i) => new DstTrans(i));
    this.states = paths.map((path, i) => new DstState(k, this, i, path));
  }

  /** Writes `bytes` of `pages`, lent as `loan`, to every replica. @kernel drivers/staging/dst/trans.c dst_process_bio */
  processBio(trans: DstTrans, pages: readonly Page[], bytes: number, loan: Loan): void {
    trans.gen = ++this.gens;
    trans.pages = pages;
    trans.bytes = bytes;
    trans.loan = loan;
    trans.busy = true;
    trans.unanswered = this.all;
    trans.unsent = this.all;
    for (const state of this.states) state.send(trans);
  }

  stateUp(state: DstState): void {
    const before = this.known;
    this.known |= 1 << state.index;
    if (before !== this.all && this.known === this.all) this.user.replicasUp();
  }

  transSent(state: DstState, trans: DstTrans): void {
    trans.unsent &= ~(1 << state.index);
    if (trans.unsent === 0) this.k.lifetime.returned(trans.loan!); // one transmission: to all replicas
  }

  /** @kernel drivers/staging/dst/state.c dst_process_io_response */
  transAnswered(state: DstState, id: number): void {
    const trans = this.transactions.find((t) => t.busy && t.gen === id);
    if (trans === undefined) return;
    trans.unanswered &= ~(1 << state.index);
    if (trans.unanswered !== 0) return;
    trans.busy = false;
    this.k.lifetime.replied(trans.loan!);
    this.k.release(trans.loan!);
    this.user.bioEndio(trans);
  }

  /** What this replica has not answered goes to it again, when it is back. The pages wait, here and with the others. */
  stateLost(state: DstState): void {
    const bit = 1 << state.index;
    const again = this.transactions.filter((t) => t.busy && (t.unanswered & bit) !== 0);
    for (const trans of again.sort((a, b) => a.gen - b.gen)) {
      if (trans.unsent === 0) this.k.lifetime.unanswered(trans.loan!, false);
      if ((trans.unsent & bit) === 0) this.resends++;
      trans.unsent |= bit;
      state.send(trans);
    }
  }
}

declareState(DstMirror, {
  state: 'states transactions user gens known',
  count: 'resends',
  constant: 'k all',
});
