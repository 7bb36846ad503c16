// One call: its slot, its state and how it stands on the wire. @kernel include/linux/sunrpc/xprt.h (2.6.24)
import type { StepSource } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { declareState } from '../../state.ts';

/** Of a record mark, which datagrams have none of. */
export const MARK_BYTES = 4;
/** Bytes of record mark, RPC call and NFS WRITE arguments in front of the data. */
export const CALL_HEADER = 128;
/** Bytes of the record that answers a WRITE: mark, RPC reply, status, no attributes, count, committed, verifier (RFC 1813). */
export const REPLY_BYTES = 56;
/** The file's handle fills what the call has room for. */
const HANDLE_BYTES = 60;
const FILE_SYNC = 2;
const LAST_FRAGMENT = 0x8000_0000;

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

/** Record mark, call and the arguments of a WRITE in front of its data, at `address`. @kernel fs/nfs/nfs3xdr.c nfs3_xdr_writeargs (2.6.24) */
export function writeCall(k: Kernel, address: number, request: RpcRequest): void {
  const { xid, bytes } = request;
  k.mem.fill(0, address, address + CALL_HEADER);
  const put = xdrAt(k, address);
  put(0, LAST_FRAGMENT | (CALL_HEADER - MARK_BYTES + bytes));
  put(4, xid);
  put(8, 0); // CALL
  put(12, 2); // RPC version
  put(16, 100003); // NFS
  put(20, 3);
  put(24, 7); // WRITE; neither credentials nor a verifier: AUTH_NULL
  put(44, HANDLE_BYTES);
  put(116, bytes);
  put(120, FILE_SYNC);
  put(124, bytes);
}

/** The answer to a WRITE of `bytes` bytes, at `address`. @kernel fs/nfsd/nfs3xdr.c nfs3svc_encode_writeres (2.6.24) */
export function writeReply(k: Kernel, address: number, xid: number, bytes: number): void {
  k.mem.fill(0, address, address + REPLY_BYTES);
  const put = xdrAt(k, address);
  put(0, LAST_FRAGMENT | (REPLY_BYTES - MARK_BYTES));
  put(4, xid);
  put(8, 1); // REPLY; accepted, no verifier, success, NFS3_OK, no attributes before and after
  put(40, bytes);
  put(44, FILE_SYNC);
}

/** Big-endian words at `address`. */
function xdrAt({ mem }: Kernel, address: number): (at: number, v: number) => void {
  return (at, v) => {
    mem[address + at] = v >>> 24;
    mem[address + at + 1] = v >>> 16;
    mem[address + at + 2] = v >>> 8;
    mem[address + at + 3] = v;
  };
}
