// What the ACK releases: the write queue, and how many of the page's references.
import { Judge } from '@lastref/judge';
import { before, type HolderVisitor, type Page, type SkBuff } from '@lastref/kernel';
import { STORIES, play, story } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const PLAIN = story('a page is sent and acknowledged', { id: 'plain', why: '' }, ({ writer }) =>
  writer.lends(),
);
const TOLD = ['late-ack', 'tap-last', 'loopback-acked', 'partial-ack'];

export interface Acked {
  readonly story: string;
  /** The ACK took the page out of the write queue. */
  readonly dequeued: boolean;
  /** References that the page had just after, its owner's own left out. */
  readonly references: number;
  /** Who could still read it then. */
  readonly readers: readonly string[];
}

export const ackLab: Lab<readonly Acked[]> = (design, era) =>
  [PLAIN, ...STORIES.filter((s) => TOLD.includes(s.id))].map((told) => {
    const judge = new FirstPage();
    const cell = new Cell({ design, workload: told.workload, era, seed: 1 }, judge);
    const { k } = cell;
    let covered = false;
    let seen: Acked | null = null;
    const listen = k.lifetime.acked.bind(k.lifetime);
    k.lifetime.acked = (sk, seq) => {
      covered ||= judge.lentPage !== null && !before(seq, judge.end);
      listen(sk, seq);
    };
    play(told.script, k, cell.recorder, () => {
      judge.afterStep();
      const { lentPage: page } = judge;
      if (!covered || page === null || seen !== null) return;
      const readers = new Places(page);
      for (const holder of k.holders) holder.forEachReader(readers);
      const { places } = readers;
      seen = {
        story: told.id,
        dequeued: !places.has('write queue'),
        references: page.count - 1,
        readers: [...places],
      };
    });
    return seen ?? { story: told.id, dequeued: false, references: 0, readers: [] };
  });

/** A judge that knows the page that was lent first, and where it ends in the stream. */
class FirstPage extends Judge {
  lentPage: Page | null = null;
  end = 0;

  override lent(...args: Parameters<Judge['lent']>): void {
    const [, page, , size, , seq] = args;
    if (this.lentPage === null) {
      this.lentPage = page;
      this.end = (seq + size) | 0;
    }
    super.lent(...args);
  }
}

class Places implements HolderVisitor {
  private readonly of: Page;
  readonly places = new Set<string>();

  constructor(of: Page) {
    this.of = of;
  }

  skb(skb: SkBuff, where: string): void {
    for (let i = 0; i < skb.shinfo.nrFrags; i++)
      if (skb.shinfo.frags[i]!.page === this.of) this.places.add(where);
    for (let m = skb.shinfo.fragList; m !== null; m = m.next) this.skb(m, where);
  }

  page(page: Page, _pageOffset: number, _size: number, where: string): void {
    if (page === this.of) this.places.add(where);
  }
}
