import {
  Context,
  PageHome,
  Pipe,
  Reader,
  declareState,
  fragAt,
  fragSeq,
  getPage,
  putPage,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import type { Operation } from '@lastref/operations';
import { Act } from '../../act.ts';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';
import { recipe } from '../../recipe.ts';

/** Memory of a slab that lives as long as the packets that have it: nobody counts its pages. */
export const design = {
  ...program(
    'splice-slab',
    'linear bytes of a packet, which go with the packet',
    2009,
    (k) => new FragCounts(k),
  ),
  home: PageHome.SLAB,
};

interface Sent {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
  readonly flow: number;
  readonly seq: number;
}

/** The write queue of the second socket: a reference on each page, as sendpage takes it. */
class SecondSocket implements Holder {
  readonly acked: Act;
  private readonly k: Kernel;
  private readonly queue: Sent[] = [];

  constructor(k: Kernel) {
    this.k = k;
    k.holders.push(this);
    this.acked = new Act(
      k,
      'peer of the second socket',
      'acknowledges',
      () => this.sent(),
      Context.SOFTIRQ,
    );
  }

  /** All slots of the pipe are sent, and released. */
  spliceFrom(pipe: Pipe): void {
    for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
      const { page, pageOffset, size, flow, seq } = b;
      getPage(this.k, page); // pipe_to_sendpage
      this.queue.push({ page, pageOffset, size, flow, seq });
      pipe.consume(size); // sock_pipe_buf_release
    }
    this.acked.arm();
  }

  private sent(): void {
    const { k } = this;
    for (const { page, pageOffset, size, flow, seq } of this.queue.splice(0)) {
      k.probe.read(Reader.NIC, flow, seq, size, page.address + pageOffset, page);
      k.releases++;
      putPage(k, page);
    }
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, pageOffset, size } of this.queue)
      visitor.page(page, pageOffset, size, 'second socket');
  }
}

declareState(SecondSocket, { state: 'queue', constant: 'k acked' });

/** Puts part `i` of `skb` into the pipe. */
type SpliceFrag = (k: Kernel, pipe: Pipe, skb: SkBuff, i: number, seq: number) => void;

/**
 * From a socket to a socket. Model: the linear bytes of the packet that was received stand in its frags, of pages that
 * are a slab's.
 */
export function spliceSocketToSocket(version: string, splice: SpliceFrag): Operation {
  return recipe(`splice of linear bytes ${version}`, 'net/core/skbuff.c __skb_splice_bits', (b) => {
    const { k } = b;
    const skb = b.packet(b.first);
    const pipe = new Pipe(k);
    let seq = fragSeq(skb);
    for (let i = 0; i < skb.shinfo.nrFrags; i++) {
      splice(k, pipe, skb, i, seq);
      seq = (seq + fragAt(skb.shinfo, i).size) | 0;
    }
    const to = new SecondSocket(k);
    b.watch(to.acked, 'second socket');
    to.spliceFrom(pipe);
  });
}
