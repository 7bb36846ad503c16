// The second seam: a program above a socket that lends its own buffers and is told by notifications when they are its
// own again. Mainline's kernel is under it; the one thing that is judged is when the program takes a buffer back.
// Non-goal: what a program does with what it receives.
import type { Services } from './lifetime.ts';

/** How a program sends without copying, and how it is told: the error queue of a socket, or a completion queue. */
export const OVERS = ['msg-zerocopy', 'send-zc'] as const;
export type Over = (typeof OVERS)[number];

// --- flags and errors, with the kernel's numbers ---

/** More will follow: keep a partial segment back. @kernel include/linux/socket.h */
export const MSG_MORE = 0x8000;
/** Lend the bytes instead of copying them. Over `send-zc` the socket has no SO_ZEROCOPY, and it changes nothing. */
export const MSG_ZEROCOPY = 0x4000000;
/** The notification of this request follows. @kernel include/uapi/linux/io_uring.h */
export const IORING_CQE_F_MORE = 2;
/** This is the notification: nobody reads the buffer any more. */
export const IORING_CQE_F_NOTIF = 8;
/** In the result of a notification: copies were sent instead. */
export const IORING_NOTIF_USAGE_ZC_COPIED = -0x80000000;
export const ENOENT = 2;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EPIPE = 32;
export const ECONNRESET = 104;
export const ENOBUFS = 105;
export const ECANCELED = 125;

/**
 * The system calls of a program. Connections, buffers and ids of requests are small whole numbers. None of them calls
 * the program back: what follows comes later, as an event.
 */
export interface Calls {
  /**
   * Sends `size` bytes of `buffer` from byte `offset` on. Returns how many the socket took, which may be fewer, or an
   * error: -EAGAIN (the send buffer is full, and `writable` follows; or there is no connection yet, and `connected`
   * follows), -ENOBUFS (with MSG_ZEROCOPY: no memory for the notification, or the socket's limit for option memory is
   * reached; nobody says when there is again), -EPIPE (the connection is over, or was shut down). Every call with
   * MSG_ZEROCOPY that took something has the next number of its socket, from 0 on and back to 0 behind 2^32 - 1; one that
   * failed has none.
   * @kernel net/ipv4/tcp.c tcp_sendmsg_locked, net/core/skbuff.c msg_zerocopy_realloc (6.12)
   */
  send(connection: number, buffer: number, offset: number, size: number, flags: number): number;
  /**
   * Submits IORING_OP_SEND_ZC for these bytes; its completions carry `id`, which the program chooses (0 to 2^31 - 1)
   * and must not give to two requests at a time. A request that finds the send buffer full waits, and is sent when
   * there is room. @kernel io_uring/net.c io_send_zc (6.12)
   */
  sendZc(connection: number, buffer: number, offset: number, size: number, id: number): void;
  /**
   * Cancels request `id`, if nothing of it was sent: it completes with -ECANCELED, and its notification follows as
   * ever. One that was sent goes on. Returns 0, or -ENOENT: there is nothing to cancel.
   * @kernel io_uring/cancel.c io_async_cancel (6.12)
   */
  cancel(id: number): number;
  /**
   * The program takes `buffer` back: from now on it, or whoever asks it for a buffer, may write to it. This is what is
   * judged, as the completion of all that was sent from the buffer since it was asked to send it.
   */
  release(buffer: number): void;
  /** A new connection to the same peer; returns its number. `connected` or `failed` follows. */
  connect(): number;
  /** No more will be sent; what is queued goes out. @kernel net/ipv4/tcp.c tcp_shutdown */
  shutdown(connection: number): void;
  /** Lets go of the socket. What is queued goes out all the same; its error queue can be read no more. */
  close(connection: number): void;
  /** Closes with SO_LINGER set to no time: RST, and what is queued is dropped. Its error queue can be read no more. */
  abort(connection: number): void;
  /** Bytes sent that the peer has not acknowledged; 0 for a connection that is over. @kernel SIOCOUTQ */
  outq(connection: number): number;
}

/** What happens to a program, one after the other. Override what it reacts to; by default it does nothing. */
export abstract class Program {
  protected readonly calls: Calls;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  /**
   * The handshake of `connection` is done. Once for each; the first connection is made before the program runs.
   * `nextCall`: the number that its next call with MSG_ZEROCOPY has: 0, or more for a socket that the program takes over.
   */
  connected(_connection: number, _nextCall: number): void {}

  /**
   * Somebody has filled `buffer` and wants its first `size` bytes sent, over whatever connection is there. Not asked
   * again for this buffer before it is released, and not at all between `failed` or `stop` and the next `connected`.
   */
  request(_buffer: number, _size: number): void {}

  /** The send buffer of `connection` has room again, after -EAGAIN or a short send. */
  writable(_connection: number): void {}

  /**
   * An entry of the error queue: calls `lo` to `hi` of this socket are over (with `lo` above `hi` where the numbers
   * begin again between them); `copied`: the kernel sent copies instead. Ranges come in any order.
   * @kernel net/core/skbuff.c __msg_zerocopy_callback, struct sock_extended_err (6.12)
   */
  notified(_connection: number, _lo: number, _hi: number, _copied: boolean): void {}

  /**
   * A completion of request `id`. The first one has `result` (bytes taken, or an error) and, if a notification follows,
   * IORING_CQE_F_MORE in `flags`; the notification has IORING_CQE_F_NOTIF.
   */
  cqe(_id: number, _result: number, _flags: number): void {}

  /** The peer has answered the oldest request that it had not answered. */
  answered(_connection: number): void {}

  /** The peer will send no more; it may go on reading. */
  ended(_connection: number): void {}

  /** Who asked for `buffer` to be sent waits no longer. What was sent may be on its way all the same. */
  timedOut(_buffer: number): void {}

  /** `connection` is gone: -ECONNRESET, -EPIPE. Its error queue can be read until it is closed. */
  failed(_connection: number, _error: number): void {}

  /** The program is to finish: no request comes any more. */
  stop(): void {}
}

/** The events by name, with what each is given: whoever stands between a machine and a program needs no other list. */
export const EVENTS = {
  connected: { connection: 'number', nextCall: 'number' },
  request: { buffer: 'number', size: 'number' },
  writable: { connection: 'number' },
  notified: { connection: 'number', lo: 'number', hi: 'number', copied: 'flag' },
  cqe: { id: 'number', result: 'number', flags: 'number' },
  answered: { connection: 'number' },
  ended: { connection: 'number' },
  timedOut: { buffer: 'number' },
  failed: { connection: 'number', error: 'number' },
  stop: {},
} as const satisfies Record<
  Exclude<keyof Program, 'calls'>,
  Readonly<Record<string, 'number' | 'flag'>>
>;
export type Event = keyof typeof EVENTS;

/** The system calls by name, with what each is given, which are numbers. */
export const CALLS = {
  send: ['connection', 'buffer', 'offset', 'size', 'flags'],
  sendZc: ['connection', 'buffer', 'offset', 'size', 'id'],
  cancel: ['id'],
  release: ['buffer'],
  connect: [],
  shutdown: ['connection'],
  close: ['connection'],
  abort: ['connection'],
  outq: ['connection'],
} as const satisfies Record<keyof Calls, readonly string[]>;
export type Call = keyof Calls;

/** What a file exports as `runtime`: the card, and how a program is made for each machine. */
export interface Runtime {
  readonly id: string;
  readonly title: string;
  readonly year: number;
  /** Who wrote it, where: a repository, an issue, a release. */
  readonly source: string;
  /** The kernel that it runs on. Default: the newest that is modelled. */
  readonly era?: { readonly id: string; readonly source: string };
  readonly status?: 'practice' | 'canary';
  /** One or two sentences: what it takes for the moment when a buffer is its own again. */
  readonly summary: string;
  /** It is this runtime with one thing mended; `summary` says which. */
  readonly repairs?: string;
  readonly over: Over;
  readonly create: (calls: Calls) => Program;
}

/** Of a design that stands for a runtime: makes its program. `services`: of the machine that it is made for. */
export type CreateProgram = (calls: Calls, services: Services) => Program;
