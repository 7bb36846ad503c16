// A disk behind an iSCSI initiator. @kernel drivers/scsi/sd.c sd_prep_fn, fs/direct-io.c (2.6.24)
import {
  IscsiSession,
  declareState,
  type IscsiOptions,
  type IscsiTask,
  type IscsiUser,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import type { Abortable } from '../apps/teardown.ts';
import { Requests, type RequestOptions } from './requests.ts';

export type IscsiDiskOptions = RequestOptions & Omit<IscsiOptions, 'tasks'>;

export class IscsiDisk extends Requests implements IscsiUser, Abortable {
  readonly session: IscsiSession;
  /** Writes that the disk gave up: what they were to write, nobody knows. */
  failed = 0;

  constructor(k: Kernel, options: IscsiDiskOptions) {
    super(k, options);
    this.session = new IscsiSession(k, { ...options, tasks: options.writers }, this);
    this.addWriters();
  }

  protected submit(slot: number, pages: readonly Page[], bytes: number, loan: Loan): void {
    this.session.write(this.session.tasks[slot]!, pages, bytes, loan);
  }

  loggedIn(): void {
    this.begin();
  }

  taskDone(task: IscsiTask, good: boolean): void {
    if (!good) this.failed++;
    this.over(task.itt);
  }

  /** No answer to a NOP-Out: the initiator gives its connection up. */
  abort(): void {
    this.session.abort();
  }
}

declareState(IscsiDisk, {
  state: 'session failed',
});
