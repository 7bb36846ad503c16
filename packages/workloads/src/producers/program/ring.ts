// The completion queue of a program that sends with io_uring's SEND_ZC.
import {
  ECANCELED,
  ENOENT,
  ENOMEM,
  EPIPE,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  IORING_NOTIF_USAGE_ZC_COPIED,
  declareState,
  expectNoMemory,
} from '@lastref/kernel';
import type { Connection } from './connection.ts';
import type { ProgramHost } from './host.ts';
import { HostStep } from './step.ts';

export interface Request {
  readonly connection: Connection;
  readonly buffer: number;
  readonly offset: number;
  readonly size: number;
  readonly id: number;
}

interface Completion {
  readonly id: number;
  readonly result: number;
  readonly flags: number;
  /** Of a notification of something that was lent: of whom, and which of his calls; else -1. */
  readonly producer: number;
  readonly call: number;
}

/** A ring of io_uring with one program: IORING_OP_SEND_ZC. @kernel io_uring/net.c, io_uring/notif.c (6.12) */
export class Ring {
  private readonly host: ProgramHost;
  private readonly reading: HostStep;
  private readonly queue: Completion[] = [];
  /** Requests that found the send buffer full. */
  private waiting: Request[] = [];
  /** Ids of requests by producer and call. */
  private readonly ids = new Map<number, number[]>();

  constructor(host: ProgramHost) {
    this.host = host;
    this.reading = new HostStep(host.k, 'completion queue', 'is read by the program', () =>
      this.read(),
    );
  }

  /** io_send_zc_prep, then io_send_zc. */
  submit(request: Request): void {
    const { k } = this.host;
    const { id } = request;
    try {
      k.mayFail(); // io_alloc_notif
    } catch (error) {
      expectNoMemory(error);
      this.post(id, -ENOMEM, 0);
      return;
    }
    try {
      k.mayFail(); // io_msg_alloc_async
    } catch (error) {
      expectNoMemory(error);
      this.fail(id, -ENOMEM);
      return;
    }
    this.issue(request);
  }

  private issue(request: Request): void {
    const { host } = this;
    const { connection, id } = request;
    const sk = connection.open ? connection.sender : null;
    if (sk === null) {
      this.fail(id, -EPIPE);
      return;
    }
    if (sk.wmemQueued >= sk.sndbuf) {
      sk.wantSpace = true;
      this.waiting.push(request); // io_arm_poll_handler
      return;
    }
    sk.corked = false;
    const ids = this.ids.get(connection.producer) ?? [];
    this.ids.set(connection.producer, ids);
    ids.push(id);
    host.lend(connection, sk, request, (taken) => this.post(id, taken, IORING_CQE_F_MORE));
  }

  /** The request has a notification, of which nobody holds anything. */
  private fail(id: number, error: number): void {
    this.post(id, error, IORING_CQE_F_MORE);
    this.post(id, 0, IORING_CQE_F_NOTIF); // io_notif_flush
  }

  private post(id: number, result: number, flags: number, producer = -1, call = -1): void {
    this.queue.push({ id, result, flags, producer, call });
    this.reading.arm();
  }

  /** io_tx_ubuf_complete: nobody has the notification any more. */
  announced({ producer }: Connection, of: number, call: number, copied: boolean): void {
    const id = this.ids.get(producer)![call]!;
    const result = copied ? IORING_NOTIF_USAGE_ZC_COPIED : 0;
    this.post(id, result, IORING_CQE_F_NOTIF, of, call);
  }

  private read(): void {
    const { k, program } = this.host;
    for (const { id, result, flags, producer, call } of this.queue.splice(0)) {
      if (call >= 0) k.probe.notified(producer, call, call, result !== 0);
      program.cqe(id, result, flags);
    }
  }

  cancel(id: number): number {
    const at = this.waiting.findIndex((r) => r.id === id);
    if (at < 0) return -ENOENT;
    this.waiting.splice(at, 1);
    this.fail(id, -ECANCELED);
    return 0;
  }

  /** `connection` has room again, or is over. */
  goOn(connection: Connection): void {
    const all = this.waiting;
    this.waiting = [];
    for (const request of all) {
      if (request.connection === connection) this.issue(request);
      else this.waiting.push(request);
    }
  }
}

declareState(Ring, { state: 'host queue waiting ids', constant: 'reading' });
