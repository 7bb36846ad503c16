// What every socket has: its memory accounts and a place for designs to keep side data by slot.
import { declareState } from '../../state.ts';

/** struct sock */
export class Sock {
  slot = 0;
  /** Bytes charged to packets on their way out. */
  wmemAlloc = 0;
  /** Bytes charged to packets that wait to be read. */
  rmemAlloc = 0;
  /** Bytes that the write queue may hold, and those it holds. */
  sndbuf = 4 << 20;
  wmemQueued = 0;
  rcvbuf = 6 << 20;
  /** TSQ_THROTTLED: what waits until packets of this socket are freed. */
  throttled = false;
  /** The processor that touched the accounts last. */
  cpu = 0;

  /** Is it one of those whose packets have tcp_wfree for a destructor, in place of sock_wfree? */
  get small(): boolean {
    return false;
  }

  /** SOCK_USE_WRITE_QUEUE: it wakes its writers itself, and sock_wfree does not. */
  get usesWriteQueue(): boolean {
    return false;
  }

  /** Does it send datagrams? */
  get datagrams(): boolean {
    return false;
  }

  /** A packet was freed while it was throttled. */
  sendOn(): void {}
}

declareState(Sock, {
  state: 'slot wmemAlloc rmemAlloc sndbuf wmemQueued rcvbuf throttled',
  count: 'cpu',
});
