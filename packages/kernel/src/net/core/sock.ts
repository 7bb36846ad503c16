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
  /** The processor that touched the accounts last. */
  cpu = 0;
}

declareState(Sock, {
  state: 'slot wmemAlloc rmemAlloc sndbuf wmemQueued rcvbuf',
  count: 'cpu',
});
