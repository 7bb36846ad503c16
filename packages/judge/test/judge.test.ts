// What the judge sees and what it does not: on small machines, one truth at a time; then its short cut against
// the long way on every design and workload; then its memory.
import {
  GetPutPage,
  LinkVerb,
  Pipe,
  Side,
  TcpSock,
  allocSkb,
  kfreeSkb,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
  type Sock,
} from '@lastref/kernel';
import {
  HOST_B,
  StreamProducer,
  Consumer,
  WORKLOADS,
  twoHosts,
  wholePages,
  type SetOptions,
  type Workload,
} from '@lastref/workloads';
import { describe, expect, test, vi } from 'vitest';
import { Judge, type Finding } from '../src/index.ts';
import { ShadowMemory } from '../src/truth/shadow.ts';
import {
  allDesigns,
  byHand,
  complete,
  designOf,
  readersOf,
  runByClock,
  sceneOf,
  type Scene,
} from './machine.ts';
import { sample } from '../../../scripts/tier.ts';

const designs = await allDesigns();
const SOFTWARE_GSO = { sg: true, csum: true, tso: false, gso: true };

/** Findings as 'property harm where'. */
function said(findings: readonly Finding[]): string[] {
  return findings.map((f) => `${f.property} ${f.harm} ${f.where}`);
}

/** The socket that received something. */
function receiver({ k }: Scene): TcpSock {
  const all = k.holders.filter((h) => h instanceof TcpSock);
  return all.find((sk) => sk.receiveQueue.qlen + sk.outOfOrder.qlen > 0)!;
}

interface Place {
  readonly where: string;
  readonly options?: SetOptions;
  /** Which operation's page ends up there. */
  readonly op?: number;
  /** Brings the page there, and leaves it nowhere else. */
  readonly arrange: (scene: Scene) => void;
  /** The next thing that happens takes it away. */
  readonly gone: (scene: Scene) => void;
}

const PLACES: readonly Place[] = [
  {
    where: 'write queue',
    arrange: ({ cast: { acks, writer } }) => {
      acks.areHeldBack();
      writer.lends();
    },
    gone: ({ cast: { acks } }) => acks.arrive(),
  },
  {
    where: 'qdisc',
    options: { ringSize: 1, operations: [wholePages(1, 0), wholePages(1, 1)] },
    op: 1,
    arrange: ({ cast: { nic, writer } }) => {
      nic.stalls();
      writer.lends(0);
      writer.lends(1);
      writer.resets();
    },
    gone: ({ cast: { nic } }) => nic.resumes(),
  },
  {
    where: 'gso list',
    options: { ringSize: 1, features: SOFTWARE_GSO },
    arrange: ({ cast: { nic, driver, writer } }) => {
      nic.stalls();
      driver.isLate();
      writer.lends();
      writer.resets();
      nic.reads();
    },
    gone: ({ cast: { nic, driver } }) => {
      nic.resumes();
      driver.frees();
    },
  },
  {
    where: 'tx ring',
    arrange: ({ cast: { nic, writer } }) => {
      nic.stalls();
      writer.lends();
      writer.resets();
    },
    gone: ({ cast: { nic } }) => nic.reads(),
  },
  {
    where: 'tap',
    options: { tap: true },
    arrange: ({ cast: { tap, writer } }) => {
      tap.sleeps();
      writer.lends();
    },
    gone: ({ cast: { tap } }) => tap.reads(),
  },
  {
    where: 'backlog',
    options: { loopback: true },
    arrange: ({ cast: { loopback, writer } }) => {
      loopback.stalls();
      writer.lends();
      writer.resets();
    },
    gone: ({ cast: { loopback } }) => loopback.resumes(),
  },
  {
    where: 'receive queue',
    options: { loopback: true },
    arrange: ({ cast: { reader, writer } }) => {
      reader.sleeps();
      writer.lends();
    },
    gone: ({ cast: { reader } }) => reader.reads(),
  },
  {
    where: 'out-of-order queue',
    options: { loopback: true },
    arrange: (scene) => {
      scene.cast.reader.sleeps();
      scene.cast.writer.lends();
      const sk = receiver(scene);
      sk.outOfOrder.push(sk.receiveQueue.shift()!);
    },
    gone: (scene) => kfreeSkb(scene.k, receiver(scene).outOfOrder.shift()!),
  },
  {
    where: 'pipe',
    arrange: ({ k, writer, cast }) => {
      cast.writer.lends();
      new Pipe(k).push(writer.pages[0]!, 0, 4096);
    },
    gone: ({ k }) => (k.holders.at(-1) as Pipe).consume(4096),
  },
];

describe('early: a reader is left', () => {
  test.each(PLACES)('in the $where', ({ where, options = {}, op = 0, arrange, gone }) => {
    const scene = sceneOf(byHand, options);
    arrange(scene);
    expect(readersOf(scene.k, scene.writer.pages[op]!)).toEqual([where]);
    complete(scene, op);
    expect(said(scene.judge.findings)).toEqual([`early hazard ${where}`]);

    const after = sceneOf(byHand, options);
    arrange(after);
    gone(after);
    expect(readersOf(after.k, after.writer.pages[op]!)).toEqual([]);
    complete(after, op);
    expect(after.judge.findings).toEqual([]);
    after.judge.finish(false);
    expect(after.judge.judgement().verdicts.early).toBe('holds');
  });

  test('not what the application has read of a packet that is still queued', () => {
    const operations = [[{ page: 0, offset: 0, size: 1000 }], [{ page: 1, offset: 0, size: 1000 }]];
    const scene = sceneOf(byHand, { loopback: true, operations });
    const { cast, writer, k } = scene;
    cast.reader.sleeps();
    cast.loopback.stalls();
    cast.writer.lendsWithMore(0);
    cast.writer.lends(1); // both in one packet
    cast.loopback.resumes();
    const sk = receiver(scene);
    expect(sk.receiveQueue.qlen).toBe(1);
    sk.copiedSeq = (sk.copiedSeq + 1000) | 0;
    expect(readersOf(k, writer.pages[0]!)).toEqual([]);
    expect(readersOf(k, writer.pages[1]!)).toEqual(['receive queue']);
    complete(scene, 0);
    expect(scene.judge.findings).toEqual([]);
    complete(scene, 1);
    expect(said(scene.judge.findings)).toEqual(['early hazard receive queue']);
  });

  test('two loans of one page are told apart by their place in the stream', () => {
    const scene = sceneOf(byHand, { operations: [wholePages(1), wholePages(1)] });
    const { nic, writer } = scene.cast;
    writer.lends(0); // sent, read, acknowledged
    nic.stalls();
    writer.lends(1); // the same page, later in the stream
    expect(readersOf(scene.k, scene.writer.pages[0]!).sort()).toEqual(['tx ring', 'write queue']);
    complete(scene, 0);
    expect(scene.judge.findings).toEqual([]);
    complete(scene, 1);
    expect(scene.judge.findings.map((f) => [f.property, f.loan])).toEqual([['early', 2]]);
  });
});

describe('early: a reader without a stream', () => {
  test('is told apart by the part of the page that it can read', () => {
    const half = (offset: number) => [{ page: 0, offset, size: 2048 }];
    const scene = sceneOf(byHand, { operations: [half(0), half(2048)] });
    scene.cast.writer.lends(0);
    scene.cast.writer.lends(1);
    new Pipe(scene.k).push(scene.writer.pages[0]!, 2048, 2048);
    complete(scene, 0);
    expect(scene.judge.findings).toEqual([]);
    complete(scene, 1);
    expect(said(scene.judge.findings)).toEqual(['early hazard pipe']);
  });

  test('is found in the frag list of a packet', () => {
    const scene = sceneOf(byHand, {});
    const { k, writer, cast } = scene;
    cast.writer.lends();
    const parent = allocSkb(k, 64, false);
    const member = allocSkb(k, 64, false);
    k.fillPageDesc(member, writer.pages[0]!, 0, 4096);
    parent.shinfo.fragList = member;
    k.holders.push({ forEachReader: (visitor) => visitor.skb(parent, 'frag list', parent.seq) });
    complete(scene);
    expect(said(scene.judge.findings)).toEqual(['early hazard frag list']);
  });
});

describe('double and lost', () => {
  test('a second completion is double, and not a second early', () => {
    const scene = sceneOf(byHand, {});
    scene.cast.writer.lends();
    complete(scene);
    expect(scene.judge.findings).toEqual([]);
    complete(scene);
    complete(scene);
    expect(scene.judge.findings.map((f) => [f.property, f.count])).toEqual([['double', 2]]);
    expect(scene.judge.judgement().verdicts.double).toBe('refuted');
  });

  test('readers gone, nothing pending, nobody told: lost; told: not', () => {
    const scene = sceneOf(byHand, {});
    scene.cast.writer.lends();
    scene.judge.finish(true);
    expect(said(scene.judge.findings)).toEqual(['lost hazard producer']);

    const told = sceneOf(byHand, {});
    told.cast.writer.lends();
    complete(told);
    told.judge.finish(true);
    expect(told.judge.judgement().verdicts.lost).toBe('holds');
  });

  test('what drives the run ends before what could tell: nothing is lost, and nothing was tried', () => {
    const scene = sceneOf(byHand, {});
    scene.cast.writer.lends();
    for (const loan of scene.k.loans.all) loan.censored = true;
    scene.judge.finish(true);
    expect(scene.judge.findings).toEqual([]);
    expect(scene.judge.judgement().verdicts.lost).toBe('not-exercised');
  });

  test('while something is pending, or somebody can read, nothing is lost yet', () => {
    const pending = sceneOf(byHand, {});
    pending.cast.writer.lends();
    pending.judge.finish(false);
    expect(pending.judge.judgement().verdicts.lost).toBe('not-exercised');

    const unread = sceneOf(byHand, { loopback: true });
    unread.cast.reader.sleeps();
    unread.cast.writer.lends();
    unread.judge.finish(true);
    expect(unread.judge.findings).toEqual([]);
  });
});

describe('written: what was read is not what was lent, and nobody had been told', () => {
  test('read by the nic and thrown away by the peer: wire', () => {
    const scene = sceneOf(byHand, {});
    const { acks, nic, tcp, file, writer } = scene.cast;
    acks.areHeldBack();
    writer.lends();
    nic.stalls();
    tcp.retransmits();
    file.isWritten();
    nic.resumes();
    expect(said(scene.judge.everything)).toEqual(['written wire nic']);
  });

  test('read by the application: delivered', () => {
    const scene = sceneOf(byHand, {});
    const { nic, file, writer } = scene.cast;
    nic.stalls();
    writer.lends();
    file.isWritten();
    nic.resumes();
    const expected = ['written wire nic', 'written delivered application'];
    expect(said(scene.judge.everything)).toEqual(expected);
  });

  test('read by a tap, while the wire was right: wire', () => {
    const scene = sceneOf(byHand, { tap: true });
    const { tap, file, writer } = scene.cast;
    tap.sleeps();
    writer.lends();
    file.isWritten();
    tap.reads();
    expect(said(scene.judge.everything)).toEqual(['written wire tap']);
  });

  test('read behind the free list, which gave the page to somebody: corrupt, though nobody had been told', () => {
    const scene = sceneOf(byHand, {});
    const { nic, writer } = scene.cast;
    const [page] = scene.writer.pages;
    nic.stalls();
    writer.lends();
    for (let n = page!.count; n > 0; n--) scene.k.putPage(page!); // poisoned, as by its next owner
    nic.resumes();
    expect(said(scene.judge.everything)).toContain('corrupt wire nic');
    expect(scene.judge.judgement().verdicts.written).not.toBe('refuted');
  });

  test('written after the last reader, lent again and read again: nothing is wrong', () => {
    const scene = sceneOf(byHand, { operations: [wholePages(1), wholePages(1)] });
    const { file, writer } = scene.cast;
    writer.lends(0);
    file.isWritten(0);
    writer.lends(1);
    scene.judge.finish(false);
    expect(scene.judge.judgement().verdicts.corrupt).toBe('holds');
    expect(scene.judge.judgement().reads['application']).toBeGreaterThan(1);
  });

  test('copies that nobody changed are read in peace while the page is rewritten', () => {
    const copyAlways = designs.find((d) => d.id === 'copy-always')!;
    const scene = sceneOf(copyAlways, {});
    const { nic, file, writer, stage } = scene.cast;
    nic.stalls();
    writer.lends(); // told at once, rewritten at once
    file.isWritten();
    nic.resumes();
    stage.end();
    scene.judge.finish(true);
    const judgement = scene.judge.judgement();
    expect(judgement.findings).toEqual([]);
    expect(judgement.reads['nic']).toBeGreaterThan(0);
    expect(judgement.reads['application']).toBeGreaterThan(0);
    expect(judgement.verdicts.corrupt).toBe('holds');
  });
});

describe('stray', () => {
  /** Puts a page once too often. */
  class PutsTwice extends GetPutPage {
    override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
      super.fragUnref(shinfo, frag);
      this.k.putPage(frag.page);
    }
  }

  test('a page that its producer still owns goes to the free list', () => {
    const scene = sceneOf(
      designOf((k) => new PutsTwice(k)),
      {},
    );
    scene.cast.writer.lends();
    expect(said(scene.judge.findings)).toEqual(['stray hazard free list']);
    expect(scene.writer.pages[0]!.live).toBe(false);
  });

  test('a page of copies goes there every day', () => {
    const scene = sceneOf(
      designs.find((d) => d.id === 'copy-always')!,
      {},
    );
    scene.cast.writer.lends();
    scene.cast.stage.end();
    scene.judge.finish(true);
    expect(scene.judge.judgement().verdicts.stray).toBe('holds');
  });
});

describe('hold times', () => {
  /** Calls `act` and returns the tick at which the last reader of `page` went. */
  function lastReaderTick(scene: Scene, page: Page, act: () => void): number {
    const afterStep = scene.judge.afterStep.bind(scene.judge);
    let gone = -1;
    scene.judge.afterStep = () => {
      afterStep();
      if (gone < 0 && readersOf(scene.k, page).length === 0) gone = scene.k.agenda.now;
    };
    act();
    return gone;
  }

  test('from the last reader to the completion', () => {
    const scene = sceneOf(byHand, { tap: true });
    const { tap, writer } = scene.cast;
    tap.sleeps();
    writer.lends();
    const gone = lastReaderTick(scene, scene.writer.pages[0]!, () => tap.reads());
    expect(gone).toBeGreaterThan(0);
    scene.k.agenda.now = gone + 700;
    complete(scene);
    expect(scene.judge.judgement().holdSamples).toEqual([700]);
  });

  test('a last reader that goes in the step that completes another loan is seen going', () => {
    /** Tells of the first loan at the first ACK that has something to say, and of no other. */
    class FirstOnly extends GetPutPage {
      #first: Loan | null = null;
      #end = 0;
      override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
        super.lend(skb, page, pageOffset, size, loan);
        if (this.#first !== null) return;
        this.#first = loan;
        this.#end = (skb.endSeq + size) | 0;
      }
      override acked(_sk: Sock, seq: number): void {
        if (this.#first === null || this.#first.completed || ((this.#end - seq) | 0) > 0) return;
        this.k.complete(this.#first);
      }
    }
    const scene = sceneOf(
      designOf((k) => new FirstOnly(k)),
      { operations: [wholePages(1, 0), wholePages(1, 1)] },
    );
    const { acks, writer, stage } = scene.cast;
    acks.areHeldBack();
    writer.lends(0);
    writer.lends(1);
    while (scene.k.agenda.isArmed(place(scene, 'link b>a')) && packetsBack(scene) > 1) {
      stage.take('link b>a', LinkVerb.DROP);
    }
    const page = scene.writer.pages[1]!;
    const gone = lastReaderTick(scene, page, () => stage.take('link b>a'));
    expect(scene.writer.operations.map((op) => op.told)).toEqual([true, false]);
    scene.k.agenda.now = gone + 300;
    complete(scene, 1);
    expect(scene.judge.judgement().holdSamples).toEqual([0, 300]);
  });

  function place({ k }: Scene, name: string): number {
    return k.agenda.sources.find((s) => s.name === name)!.place;
  }

  function packetsBack({ k }: Scene): number {
    const out: number[] = [];
    k.agenda.sources.find((s) => s.name === 'link b>a')!.choices(out);
    return out.length / 2 / Object.keys(LinkVerb).length;
  }

  test('no time is held where a reader is left', () => {
    const scene = sceneOf(byHand, {});
    const { nic, writer } = scene.cast;
    nic.stalls();
    writer.lends();
    scene.k.agenda.now += 500;
    complete(scene);
    expect(scene.judge.judgement().holdSamples).toEqual([0]);
  });
});

describe('the short cut over pages that were not written since', () => {
  // Every reader there is, pages with homes, and bytes that go on in another stream.
  const workloads = WORKLOADS.filter(({ id }) =>
    ['nfs-odirect', 'tap-slow-reader', 'iscsi-digest', 'splice-proxy', 'netback-bridge'].includes(
      id,
    ),
  );

  test.each(designs)('agrees with comparing every byte: $id', (design) => {
    expect(workloads).toHaveLength(5);
    for (const workload of sample(workloads, 10, designs.indexOf(design))) {
      const paranoid = new Judge();
      paranoid.paranoid = true;
      const long = runByClock(design, workload, paranoid);
      expect(runByClock(design, workload, new Judge()), workload.id).toEqual(long);
    }
  });
});

describe('memory', () => {
  /** One stream of `operations` blocks of two pages, four of them at a time. */
  function longRun(operations: number): Workload {
    return {
      id: 'long-run',
      title: 'a long run',
      story: 'Block after block on one connection.',
      frames: 256,
      horizonTicks: Number.MAX_SAFE_INTEGER,
      build(k) {
        const net = twoHosts(k, { rate: 1_000_000_000, delayTicks: 100 });
        const stream = { name: 'blocks', side: Side.LENT, reuseTicks: 0, pipe: false };
        const sizes = { operations, pagesPerOperation: 2, sets: 4 };
        const producer = new StreamProducer(k, { ...stream, ...sizes, rewrites: true });
        const consumer = new Consumer(k, {
          name: 'peer',
          side: Side.PEER,
          route: net.routeB,
          readBytes: 1 << 20,
          readTicks: 20,
        });
        net.b.listen(5001, consumer);
        net.a.connect('blocks', Side.LENT, net.routeA, 45001, HOST_B, 5001, producer);
        return { participants: [producer], chances: new Map() };
      },
    };
  }

  /** The most ranges that were kept at a time, and the bytes that this took. */
  function footprint(operations: number): { ranges: number; bytes: number; lendings: number } {
    const keep = vi.spyOn(ShadowMemory.prototype, 'keep');
    const release = vi.spyOn(ShadowMemory.prototype, 'release');
    try {
      const design = designs.find((d) => d.id === 'ian-frag-destructor')!;
      const { findings, completions } = runByClock(design, longRun(operations), new Judge());
      expect(findings).toEqual([]);
      expect(completions).toBe(operations);
      const memory = keep.mock.contexts[0] as ShadowMemory;
      const ends = release.mock.invocationCallOrder;
      let ranges = 0;
      let released = 0;
      keep.mock.invocationCallOrder.forEach((order, i) => {
        while (released < ends.length && ends[released]! < order) released++;
        ranges = Math.max(ranges, i + 1 - released);
      });
      return { ranges, bytes: memory.bytes.length, lendings: keep.mock.calls.length };
    } finally {
      keep.mockRestore();
      release.mockRestore();
    }
  }

  test('copies are let go of: a run ten times as long keeps no more of them', () => {
    const short = footprint(400);
    const long = footprint(4000);
    expect(long.lendings).toBeGreaterThan(9 * short.lendings);
    expect(short.ranges).toBeLessThan(64);
    expect(long.ranges).toBeLessThanOrEqual(short.ranges);
    expect(long.bytes).toBe(short.bytes);
  });
});
