// One SCSI write on its way: its tag, how far it is, and the PDU of it that is being written.
// @kernel include/scsi/libiscsi.h struct iscsi_task, drivers/scsi/iscsi_tcp.h struct iscsi_tcp_task (2.6.24)
import { CRC32C_SEED } from '../../lib/crc32c.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { declareState } from '../../state.ts';

export const TaskState = {
  /** over, or never begun */
  FREE: 0,
  /** its command waits to be sent, for the first time or again */
  PENDING: 1,
  /** the target has the command; it asks for the data, and in the end it answers */
  RUNNING: 2,
} as const;

export class IscsiTask {
  /** Its tag, which stays the same whenever the command is sent again. */
  readonly itt: number;
  state: number = TaskState.FREE;
  pages: readonly Page[] = [];
  bytes = 0;
  loan: Loan | null = null;
  /** Orders commands that are sent again. */
  cmdsn = 0;
  /** Times that the target has thrown its data away. */
  retries = 0;
  /** All of its data is queued, and the answer to that is still to come. */
  whole = false;

  /** What the target asked for last: its tag, where it goes on, where it ends. */
  ttt = 0;
  offset = 0;
  end = 0;
  datasn = 0;

  /** The PDU that is being written: bytes of data, bytes written so far of all of it, their sum so far. */
  dlength = 0;
  sent = 0;
  crc = CRC32C_SEED;

  constructor(itt: number) {
    this.itt = itt;
  }
}

declareState(IscsiTask, {
  state: 'state pages bytes loan cmdsn retries whole ttt offset end datasn dlength sent crc',
  constant: 'itt',
});
