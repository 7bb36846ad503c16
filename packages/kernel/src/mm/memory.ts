// Pages in a process's address space: it reads them whenever it likes, until it unmaps them.
import { SingleStep } from '../agenda.ts';
import type { Holder, HolderVisitor } from '../holders.ts';
import type { Kernel } from '../kernel.ts';
import { Context, Reader } from '../probe.ts';
import { PAGE_SIZE, getPage, putPage, type Page } from './page_alloc.ts';
import { declareState } from '../state.ts';

interface Mapped {
  readonly page: Page;
  /** Which bytes of which stream the reader takes it for. */
  readonly flow: number;
  readonly seq: number;
}

/** A range of addresses that pages are put into. Its step: the process reads them all and unmaps them. */
export class UserMapping extends SingleStep implements Holder {
  private readonly k: Kernel;
  private readonly pages: Mapped[] = [];
  private readonly readTicks: number;

  constructor(k: Kernel, name: string, readTicks: number) {
    super(`mapping ${name}`, 'is read and unmapped');
    this.k = k;
    this.readTicks = readTicks;
    k.agenda.add(this);
    k.holders.push(this);
  }

  /** A bare page reference, as any mapping has one. @kernel mm/memory.c vm_insert_page */
  insertPage(page: Page, flow: number, seq: number): void {
    const { agenda } = this.k;
    getPage(this.k, page);
    this.pages.push({ page, flow, seq });
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + this.readTicks);
  }

  get comesIn(): boolean {
    return true;
  }

  /** @kernel mm/memory.c zap_page_range */
  take(): boolean {
    const { k } = this;
    if (this.pages.length === 0) return false;
    k.context = Context.PROCESS;
    k.agenda.disarm(this.place);
    for (const { page, flow, seq } of this.pages)
      k.probe.read(Reader.APPLICATION, flow, seq, PAGE_SIZE, page.address, page);
    while (this.pages.length > 0) {
      const { page } = this.pages.pop()!;
      k.releases++;
      putPage(k, page);
    }
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page } of this.pages) visitor.page(page, 0, PAGE_SIZE, 'user mapping');
  }
}

declareState(UserMapping, {
  state: 'pages',
  constant: 'k readTicks',
});
