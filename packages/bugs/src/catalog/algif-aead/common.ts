import {
  PAGE_SIZE,
  Reader,
  declareState,
  getPage,
  putPage,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import { writeBytes, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/** The end of what is spliced is the tag. */
const TAG = 16;

/** A page of a file is spliced to a socket that decrypts. @kernel crypto/algif_aead.c _aead_recvmsg (4.14) */
export abstract class AlgSocket extends PageOwner {
  private inSgl = false;
  private readonly decrypts: readonly Act[];

  constructor(k: Kernel) {
    super(k, 'alg');
    this.decrypts = ['gcm', 'authencesn'].map(
      (cipher) => new Act(k, `recvmsg, ${cipher}`, 'decrypts', () => this.recvmsg(cipher)),
    );
    new Act(k, 'process', 'splices a page of a file', () => this.splice()).arm();
  }

  private splice(): void {
    const { k, page } = this;
    const loan = this.lend();
    getPage(k, page);
    this.inSgl = true;
    this.handedOver(loan);
    for (const decrypt of this.decrypts) decrypt.arm();
  }

  private recvmsg(cipher: string): void {
    const { k, page } = this;
    if (!this.inSgl) return; // the other one has had it
    this.readBy(Reader.APPLICATION);
    // authencesn notes four bytes behind the text, where its destination goes on
    if (cipher === 'authencesn' && this.tagIsInDestination()) {
      k.probe.written(page, PAGE_SIZE - TAG, 4);
      writeBytes(k, page, PAGE_SIZE - TAG, 4, 0x5a);
    }
    this.inSgl = false;
    putPage(k, page);
    k.releases++;
    k.complete(this.loan!);
  }

  /** Is the tag, where it was spliced from, at the end of what the cipher writes to? */
  protected abstract tagIsInDestination(): boolean;

  forEachReader(visitor: HolderVisitor): void {
    if (this.inSgl) visitor.page(this.page, 0, PAGE_SIZE, 'TX SGL');
  }
}

declareState(AlgSocket, {
  state: 'inSgl',
  constant: 'decrypts',
});

export function deciphered(version: string, make: (k: Kernel) => AlgSocket): Workload {
  return workloadOf(`algif-aead-${version}`, 'a page of a file is spliced to a cipher', make, {
    by: 'socket',
    over: 'device',
  });
}
