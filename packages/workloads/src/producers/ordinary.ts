// Traffic that lends nothing: send() of a buffer, again and again. And a writer to a file that others send.
import {
  Context,
  SingleStep,
  PAGE_SIZE,
  declareState,
  tcpClose,
  tcpSendmsg,
  type Kernel,
  type Page,
  type Side,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';

export class OrdinarySender extends SingleStep implements SocketUser, Participant {
  readonly k: Kernel;
  readonly side: Side;
  readonly total: number;
  private readonly page: Page;
  private sk: TcpSock | null = null;
  private sent = 0;

  constructor(k: Kernel, name: string, side: Side, total: number) {
    super(`${name} send`, 'sends');
    this.k = k;
    this.side = side;
    this.total = total;
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    k.agenda.add(this);
  }

  progress(): { done: number; of: number } {
    return { done: this.sent, of: this.total };
  }

  take(): boolean {
    const { k } = this;
    const sk = this.sk;
    if (sk === null || !k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    while (this.sent < this.total) {
      const size = Math.min(PAGE_SIZE, this.total - this.sent);
      const taken = tcpSendmsg(sk, this.page.address, size);
      this.sent += taken;
      if (taken < size) break;
    }
    return true;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  writeSpace(): void {
    this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  dataReady(): void {}

  closed(sk: TcpSock): void {
    this.sk = null;
    tcpClose(sk);
  }
}

declareState(OrdinarySender, {
  state: 'page sk sent',
  constant: 'k side total',
});

/** Learns of every write to a page that is not its own doing. */
export interface PageWatcher {
  pageWritten(page: Page): void;
}

/** Writes to the pages of a file at its own pace, `writes` times in all, and asks nobody. */
export class FileWriter extends SingleStep {
  readonly k: Kernel;
  readonly pages: readonly Page[];
  readonly everyTicks: number;
  private readonly watcher: PageWatcher | null;
  private left: number;
  private next = 0;

  constructor(
    k: Kernel,
    name: string,
    pages: readonly Page[],
    everyTicks: number,
    writes: number,
    watcher: PageWatcher | null = null,
  ) {
    super(`${name} write`, 'writes to the file');
    this.k = k;
    this.watcher = watcher;
    this.pages = pages;
    this.everyTicks = everyTicks;
    this.left = writes;
    k.agenda.add(this);
    k.agenda.arm(this.place, everyTicks);
  }

  take(): boolean {
    const { k } = this;
    if (this.left === 0) return false;
    k.context = Context.PROCESS;
    if (!k.lifetime.mayWrite(this.pages[this.next]!)) {
      k.agenda.refuse();
      k.agenda.arm(this.place, k.agenda.now + this.everyTicks); // stopped until the I/O is over
      return true;
    }
    this.left--;
    writePage(k, this.pages[this.next]!, 0x80 + (this.left & 0x7f));
    this.watcher?.pageWritten(this.pages[this.next]!);
    this.next = (this.next + 7) % this.pages.length;
    if (this.left > 0) k.agenda.arm(this.place, k.agenda.now + this.everyTicks);
    else k.agenda.disarm(this.place);
    return true;
  }
}

declareState(FileWriter, {
  state: 'pages watcher left next',
  constant: 'k everyTicks',
});
