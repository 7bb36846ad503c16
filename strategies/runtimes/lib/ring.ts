// What programs that send with IORING_OP_SEND_ZC have in common: one request at a time for a connection, an entry for
// each, and the two completions. When the entry goes is each program's own.
import {
  EAGAIN,
  ECANCELED,
  ENOMEM,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  Program,
} from '@lastref/kernel';
import { Sending } from './sockets.ts';

/** A request that is out. */
export class Entry {
  readonly id: number;
  readonly sending: Sending;
  /** Its first completion has come. */
  answered = false;

  constructor(id: number, sending: Sending) {
    this.id = id;
    this.sending = sending;
  }
}

export abstract class RingSender extends Program {
  protected queue: Sending[] = [];
  protected held: Sending[] = [];
  protected entries: Entry[] = [];
  /** The connection in use; -1: none. */
  protected connection = -1;
  protected stopping = false;
  private nextId = 1;
  /** The next part goes by copying, as there was no memory for a notification. */
  private copies = false;

  override connected(connection: number): void {
    this.connection = connection;
    this.pump();
  }

  override request(buffer: number, size: number): void {
    const sending = new Sending(buffer, size);
    this.held.push(sending);
    this.queue.push(sending);
    this.pump();
  }

  override writable(): void {
    this.pump();
  }

  /** Submits the next part, unless a request is under way: two could overtake each other. */
  protected pump(): void {
    while (this.connection >= 0 && this.entries.every((e) => e.answered)) {
      const first = this.queue[0];
      if (first === undefined) break;
      if (first.sent === first.size) {
        this.queue.shift();
        this.settle(first);
      } else if (!this.push(first)) return;
    }
    this.idle();
  }

  /** False: what comes next is up to the kernel. */
  private push(sending: Sending): boolean {
    const { calls, connection } = this;
    const { buffer, sent, size } = sending;
    if (!this.copies) {
      const entry = new Entry(this.nextId++, sending);
      sending.out++;
      this.entries.push(entry);
      calls.sendZc(connection, buffer, sent, size - sent, entry.id);
      return false;
    }
    const taken = calls.send(connection, buffer, sent, size - sent, 0);
    if (taken === -EAGAIN) return false;
    this.copies = false;
    sending.sent = taken < 0 ? size : sent + taken;
    return true;
  }

  override cqe(id: number, result: number, flags: number): void {
    const notifies = (flags & IORING_CQE_F_NOTIF) !== 0;
    const entry = notifies ? this.notification(id) : this.entries.find((e) => e.id === id);
    if (entry !== undefined) {
      if (notifies) this.remove(entry);
      else this.first(entry, result, flags);
    }
    this.pump();
  }

  /** Which entry a notification that carries `id` is about. */
  protected notification(id: number): Entry | undefined {
    return this.entries.find((e) => e.id === id);
  }

  /** The result of a request. */
  protected first(entry: Entry, result: number, flags: number): void {
    const { sending } = entry;
    entry.answered = true;
    if (result >= 0)
      sending.sent = Math.min(sending.size, sending.sent + result); // it may be given up by now
    else if (result === -ENOMEM) this.copies = true;
    else if (result === -ECANCELED)
      sending.sent = sending.size; // whoever canceled it wants no rest
    else this.giveUp();
    if (this.isLast(result, flags)) this.remove(entry);
  }

  /** Does no notification follow? */
  protected isLast(_result: number, flags: number): boolean {
    return (flags & IORING_CQE_F_MORE) === 0;
  }

  /** Nobody has anything of it any more. */
  protected remove(entry: Entry): void {
    this.entries = this.entries.filter((e) => e !== entry);
    entry.sending.out--;
    this.settle(entry.sending);
  }

  protected settle(sending: Sending): void {
    if (sending.out === 0 && sending.sent === sending.size) this.giveBack(sending);
  }

  protected giveBack(sending: Sending): void {
    if (!this.held.includes(sending)) return;
    this.held = this.held.filter((s) => s !== sending);
    this.calls.release(sending.buffer);
  }

  protected giveUp(): void {
    this.queue = [];
    for (const sending of this.held) {
      sending.sent = sending.size;
      this.settle(sending);
    }
  }

  /** Who waited for the send waits no longer: what was not sent need not be. */
  override timedOut(buffer: number): void {
    const waits = this.entries.find((e) => e.sending.buffer === buffer && !e.answered);
    if (waits !== undefined) this.calls.cancel(waits.id);
  }

  override failed(connection: number, _error: number): void {
    this.connection = -1;
    this.giveUp();
    this.calls.close(connection); // notifications come to the ring, not to the socket
    if (!this.stopping) this.calls.connect();
  }

  override stop(): void {
    this.stopping = true;
    this.idle();
  }

  protected idle(): void {
    if (!this.stopping || this.connection < 0 || this.queue.length > 0) return;
    this.calls.shutdown(this.connection);
    this.calls.close(this.connection);
    this.connection = -1;
  }
}
