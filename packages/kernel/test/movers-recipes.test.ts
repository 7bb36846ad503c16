// Every mover that the kernel lists, run by its own recipe on two neighbours of a write queue: whatever it
// does, a page has one reference for each entry, bytes stay what they were, and in the end nothing is left.
import { expect, test } from 'vitest';
import {
  ERAS,
  LinkVerb,
  MOVERS,
  Site,
  UNCONVERTED,
  UserMapping,
  kfreeSkb,
  setTsoSegs,
  skbClone,
  tcpFragment,
  wmemFreeSkb,
  type Kernel,
  type Lending,
  type MoverBench,
  type MoverCase,
  type Nic,
  type Page,
  type Pipe,
  type SkBuff,
  type SkbSharedInfo,
  type StepSource,
  type TcpSock,
} from '../src/index.ts';
import { NOTHING, P, connected, contents, inUse, type Machine } from './machine.ts';

class Bench implements MoverBench {
  readonly m: Machine;
  readonly k: Kernel;
  readonly sk: TcpSock;
  readonly pages: Page[];
  readonly situation: MoverCase;
  readonly held: SkBuff[] = [];
  readonly pipes: Pipe[] = [];
  readonly watched: { source: StepSource; verb: number }[] = [];
  readonly bytes: string;

  constructor(era: string, situation: MoverCase) {
    this.m = connected({ era, frames: 32 });
    this.situation = situation;
    const { k, sk } = this.m;
    this.k = k;
    this.sk = sk;
    this.pages = [this.m.page(), this.m.page(), this.m.page(), this.m.page()];
    sk.driven = true;
    for (const page of this.pages) this.m.lend(page);
    for (const step of this.device.steps) this.watch(step);
    this.bytes = contents(k, this.first).toString('latin1');
    tcpFragment(sk, this.first, 2 * 4096 + 2048);
    sk.sendHead = null;
    sk.sndNxt = sk.writeSeq;
    for (const skb of this.m.queue) setTsoSegs(sk, skb);
  }

  get first(): SkBuff {
    return this.sk.writeQueue.first!;
  }

  get second(): SkBuff {
    return this.sk.writeQueue.last!;
  }

  packet(skb: SkBuff): SkBuff {
    const n = skbClone(this.k, skb, Site.XMIT);
    this.hold(n);
    if (this.situation === 'sole owner') this.dequeue(skb);
    return n;
  }

  inFlight(skb: SkBuff): void {
    if (this.situation === 'shared') this.packet(skb);
  }

  dequeue(skb: SkBuff): void {
    this.sk.writeQueue.unlink(skb);
    wmemFreeSkb(this.sk, skb);
  }

  used(skb: SkBuff): void {
    this.gone(skb);
    kfreeSkb(this.k, skb);
  }

  hold(skb: SkBuff): void {
    this.held.push(skb);
  }

  gone(skb: SkBuff): void {
    const i = this.held.indexOf(skb);
    if (i >= 0) this.held.splice(i, 1);
  }

  holdPages(pipe: Pipe): void {
    this.pipes.push(pipe);
  }

  get device(): Nic {
    return this.m.nicA;
  }

  watch(source: StepSource, _who = '', verb = 0): void {
    this.watched.push({ source, verb });
  }

  atLast(source: StepSource): void {
    this.watch(source);
  }

  fresh(): Lending {
    const page = this.m.page();
    this.pages.push(page);
    return { page, pageOffset: 0, size: 4096, loan: this.k.newLoan(0, 1) };
  }

  /** References that the pages should have: for each entry of each shared info, and each slot of a pipe. */
  entries(): number[] {
    const shinfos = new Set<SkbSharedInfo>();
    const visit = (skb: SkBuff): void => {
      shinfos.add(skb.shinfo);
      for (let f = skb.shinfo.fragList; f !== null; f = f.next) visit(f);
    };
    [...this.held, ...this.m.queue].forEach(visit);
    const mapped: Page[] = [];
    for (const holder of this.k.holders) {
      const isMapping = holder instanceof UserMapping;
      holder.forEachReader({ skb: visit, page: (page) => isMapping && mapped.push(page) });
    }
    const slots = this.pipes.flatMap((pipe) => pipe.buffers);
    for (const slot of slots) if (slot.skb !== null) visit(slot.skb);
    const listed = [...shinfos].flatMap((s) => s.frags.slice(0, s.nrFrags).map((f) => f.page));
    listed.push(...mapped, ...slots.filter((s) => s.skb === null).map((s) => s.page));
    return this.pages.map((page) => listed.filter((p) => p === page).length);
  }

  /** Packets whose payload is not a piece of what was lent: by slot. */
  spoiled(): number[] {
    const fresh = this.pages.slice(4).map((page) => this.text(page.address, 4096));
    const lent = [this.bytes, ...fresh].join('');
    return [...this.held, ...this.m.queue]
      .filter((skb) => {
        const whole = contents(this.k, skb).subarray(skb.headers).toString('latin1');
        const pieces = skb.shinfo.frags
          .slice(0, skb.shinfo.nrFrags)
          .map((f) => this.text(f.page.address + f.pageOffset, f.size));
        const mixed = this.pages.slice(4).some((page) => skb.shinfo.frags[0]!.page === page);
        return !lent.includes(whole) && !(mixed && pieces.every((piece) => lent.includes(piece)));
      })
      .map((skb) => skb.slot);
  }

  private text(address: number, size: number): string {
    return Buffer.from(this.k.mem.subarray(address, address + size)).toString('latin1');
  }

  release(): void {
    const { agenda } = this.k;
    for (let open = true; open;) {
      open = false;
      for (const { source, verb } of this.watched) {
        if (!agenda.isArmed(source.place)) continue;
        open = source.take(verb, source.item());
      }
    }
    while (this.m.wire.inFlight > 0) this.m.take('link a>b', LinkVerb.DROP);
    for (const skb of this.held) kfreeSkb(this.k, skb);
    for (const pipe of this.pipes)
      while (pipe.buffers.length > 0) pipe.consume(pipe.buffers[0]!.size);
    for (const skb of this.m.queue) this.dequeue(skb);
  }
}

const movers = [...MOVERS, UNCONVERTED].map((mover) => [mover.id, mover] as const);
const situations: MoverCase[] = ['shared', 'sole owner'];

test.each(movers)('%s', (_, mover) => {
  for (const { id } of ERAS) {
    for (const situation of situations) {
      const bench = new Bench(id, situation);
      mover.apply(bench);
      const where = `${situation}, ${id}`;
      expect(bench.pages.map(P), where).toEqual(bench.entries());
      expect(bench.spoiled(), where).toEqual([]);
      bench.release();
      expect([bench.pages.map(P), inUse(bench.k)], where).toEqual([
        bench.pages.map(() => 0),
        NOTHING,
      ]);
      expect(bench.m.accounts().wmemQueued, where).toBe(0);
      expect(bench.k.pages.used, where).toBe(bench.pages.length);
    }
  }
});
