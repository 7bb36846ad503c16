// What the ACK releases: the write queue, and how many of the page's references.
import { Judge, ReaderList } from '@lastref/judge';
import { NoProbe, before, type Page, type Probe } from '@lastref/kernel';
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
    const first = new FirstPage();
    const input = { design, workload: told.workload, era, seed: 1 };
    const { k, judge, recorder } = new Cell(input, new Judge(), first);
    const readers = new ReaderList(judge.evidence.ranges);
    let covered = false;
    let seen: Acked | null = null;
    const listen = k.lifetime.acked.bind(k.lifetime);
    k.lifetime.acked = (sk, seq) => {
      covered ||= first.lentPage !== null && !before(seq, first.end);
      listen(sk, seq);
    };
    play(told.script, k, recorder, () => {
      judge.afterStep();
      const { lentPage: page, loan } = first;
      if (!covered || page === null || seen !== null) return;
      readers.look(k);
      const places = readers.of(loan);
      seen = {
        story: told.id,
        dequeued: !places.has('write queue'),
        references: page.count - 1,
        readers: [...places.keys()],
      };
    });
    return seen ?? { story: told.id, dequeued: false, references: 0, readers: [] };
  });

/** Knows the page that was lent first, of which loan, and where it ends in the stream: packets may have a piece of it each. */
class FirstPage extends NoProbe {
  lentPage: Page | null = null;
  loan = 0;
  end = 0;

  override lent(...args: Parameters<Probe['lent']>): void {
    const [loan, page, , size, , seq] = args;
    if (this.lentPage !== null && (this.lentPage !== page || this.loan !== loan.id)) return;
    this.lentPage = page;
    this.loan = loan.id;
    this.end = (seq + size) | 0;
  }
}
