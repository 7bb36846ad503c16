// A block device that is replicated to peers, and whoever writes to it. @kernel drivers/staging/dst/dcore.c dst_request (2.6.30)
import {
  DstMirror,
  declareState,
  type DstState,
  type DstTrans,
  type DstUser,
  type Kernel,
  type Loan,
  type Page,
  type TcpPath,
} from '@lastref/kernel';
import type { Abortable } from '../apps/teardown.ts';
import { Requests, type RequestOptions } from './requests.ts';

export interface DstDiskOptions extends RequestOptions {
  /** To each replica. */
  readonly paths: readonly TcpPath[];
}

export class DstDisk extends Requests implements DstUser {
  readonly mirror: DstMirror;

  constructor(k: Kernel, options: DstDiskOptions) {
    super(k, options);
    this.mirror = new DstMirror(k, options.writers, options.paths, this);
    this.addWriters();
  }

  protected submit(slot: number, pages: readonly Page[], bytes: number, loan: Loan): void {
    this.mirror.processBio(this.mirror.transactions[slot]!, pages, bytes, loan);
  }

  replicasUp(): void {
    this.begin();
  }

  bioEndio(trans: DstTrans): void {
    this.over(trans.slot);
  }
}

declareState(DstDisk, {
  state: 'mirror',
});

/** The node finds that a replica does not answer, and gives the connection up. */
export class DstReset implements Abortable {
  private readonly state: DstState;

  constructor(state: DstState) {
    this.state = state;
  }

  abort(): void {
    this.state.reset();
  }
}

declareState(DstReset, {
  state: 'state',
});
