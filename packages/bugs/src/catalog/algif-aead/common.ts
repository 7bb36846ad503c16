import {
  PAGE_SIZE,
  Reader,
  Side,
  declareState,
  getPage,
  putPage,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { ownPages, writeBytes, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** The end of what is spliced is the tag. */
const TAG = 16;

/** A page of a file is spliced to a socket that decrypts. @kernel crypto/algif_aead.c _aead_recvmsg (4.14) */
export abstract class AlgSocket extends Owner implements Holder {
  private readonly file: Page;
  private readonly flow: number;
  private loan: Loan | null = null;
  private inSgl = false;
  private readonly decrypts: readonly Act[];

  constructor(k: Kernel) {
    super(k, 'alg', 1);
    this.flow = k.newFlow(Side.LENT);
    this.file = ownPages(k, 1)[0]!;
    writePage(k, this.file, 1);
    k.holders.push(this);
    this.decrypts = ['gcm', 'authencesn'].map(
      (cipher) => new Act(k, `recvmsg, ${cipher}`, 'decrypts', () => this.recvmsg(cipher)),
    );
    new Act(k, 'process', 'splices a page of a file', () => this.splice()).arm();
  }

  private splice(): void {
    const { k, file, flow } = this;
    const loan = this.newLoan(1);
    k.probe.lent(loan, file, 0, PAGE_SIZE, flow, 0);
    getPage(k, file);
    this.loan = loan;
    this.inSgl = true;
    this.handedOver(loan);
    for (const decrypt of this.decrypts) decrypt.arm();
  }

  private recvmsg(cipher: string): void {
    const { k, file, flow } = this;
    if (!this.inSgl) return; // the other one has had it
    k.probe.read(Reader.APPLICATION, flow, 0, PAGE_SIZE, file.address, file);
    // authencesn notes four bytes behind the text, where its destination goes on
    if (cipher === 'authencesn' && this.tagIsInDestination()) {
      k.probe.written(file, PAGE_SIZE - TAG, 4);
      writeBytes(k, file, PAGE_SIZE - TAG, 4, 0x5a);
    }
    this.inSgl = false;
    putPage(k, file);
    k.releases++;
    k.complete(this.loan!);
  }

  /** Is the tag, where it was spliced from, at the end of what the cipher writes to? */
  protected abstract tagIsInDestination(): boolean;

  forEachReader(visitor: HolderVisitor): void {
    if (this.inSgl) visitor.page(this.file, 0, PAGE_SIZE, 'TX SGL');
  }
}

declareState(AlgSocket, {
  state: 'file loan inSgl',
  constant: 'flow decrypts',
});

export function deciphered(version: string, make: (k: Kernel) => AlgSocket): Workload {
  return workloadOf(`algif-aead-${version}`, 'a page of a file is spliced to a cipher', make, {
    by: 'socket',
    over: 'device',
  });
}
