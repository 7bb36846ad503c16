// Bytes of a packet that somebody can still read without having the packet: page, place and length, and no reference.
import {
  declareState,
  fragAt,
  fragSeq,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Page,
  type Reader,
  type SkBuff,
} from '@lastref/kernel';

interface View {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
  readonly flow: number;
  readonly seq: number;
}

export class Views implements Holder {
  private readonly k: Kernel;
  /** Who reads, in the field's words. */
  private readonly where: string;
  private readonly reader: Reader;
  private readonly views: View[] = [];

  constructor(k: Kernel, where: string, reader: Reader) {
    this.k = k;
    this.where = where;
    this.reader = reader;
    k.holders.push(this);
  }

  /** All that `skb` has in pages. */
  of(skb: SkBuff): void {
    let seq = fragSeq(skb);
    for (let i = 0; i < skb.shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = fragAt(skb.shinfo, i);
      this.views.push({ page, pageOffset, size, flow: skb.flow, seq });
      seq = (seq + size) | 0;
    }
  }

  /** Reads all of it. */
  read(): void {
    const { k, reader, views } = this;
    for (const { page, pageOffset, size, flow, seq } of views)
      k.probe.read(reader, flow, seq, size, page.address + pageOffset, page);
  }

  /** Will not read it again. */
  forget(): void {
    this.k.releases++;
    this.views.length = 0;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, pageOffset, size } of this.views)
      visitor.page(page, pageOffset, size, this.where);
  }
}

declareState(Views, {
  state: 'views',
  constant: 'k where reader',
});
