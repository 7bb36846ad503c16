// One call: its slot, its state and how it stands on the wire. @kernel include/linux/sunrpc/xprt.h (2.6.24)
import type { StepSource } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { declareState } from '../../state.ts';

/** Bytes of record mark, RPC call and NFS WRITE arguments in front of the data. */
export const CALL_HEADER = 128;
/** Bytes of a reply record: mark, xid, REPLY, accepted, status. */
export const REPLY_BYTES = 32;

export const RequestState = {
  /** waits for the transport */
  QUEUED: 0,
  /** partly written */
  SENDING: 1,
  /** sent; waits for its reply */
  PENDING: 2,
  /** answered */
  DONE: 3,
} as const;

/** struct rpc_rqst: one slot of the transport. */
export class RpcRequest {
  readonly slot: number;
  xid = 0;
  state: number = RequestState.DONE;
  pages: readonly Page[] = [];
  bytes = 0;
  loan: Loan | null = null;
  /** Bytes of the record written so far in this transmission. @kernel rq_bytes_sent */
  bytesSent = 0;
  transmissions = 0;
  /** Timeouts since the call was made, or since the last major one. @kernel rq_retries */
  minors = 0;
  /** The reply came while a transmission was half written: finish that first. */
  answered = false;
  timer: StepSource | null = null;

  constructor(slot: number) {
    this.slot = slot;
  }
}

declareState(RpcRequest, {
  state: 'xid state pages bytes loan bytesSent transmissions minors answered timer',
  constant: 'slot',
});

/** Record mark, xid, CALL and the fixed part of a WRITE, at `address`. */
export function writeCall(k: Kernel, address: number, request: RpcRequest): void {
  const { mem } = k;
  mem.fill(0, address, address + CALL_HEADER);
  const put = (at: number, v: number): void => {
    mem[address + at] = v >>> 24;
    mem[address + at + 1] = v >>> 16;
    mem[address + at + 2] = v >>> 8;
    mem[address + at + 3] = v;
  };
  put(0, 0x8000_0000 | (CALL_HEADER - 4 + request.bytes)); // last fragment of the record
  put(4, request.xid);
  put(8, 0); // CALL
  put(12, 2); // RPC version
  put(16, 100003); // NFS
  put(20, 3);
  put(24, 7); // WRITE
  put(CALL_HEADER - 4, request.bytes);
}
