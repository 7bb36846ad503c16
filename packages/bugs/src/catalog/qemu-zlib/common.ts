import {
  PAGE_SIZE,
  Reader,
  Side,
  declareState,
  putPage,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Page,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** Pages of the guest that are to be sent. */
const PAGES = 2;

/** Pages of a running guest are compressed, by somebody who reads them more than once. @kernel QEMU migration/multifd-zlib.c */
export abstract class Compressor extends Owner implements Holder {
  private readonly ram: readonly Page[];
  private readonly flow: number;
  /** Pages that were begun. */
  private pages = 0;
  private deflating: Page | null = null;
  private readonly compress: Act;

  constructor(k: Kernel) {
    super(k, 'migration', PAGES);
    this.flow = k.newFlow(Side.LENT);
    this.ram = ownPages(k, PAGES);
    this.writeRam(1);
    k.holders.push(this);
    this.compress = new Act(k, 'channel', 'compresses a page', () => this.sendPrepare());
    this.compress.arm();
    // a processor of the guest, which nobody stops
    new OtherAct(k, 'guest', 'writes to its pages', () => this.writeRam(2)).arm();
  }

  private writeRam(version: number): void {
    for (const page of this.ram) writePage(this.k, page, version);
  }

  private sendPrepare(): void {
    const { k, flow } = this;
    const ram = this.ram[this.pages]!;
    const seq = this.pages++ * PAGE_SIZE;
    const loan = this.newLoan(this.pages);
    k.probe.lent(loan, ram, 0, PAGE_SIZE, flow, seq);
    this.deflating = ram;
    const input = this.inputOf(ram);
    for (let fetch = 0; fetch < 2; fetch++) {
      k.probe.read(Reader.APPLICATION, flow, seq, PAGE_SIZE, input.address, input); // deflate
      k.point();
    }
    if (input !== ram) putPage(k, input);
    this.deflating = null;
    k.releases++;
    this.handedOver(loan);
    k.complete(loan);
    if (this.pages < PAGES) this.compress.arm();
  }

  /** What deflate() is given. */
  protected abstract inputOf(ram: Page): Page;

  forEachReader(visitor: HolderVisitor): void {
    if (this.deflating !== null) visitor.page(this.deflating, 0, PAGE_SIZE, 'deflate');
  }
}

declareState(Compressor, {
  state: 'ram pages deflating',
  constant: 'flow compress',
});

export function compressed(version: string, make: (k: Kernel) => Compressor): Workload {
  return workloadOf(`qemu-zlib-${version}`, 'two pages of a running guest are compressed', make, {
    by: 'requests',
    over: 'device',
  });
}
