// The other end of a program's connections: a consumer that answers, if it is one that answers, and that can stop sending
// while it goes on reading.
import {
  declareState,
  tcpSendmsg,
  tcpShutdown,
  type Kernel,
  type Page,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import { Consumer, type ConsumerOptions } from './consumer.ts';
import type { Abortable } from './teardown.ts';

export interface FarEndOptions extends Omit<ConsumerOptions, 'name'> {
  /** It answers whenever it has read so many bytes of a connection; default: never. */
  readonly answerEvery?: number;
}

/** Bytes of an answer. */
export const ANSWER_BYTES = 64;

export class FarEnd extends Consumer {
  private readonly answerEvery: number;
  private readonly page: Page | null;
  /** Bytes of the connection that were read and not answered. */
  private unanswered = 0;

  constructor(k: Kernel, { answerEvery = Infinity, ...options }: FarEndOptions) {
    super(k, { ...options, name: 'peer' });
    this.answerEvery = answerEvery;
    this.page = answerEvery === Infinity ? null : ownPages(k, 1)[0]!;
    if (this.page !== null) writePage(k, this.page, 1);
  }

  override accept(sk: TcpSock): SocketUser {
    this.unanswered = 0;
    return super.accept(sk);
  }

  /** It will send no more, and reads on. */
  endSending(): void {
    if (this.sk !== null) tcpShutdown(this.sk);
  }

  /** What it has read in all decides nothing here, and is not counted. */
  override bytes(_sk: TcpSock, _address: number, size: number): void {
    if (this.page !== null) this.unanswered += size;
  }

  override mayComeFirst(steps: number): boolean {
    return this.page === null && super.mayComeFirst(steps);
  }

  protected override hasRead(sk: TcpSock): void {
    for (; this.unanswered >= this.answerEvery; this.unanswered -= this.answerEvery)
      tcpSendmsg(sk, this.page!.address, ANSWER_BYTES);
  }
}

declareState(FarEnd, { state: 'page unanswered', constant: 'answerEvery' });

/** Ends what the far end sends, and nothing else. */
export class HalfClose implements Abortable {
  private readonly end: FarEnd;

  constructor(end: FarEnd) {
    this.end = end;
  }

  get lendsNothing(): boolean {
    return this.end.lendsNothing;
  }

  abort(): void {
    this.end.endSending();
  }
}

declareState(HalfClose, { state: 'end' });
