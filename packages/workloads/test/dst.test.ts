// A block device on two peers: a bio is over when both have it, and what a lost connection carried goes again.
import { GetPutPage, Kernel, NoProbe, eraOf, type Design, type Loan } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { DstDisk, DstPeer, workloadCalled } from '../src/index.ts';

/** What the protocol says of each loan, in order; it completes at the answer. */
class Listener extends GetPutPage {
  readonly heard = new Map<number, string[]>();

  private hear(loan: Loan, word: string): void {
    const words = this.heard.get(loan.id);
    if (words === undefined) this.heard.set(loan.id, [word]);
    else words.push(word);
  }

  override returned(loan: Loan): void {
    this.hear(loan, 'returned');
  }

  override unanswered(loan: Loan, last: boolean): void {
    this.hear(loan, last ? 'given up' : 'unanswered');
  }

  override replied(loan: Loan): void {
    this.hear(loan, 'replied');
    this.k.complete(loan);
  }
}

const listens: Design = {
  id: 'listens',
  title: 'completion at the answers of both',
  year: 2008,
  source: 'drivers/staging/dst/trans.c dst_trans_put (2.6.30)',
  status: 'practice',
  summary: 'bio_endio ends it.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Listener(k),
};

/** Runs a workload by the clock; nothing is dropped or held. */
function run(id: string) {
  const workload = workloadCalled(id)!;
  const k = new Kernel(listens, eraOf('3.8')!, new NoProbe(), workload.frames);
  const { participants } = workload.build(k, 1);
  const { agenda } = k;
  for (let place = agenda.earliest(); place >= 0; place = agenda.earliest()) {
    agenda.advance(place);
    agenda.take(place, 0, agenda.sources[place]!.item());
  }
  const disk = participants.find((p) => p instanceof DstDisk)!;
  const peers = agenda.sources.filter((s) => s instanceof DstPeer);
  const heard = [...(k.lifetime as Listener).heard.values()].map((words) => words.join(' '));
  return { k, disk, peers, heard };
}

describe('a bio', () => {
  test('is one transmission to both peers, and one answer of both', () => {
    const { k, disk, peers, heard } = run('dst-replicas');
    expect(disk.progress()).toEqual({ done: 48, of: 48 });
    expect(peers.map((peer) => peer.writes)).toEqual([48, 48]);
    expect(new Set(heard)).toEqual(new Set(['returned replied']));
    expect([disk.mirror.resends, k.skbs.used, k.shinfos.used]).toEqual([0, 0, 0]);
  });

  test('that a lost connection carried goes to that peer again, and its pages wait for it', () => {
    const { disk, peers, heard } = run('dst-disconnect');
    expect(disk.progress()).toEqual({ done: 42, of: 42 });
    const [near, far] = peers.map((peer) => peer.writes);
    expect(near).toBe(42); // nobody sends to the near peer again
    expect(far).toBeGreaterThan(42); // old copies arrived, and were written
    expect(disk.mirror.resends).toBeGreaterThan(far! - 42);
    // every transmission has one end: an answer, or the loss of a connection
    for (const words of heard) expect(words).toMatch(/^(returned unanswered )*returned replied$/);
    expect(heard.filter((words) => words !== 'returned replied').length).toBeGreaterThan(0);
  });
});
