// A producer that sends one operation after another on a stream: sendfile of a file's pages, a replicated
// block, a bulk transfer. It owns a limited number of page sets and uses a set again once it was told that the
// set is its own.
import {
  Context,
  PAGE_SIZE,
  PageHome,
  Pipe,
  SingleStep,
  TcpState,
  abandon,
  expectNoMemory,
  declareState,
  fileSpliceRead,
  handOut,
  spliceToSocket,
  takeHome,
  tcpAbort,
  tcpClose,
  tcpPush,
  tcpSendpage,
  vmspliceToPipe,
  type CompletionSink,
  type Kernel,
  type Loan,
  type Page,
  type Side,
  type SocketUser,
  type TcpPath,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage, zeroFrom } from '../pages.ts';
import type { Participant } from '../scenario.ts';
import { Producers } from './registry.ts';

export interface StreamOptions {
  readonly name: string;
  readonly side: Side;
  /** Operations in all, and pages of each. */
  readonly operations: number;
  readonly pagesPerOperation: number;
  /** Page sets: operations that can be unfinished at a time. */
  readonly sets: number;
  /** Ticks from a completion to the moment when the pages are written anew. */
  readonly reuseTicks: number;
  /** Through a pipe, as sendfile, splice and vmsplice do; else sendpage for each page. */
  readonly pipe: boolean;
  /** Where its pages come from. Default: where the design's do. A process's go into the pipe by vmsplice. */
  readonly home?: PageHome;
  /** Where it connects to, again if it must; none: somebody else connects, once. */
  readonly path?: TcpPath;
  /** Where its callback may run, one bit each. Default: anywhere. */
  readonly contexts?: number;
  /** The producer writes its pages again when it is told; a file's pages are written by somebody else. */
  readonly rewrites: boolean;
}

const SetState = { FREE: 0, SENDING: 1, LENT: 2, DIRTY: 3 } as const;

class PageSet {
  readonly pages: Page[];
  state: number = SetState.FREE;
  loan: Loan | null = null;
  /** Pages that are the file's no more, but lent still. */
  readonly former: Page[] = [];
  /** Its owner has it all to itself: the pages must be handed out again before they can be lent. */
  home = false;
  /** sendpage has returned for all of it. */
  returned = false;
  /** When it may be written again. */
  reuseAt = 0;

  constructor(pages: Page[]) {
    this.pages = pages;
  }
}

declareState(PageSet, {
  state: 'pages state loan former home returned',
  moment: 'reuseAt',
});

class SubmitStep extends SingleStep {
  readonly producer: StreamProducer;

  constructor(producer: StreamProducer) {
    super(`${producer.name} submit`, 'submits');
    this.producer = producer;
  }

  take(): boolean {
    return this.producer.submit();
  }
}

declareState(SubmitStep, {
  state: 'producer',
});

class ReuseStep extends SingleStep {
  readonly producer: StreamProducer;

  constructor(producer: StreamProducer) {
    super(`${producer.name} reuse`, 'writes its pages anew');
    this.producer = producer;
  }

  take(): boolean {
    return this.producer.reuse();
  }
}

declareState(ReuseStep, {
  state: 'producer',
});

export class StreamProducer implements SocketUser, CompletionSink, Participant {
  readonly k: Kernel;
  readonly name: string;
  /** Where it connects to again; null: it was connected once and for all. */
  private readonly path: TcpPath | null;
  readonly options: StreamOptions;
  readonly sets: readonly PageSet[];
  private readonly number: number;
  private readonly submitStep: SubmitStep;
  private readonly reuseStep: ReuseStep;
  private readonly pipe: Pipe | null;
  private sk: TcpSock | null = null;
  private started = 0;
  private done = 0;
  private version = 0;
  /** The set being sent and the bytes of it that the socket has taken. */
  private sending: PageSet | null = null;
  private sent = 0;

  constructor(k: Kernel, options: StreamOptions) {
    this.k = k;
    this.name = options.name;
    this.options = options;
    this.sets = Array.from(
      { length: options.sets },
      () => new PageSet(this.ownPages(options.pagesPerOperation)),
    );
    for (const set of this.sets) this.write(set);
    this.number = Producers.of(k).add(this);
    this.pipe = options.pipe ? new Pipe(k) : null;
    this.submitStep = new SubmitStep(this);
    this.reuseStep = new ReuseStep(this);
    k.agenda.add(this.submitStep);
    k.agenda.add(this.reuseStep);
    this.path = options.path ?? null;
    this.path?.connect(this);
  }

  progress(): { done: number; of: number } {
    return { done: this.done, of: this.options.operations };
  }

  private ownPages(count: number): Page[] {
    const { home } = this.options;
    return ownPages(this.k, count, this.k.design.home ?? home);
  }

  private write(set: PageSet): void {
    this.version++;
    for (const page of set.pages) writePage(this.k, page, this.version);
  }

  private armSubmit(): void {
    const { agenda } = this.k;
    if (this.sk === null || agenda.isArmed(this.submitStep.place)) return;
    if (this.sk.state === TcpState.CLOSED) {
      agenda.arm(this.submitStep.place, agenda.now); // to find out
      return;
    }
    const more = this.sending !== null || this.started < this.options.operations;
    if (more && (this.sending !== null || this.freeSet() !== null)) {
      agenda.arm(this.submitStep.place, agenda.now);
    }
  }

  private freeSet(): PageSet | null {
    // Round robin, as a ring of buffers is used.
    const n = this.sets.length;
    for (let i = 0; i < n; i++) {
      const set = this.sets[(this.started + i) % n]!;
      if (set.state === SetState.FREE) return set;
    }
    return null;
  }

  /** Starts an operation, or goes on with one that the socket had no room for. */
  submit(): boolean {
    const { k, options } = this;
    const sk = this.sk;
    if (sk === null || !k.agenda.isArmed(this.submitStep.place)) return false;
    k.agenda.disarm(this.submitStep.place);
    k.context = Context.PROCESS;
    k.side = options.side;
    if (sk.state === TcpState.CLOSED) {
      this.hangUp(sk);
      if (this.started < options.operations) this.path?.connect(this);
      return true;
    }
    let set = this.sending;
    if (set === null) {
      set = this.freeSet();
      if (set === null || this.started >= options.operations) return true;
      set.state = SetState.SENDING;
      if (set.home) for (const page of set.pages) handOut(k, page);
      set.home = false;
      set.returned = false;
      set.loan = k.newLoan(this.number, ++this.started, options.contexts);
      this.sending = set;
      this.sent = 0;
    }
    if (!this.send(sk, set)) return true;
    this.sending = null;
    set.returned = true;
    if (set.state === SetState.SENDING) set.state = SetState.LENT;
    const loan = set.loan!;
    k.lifetime.returned(loan);
    k.release(loan);
    this.armSubmit();
    return true;
  }

  /** False: the send buffer is full. */
  private send(sk: TcpSock, set: PageSet): boolean {
    const total = this.options.pagesPerOperation * PAGE_SIZE;
    const loan = set.loan!;
    sk.corked = true;
    while (this.sent < total) {
      let taken: number;
      let wanted: number;
      if (this.pipe !== null) {
        const held = this.pipe.bytes;
        const fill = this.options.home === PageHome.USER ? vmspliceToPipe : fileSpliceRead;
        wanted = held + fill(set.pages, this.sent + held, total - this.sent - held, this.pipe);
        taken = spliceToSocket(this.pipe, sk, loan);
      } else {
        const into = this.sent % PAGE_SIZE;
        wanted = PAGE_SIZE - into;
        taken = tcpSendpage(sk, set.pages[Math.floor(this.sent / PAGE_SIZE)]!, into, wanted, loan);
      }
      this.sent += taken;
      if (taken < wanted) return false;
    }
    sk.corked = false;
    tcpPush(sk);
    return true;
  }

  loanCompleted(loan: Loan): void {
    const set = this.sets.find((s) => s.loan === loan);
    if (set === undefined) return;
    this.done++;
    for (const page of set.former.splice(0)) abandon(this.k, page);
    set.state = SetState.DIRTY;
    set.reuseAt = this.k.agenda.now + this.options.reuseTicks;
    const { agenda } = this.k;
    if (!agenda.isArmed(this.reuseStep.place)) agenda.arm(this.reuseStep.place, set.reuseAt);
  }

  /** Writes every set that it was told of, and that is due, anew. */
  reuse(): boolean {
    const { k } = this;
    const { agenda } = k;
    if (!agenda.isArmed(this.reuseStep.place)) return false;
    agenda.disarm(this.reuseStep.place);
    k.context = Context.PROCESS;
    let next = -1;
    for (const set of this.sets) {
      if (set.state !== SetState.DIRTY) continue;
      if (set.reuseAt > agenda.now || !set.returned) {
        const at = Math.max(set.reuseAt, agenda.now + 1);
        next = next < 0 ? at : Math.min(next, at);
        continue;
      }
      if (this.options.home !== undefined) {
        for (const page of set.pages) takeHome(k, page);
        set.home = true;
      }
      if (this.options.rewrites) this.write(set);
      set.state = SetState.FREE;
      set.loan = null;
    }
    if (next >= 0) agenda.arm(this.reuseStep.place, next);
    this.armSubmit();
    return true;
  }

  /**
   * Set number `nth` of the file is cut off behind its first `keep` bytes, and written anew from there. Whole pages
   * leave the page cache and others come in their place: those that are lent stay with whoever was lent them. What is
   * left of a page that is cut is zeroed where it is. Returns false while somebody does not let the pages go.
   * @kernel mm/truncate.c truncate_inode_pages, truncate_partial_page (2.6.24)
   */
  truncate(nth: number, keep: number): boolean {
    const { k } = this;
    const set = this.sets[nth]!;
    const { pages } = set;
    const first = Math.ceil(keep / PAGE_SIZE);
    if (!pages.every((page) => k.lifetime.mayWrite(page))) {
      k.agenda.refuse();
      return false;
    }
    let fresh: Page[];
    try {
      fresh = this.ownPages(pages.length - first);
    } catch (error) {
      expectNoMemory(error);
      return false; // it waits for memory, and comes again
    }
    if (keep % PAGE_SIZE !== 0) zeroFrom(k, pages[first - 1]!, keep % PAGE_SIZE);
    const lent = set.state === SetState.SENDING || set.state === SetState.LENT;
    this.version++;
    for (const page of fresh) writePage(k, page, this.version);
    for (const page of pages.splice(first, pages.length, ...fresh)) {
      if (lent) set.former.push(page);
      else abandon(k, page);
    }
    return true;
  }

  // --- the socket ---

  established(sk: TcpSock): void {
    this.sk = sk;
    this.armSubmit();
  }

  writeSpace(): void {
    this.armSubmit();
  }

  /** Nobody answers a stream. */
  dataReady(): void {}

  /** Closes its own connection at once, with a RST. */
  abort(): void {
    if (this.sk === null || this.sk.dead) return;
    tcpAbort(this.sk);
    this.armSubmit();
  }

  closed(sk: TcpSock): void {
    if (sk !== this.sk) tcpClose(sk);
    else this.armSubmit();
  }

  /** The connection is gone: what was half sent will stay so. */
  private hangUp(sk: TcpSock): void {
    this.sk = null;
    tcpClose(sk);
    this.pipe?.release();
    const { sending } = this;
    this.sending = null;
    if (sending !== null) {
      sending.returned = true;
      if (sending.state === SetState.SENDING) sending.state = SetState.LENT;
      this.k.lifetime.returned(sending.loan!);
      this.k.release(sending.loan!);
    }
  }
}

declareState(StreamProducer, {
  state: 'sets submitStep reuseStep pipe sk path started done version sending sent',
  constant: 'k name options number',
});
