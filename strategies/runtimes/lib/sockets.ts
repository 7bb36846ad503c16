// What programs that send with MSG_ZEROCOPY have in common: the order of what is to be sent, and the numbers of the
// calls of each socket. What follows from a notification, an error, an end is each program's own.
import { ENOBUFS, MSG_ZEROCOPY, Program } from '@lastref/kernel';

/** A buffer on its way out. */
export class Sending {
  readonly buffer: number;
  readonly size: number;
  /** Bytes that the socket took. */
  sent = 0;
  /** Calls that lent of it and were not announced. */
  out = 0;

  constructor(buffer: number, size: number) {
    this.buffer = buffer;
    this.size = size;
  }
}

/** A socket and its calls that are out, by number. */
export class Socket {
  readonly number: number;
  /** What the next call is called: 32 bits. */
  next: number;
  readonly calls = new Map<number, Sending>();
  over = false;

  constructor(number: number, next: number) {
    this.number = number;
    this.next = next;
  }
}

export abstract class ZerocopySender extends Program {
  /** What is not sent yet, in order. */
  protected queue: Sending[] = [];
  /** Buffers that the program has. */
  protected held: Sending[] = [];
  protected sockets: Socket[] = [];
  protected stopping = false;

  override connected(connection: number, nextCall: number): void {
    this.sockets.push(new Socket(connection, nextCall));
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

  /** The socket that is in use, or undefined. */
  protected socketInUse(): Socket | undefined {
    return this.sockets.find((s) => !s.over);
  }

  protected socketOf(connection: number): Socket {
    return this.sockets.find((s) => s.number === connection)!;
  }

  /** Sends until the socket takes no more. */
  protected pump(): void {
    const socket = this.socketInUse();
    for (
      let first = this.queue[0];
      socket !== undefined && first !== undefined;
      first = this.queue[0]
    ) {
      if (!this.push(socket, first)) return;
      this.queue.shift();
      this.sentAll(first);
    }
    this.idle();
  }

  /** False: the socket is full, or over. */
  private push(socket: Socket, sending: Sending): boolean {
    const { calls } = this;
    while (sending.sent < sending.size) {
      const { buffer, sent, size } = sending;
      const flags = this.flagsFor(size - sent);
      let taken = calls.send(socket.number, buffer, sent, size - sent, flags);
      if (taken < 0) this.refused(sending, flags);
      if (taken === -ENOBUFS) taken = this.noMemory(socket, sending);
      else if (taken > 0 && flags === MSG_ZEROCOPY) this.lent(socket, sending);
      if (taken < 0) return false; // `writable` follows, or `failed`
      sending.sent += taken;
      this.took(sending, flags);
    }
    return true;
  }

  /** There is no memory for a notification: the rest goes as a copy. What that took, or an error: it goes later. */
  protected noMemory({ number }: Socket, { buffer, sent, size }: Sending): number {
    return this.calls.send(number, buffer, sent, size - sent, 0);
  }

  protected flagsFor(_size: number): number {
    return MSG_ZEROCOPY;
  }

  /** A call lent something, and has the next number. */
  protected lent(socket: Socket, sending: Sending): void {
    sending.out++;
    socket.calls.set(socket.next, sending);
    socket.next = (socket.next + 1) >>> 0;
  }

  /** A call failed. */
  protected refused(_sending: Sending, _flags: number): void {}

  /** A call took something of it. */
  protected took(_sending: Sending, _flags: number): void {}

  /** All of it is with the socket. */
  protected sentAll(sending: Sending): void {
    this.settle(sending);
  }

  /** Calls `lo` to `hi` of `connection` are over. */
  override notified(connection: number, lo: number, hi: number, _copied: boolean): void {
    const socket = this.socketOf(connection);
    for (let call = lo; ; call = (call + 1) >>> 0) {
      const sending = socket.calls.get(call);
      socket.calls.delete(call);
      if (sending !== undefined) {
        sending.out--;
        this.settle(sending);
      }
      if (call === hi) break;
    }
    this.idle();
  }

  /** Takes a buffer back that nobody needs any more. */
  protected settle(sending: Sending): void {
    if (sending.out === 0 && sending.sent === sending.size) this.giveBack(sending);
  }

  protected giveBack(sending: Sending): void {
    if (!this.held.includes(sending)) return; // once
    this.held = this.held.filter((s) => s !== sending);
    this.calls.release(sending.buffer);
  }

  /** What was not sent will not be. */
  protected giveUp(): void {
    this.queue = [];
    for (const sending of this.held) {
      sending.sent = sending.size;
      this.settle(sending);
    }
  }

  override failed(connection: number, _error: number): void {
    this.socketOf(connection).over = true;
    this.giveUp();
    if (!this.stopping) this.calls.connect();
    this.idle();
  }

  override stop(): void {
    this.stopping = true;
    this.idle();
  }

  /** Closes what is over, and at the end all: not before every call was announced. */
  protected idle(): void {
    for (const socket of this.sockets) {
      const done = socket.over || (this.stopping && this.held.length === 0);
      if (done && socket.calls.size === 0) this.close(socket);
    }
  }

  protected close(socket: Socket): void {
    this.sockets = this.sockets.filter((s) => s !== socket);
    if (!socket.over) this.calls.shutdown(socket.number);
    this.calls.close(socket.number);
  }
}
