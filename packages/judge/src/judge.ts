// The judge. It sees the machine and knows no design.
// Goal: say for every completion whether a reader was left, and for every read whether the bytes were those lent.
// It finds readers by walking from the roots (queues, rings, taps, pipes) to frags, and bytes by comparing with
// its own copies. It never looks at a reference count (page.count, dataref, users, loan.refs) nor at any slot
// that a design writes.
import {
  ANY_CONTEXT,
  CONTEXT_NAMES,
  PARTY_NAMES,
  Reader,
  READER_NAMES,
  fragSeq,
  type Context,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type PageHome,
  type PartyName,
  type Probe,
  type SkBuff,
} from '@lastref/kernel';
import {
  PROPERTIES,
  contextKey,
  type ContextKey,
  type Finder,
  type Finding,
  type Harm,
  type Judgement,
  type Property,
  type Verdict,
} from './findings.ts';
import { HomeWatch } from './homes.ts';
import { NoticeWatch } from './notices.ts';
import { FlowShadow, Lent, LoanRecord, ShadowMemory } from './shadow.ts';

/** A reader here moves on inside the first skb; elsewhere an skb is read whole, or not at all any more. */
const MOVING = 'receive queue';
/** With more loans to watch than `watchAll`, their witnesses are asked only so often. */
const SPARSE_TICKS = 500;
/** Old copies are looked through when there are at least so many, and twice as many as could not go last time. */
const RETIRE_LEAST = 32;

export class Judge implements Probe, HolderVisitor, Finder {
  private k: Kernel | null = null;
  /** By flow number. */
  private readonly flows: (FlowShadow | undefined)[] = [];
  private readonly memory = new ShadowMemory();
  private readonly onPage: (Lent | null)[] = [];
  private readonly pool: Lent[] = [];
  private readonly records = new Map<Loan, LoanRecord>();
  /** Loans that no completion has come for, in order of lending. */
  private readonly open = new Set<LoanRecord>();
  /** Of the open ones, those that had a reader at the last look or were lent since. In no order. */
  private readonly watched: LoanRecord[] = [];
  /** Those of them whose witness is gone. */
  private readonly lost: LoanRecord[] = [];
  /** The loan that something was lent of last. */
  private latest: LoanRecord | null = null;
  /** Loans completed in the step that is going on: judged when it is over, as a release has several parts. */
  private readonly told: LoanRecord[] = [];
  private readonly found: Finding[] = [];
  private readonly hold: number[] = [];
  private readonly lentTicks: number[] = [];
  private readonly contexts: Record<ContextKey, number> = {
    process: 0,
    softirq: 0,
    hardirq: 0,
    irqsOff: 0,
  };
  /** Some producer was told, or went away, where that mattered. */
  private contextMattered = false;
  /** Producers that are gone, by number. */
  private readonly gone: boolean[] = [];
  private readonly homes = new HomeWatch(this);
  private readonly notices = new NoticeWatch(this);
  /** Writes in place. */
  private writes = 0;
  /** By party. */
  private readonly stretched = PARTY_NAMES.map(() => 0);
  private readonly reads = READER_NAMES.map(() => 0);
  private walk = 0;
  /** Does the walk that is going on look at every range, or only at pages stamped with its number? */
  private everything = true;
  private stamps = new Int32Array(64);
  /** Loans that the walk still seeks a witness for. */
  private sought = 0;
  /** The holder that had the last witness. */
  private likely = 0;
  private lookedReleases = -1;
  private lookedTick = -1;
  /** Some witness is missing, or its reader moves on without any release. */
  private restless = false;
  /** Something was lent since the last walk for loans that have no reader. */
  private lentSince = false;
  /** Ranges of completed loans whose copies are still kept, and how many are worth a walk to let them go. */
  private spent = 0;
  private retireAt = RETIRE_LEAST;
  private completions = 0;
  /** Pages times ticks from lending to completion; pages of completed loans; when the last was completed. */
  private pinned = 0;
  private pagesTold = 0;
  private lastToldTick = 0;
  private drained = false;
  /** Compare bytes even where the page was not written since: slower, for tests of the judge. */
  paranoid = false;
  /** Walk from all roots after every step: slower, for tests of the judge. */
  always = false;
  /** So many loans are watched after every step. */
  watchAll = 16;
  /** Number of the step that is going on, from 1. */
  step = 1;

  /** The machine to look at. Once, before the first step. */
  attach(k: Kernel): void {
    this.k = k;
  }

  protected get machine(): Kernel {
    if (this.k === null) throw new Error('the judge was asked before it was attached to a machine');
    return this.k;
  }

  /** Findings so far, in the order of their first occurrence. */
  get findings(): Finding[] {
    return [...this.found];
  }

  /**
   * What later verdicts depend on, for whoever compares states: which bytes were lent and are still kept, and
   * what was told. Only with `always` is it the same for the same state.
   */
  remembered(sink: { value(v: unknown): void; number(v: number): void }): void {
    for (const shadow of this.flows) {
      if (shadow === undefined) continue;
      sink.number(shadow.consumed);
      for (let i = shadow.head; i < shadow.entries.length; i++) {
        const e = shadow.entries[i]!;
        sink.value(e.page);
        sink.value(e.loan.loan);
        sink.number(e.pageOffset);
        sink.number(e.size);
        sink.number(e.at);
        sink.number(this.memory.sum(e.shadow, e.size));
      }
    }
    for (const record of this.open) {
      sink.value(record.loan);
      sink.number(record.releasedTick < 0 ? 0 : 1);
    }
    this.notices.remembered(sink);
    this.homes.remembered(sink);
    sink.value(this.gone);
  }

  /** Pages that some producer has lent and nobody has forgotten. */
  lentPages(): Page[] {
    return this.onPage.flatMap((entry) => (entry?.page ? [entry.page] : []));
  }

  /** Where the step that is going on runs. */
  context(): Context {
    return this.machine.context;
  }

  // --- what the machine tells ---

  lent(loan: Loan, page: Page, pageOffset: number, size: number, flow: number, seq: number): void {
    const record = this.latest?.loan === loan ? this.latest : this.recordOf(loan);
    this.latest = record;
    this.homes.lent(page, loan.id);
    const entry = this.range(record, page, pageOffset, size, flow, seq);
    entry.writes = page.writes;
    entry.shadow = this.memory.keep(this.machine.mem, page.address + pageOffset, size);
  }

  carried(flow: number, seq: number, size: number, from: number, fromSeq: number): void {
    const source = this.flows[from];
    if (source === undefined) return;
    const start = source.offset(fromSeq);
    const end = start + size;
    for (let i = source.find(start); i < source.entries.length; i++) {
      const lent = source.entries[i]!;
      if (lent.at >= end) return;
      const at = Math.max(start, lent.at);
      const n = Math.min(end, lent.at + lent.size) - at;
      const into = at - lent.at;
      const to = (seq + at - start) | 0;
      const entry = this.range(lent.loan, lent.page!, lent.pageOffset + into, n, flow, to);
      entry.writes = lent.writes;
      entry.shadow = this.memory.again(lent.shadow + into, n);
    }
  }

  /** A range of a loan, whose bytes the caller fills in. */
  private range(
    record: LoanRecord,
    page: Page,
    pageOffset: number,
    size: number,
    flow: number,
    seq: number,
  ): Lent {
    record.goneTick = -1;
    this.lentSince = true;
    if (record.completed) this.spent++;
    else if (record.watchedAt < 0) record.watchedAt = this.watched.push(record) - 1;
    if (record.witness === null) this.restless = true;
    let shadow = this.flows[flow];
    if (shadow === undefined) {
      shadow = new FlowShadow(seq);
      while (this.flows.length < flow) this.flows.push(undefined);
      this.flows[flow] = shadow;
    }
    const entry = this.pool.pop() ?? new Lent();
    entry.loan = record;
    entry.page = page;
    entry.pageOffset = pageOffset;
    entry.size = size;
    entry.flow = flow;
    entry.at = shadow.offset(seq);
    entry.seen = 0;
    entry.nextOnPage = this.onPage[page.slot] ?? null;
    this.onPage[page.slot] = entry;
    entry.nextOfLoan = record.ranges;
    record.ranges = entry;
    record.rangeCount++;
    shadow.entries.push(entry);
    return entry;
  }

  private recordOf(loan: Loan): LoanRecord {
    let record = this.records.get(loan);
    if (record === undefined) {
      record = new LoanRecord();
      record.loan = loan;
      record.lentTick = this.machine.agenda.now;
      this.records.set(loan, record);
      this.open.add(record);
      this.notices.opened(record);
    }
    return record;
  }

  private unwatch(record: LoanRecord): void {
    const at = record.watchedAt;
    if (at < 0) return;
    const last = this.watched.pop()!;
    if (last !== record) {
      this.watched[at] = last;
      last.watchedAt = at;
    }
    record.watchedAt = -1;
    record.witness = null;
  }

  released(loan: Loan): void {
    const record = this.records.get(loan);
    if (record !== undefined) record.releasedTick = this.machine.agenda.now;
  }

  completed(loan: Loan): void {
    const k = this.machine;
    const record = this.records.get(loan);
    this.completions++;
    this.contexts[contextKey(k.context)]++;
    this.judgeContext(loan);
    this.stretched[k.agenda.party]!++;
    if (record === undefined) return; // a loan of which nothing was lent
    if (record.completed) {
      if (this.known('double', 'hazard', 'producer')) return;
      const text = `loan ${loan.id} is completed a second time`;
      this.find('double', 'hazard', 'producer', loan.id, text);
      return;
    }
    record.completed = true;
    this.open.delete(record);
    this.unwatch(record);
    this.spent += record.rangeCount;
    this.lentTicks.push(k.agenda.now - record.lentTick);
    const pages = pagesOf(record);
    this.pinned += pages * (k.agenda.now - record.lentTick);
    this.pagesTold += pages;
    this.lastToldTick = k.agenda.now;
    this.told.push(record);
  }

  /** May the producer's callback run here, and is there still somebody whom it tells? */
  private judgeContext(loan: Loan): void {
    const { context } = this.machine;
    if (loan.contexts !== ANY_CONTEXT) this.contextMattered = true;
    const where = CONTEXT_NAMES[context];
    if ((loan.contexts & (1 << context)) === 0 && !this.known('context', 'hazard', where)) {
      const text = `loan ${loan.id} is completed in context ${where}, where its producer's callback may not run`;
      this.find('context', 'hazard', where, loan.id, text);
    }
    if (this.gone[loan.producer] === true && !this.known('context', 'hazard', 'owner')) {
      const text = `loan ${loan.id} is completed after its producer was gone`;
      this.find('context', 'hazard', 'owner', loan.id, text);
    }
  }

  ownerLeaves(producer: number, gone: boolean): void {
    this.contextMattered = true;
    this.gone[producer] = gone;
  }

  notified(producer: number, lo: number, hi: number, copied: boolean): void {
    this.notices.notified(producer, lo, hi, copied);
  }

  /** Looks at the loans that this step completed: is any reader left now that the step is over? */
  private judgeCompletions(): void {
    const { now } = this.machine.agenda;
    for (const record of this.told) {
      if (record.seen === this.walk) {
        this.hold.push(0);
        const { where } = record;
        if (this.known('early', 'hazard', where)) continue;
        const { id } = record.loan!;
        const text = `loan ${id} is completed while the ${where} can still read its pages`;
        this.find('early', 'hazard', where, id, text);
      } else {
        const free = Math.max(record.goneTick, record.releasedTick);
        const known = record.goneTick >= 0 && record.releasedTick >= 0;
        this.hold.push(known ? now - free : 0);
      }
    }
    this.told.length = 0;
    this.notices.judgeRanges(this.walk);
  }

  reused(_page: Page): void {}

  read(
    reader: Reader,
    flow: number,
    seq: number,
    size: number,
    address: number,
    page: Page | null,
  ): void {
    const shadow = this.flows[flow];
    if (shadow === undefined) return;
    const from = shadow.offset(seq);
    const end = from + size;
    if (reader === Reader.APPLICATION && end > shadow.consumed) shadow.consumed = end;
    const { entries } = shadow;
    for (let i = shadow.find(from); i < entries.length; i++) {
      const entry = entries[i]!;
      if (entry.at >= end) return;
      this.compare(reader, entry, from, end, address, page);
    }
  }

  pageFreed(page: Page, to: PageHome): void {
    this.homes.goes(page, to, (this.onPage[page.slot] ?? null) !== null);
  }

  pageTaken(page: Page): void {
    this.homes.taken(page);
  }

  pageDisowned(page: Page): void {
    this.homes.giveUp(page);
  }

  written(page: Page | null): void {
    this.writes++;
    if (page === null) return;
    const loan = this.homes.loanOn(page);
    if (loan === 0 || this.known('unmarked', 'hazard', 'in-place writer')) return;
    const text = `the stack writes in place over page ${page.slot}, which the producer of loan ${loan} has lent`;
    this.find('unmarked', 'hazard', 'in-place writer', loan, text);
  }

  // --- truth ---

  private compare(
    reader: Reader,
    entry: Lent,
    from: number,
    end: number,
    address: number,
    page: Page | null,
  ): void {
    const k = this.machine;
    this.reads[reader]!++;
    this.notices.bytesRead(entry.loan, reader, page === entry.page);
    const start = Math.max(from, entry.at);
    const stop = Math.min(end, entry.at + entry.size);
    const into = start - entry.at;
    const at = address + (start - from);
    // The very page that was lent, not written since: the bytes are the same without looking.
    const same =
      page !== null &&
      page === entry.page &&
      page.writes === entry.writes &&
      at === page.address + entry.pageOffset + into;
    if (same && !this.paranoid) return;
    const size = stop - start;
    const lent = this.memory.bytes;
    const shadowAt = entry.shadow + into;
    if (lent.compare(k.mem, at, at + size, shadowAt, shadowAt + size) === 0) return;
    const record = entry.loan;
    const harm: Harm = reader === Reader.APPLICATION ? 'delivered' : 'wire';
    const who = READER_NAMES[reader];
    if (this.known('corrupt', harm, who)) return;
    const told = record.completed ? 'after its completion' : 'with no completion given';
    const text = `the ${who} reads changed bytes of loan ${record.loan!.id}, ${told}`;
    this.find('corrupt', harm, who, record.loan!.id, text);
  }

  known(property: Property, harm: Harm, where: string): boolean {
    for (const f of this.found) {
      if (f.property !== property || f.harm !== harm || f.where !== where) continue;
      f.count++;
      return true;
    }
    return false;
  }

  find(property: Property, harm: Harm, where: string, loan: number, text: string): void {
    const tick = this.machine.agenda.now;
    const { step } = this;
    this.found.push({ property, harm, where, loan, step, tick, text, count: 1 });
  }

  /** Marks every lent range that some holder can read. */
  private walkRoots(): void {
    this.walk++;
    this.everything = true;
    for (const shadow of this.flows)
      if (shadow !== undefined) shadow.lowest = Number.MAX_SAFE_INTEGER;
    const { holders } = this.machine;
    for (let i = 0; i < holders.length; i++) (holders[i] as Holder).forEachReader(this);
  }

  /**
   * Marks the ranges of the loans that were just completed and of those that lost their witness, as far as some
   * holder can read them. With none completed, it ends when every loan has a witness.
   */
  private walkFor(told: readonly LoanRecord[], lost: readonly LoanRecord[]): void {
    this.walk++;
    this.everything = false;
    for (let i = 0; i < told.length; i++) this.stamp(told[i]!);
    for (let i = 0; i < lost.length; i++) this.stamp(lost[i]!);
    const { holders } = this.machine;
    if (told.length > 0) {
      for (let i = 0; i < holders.length; i++) (holders[i] as Holder).forEachReader(this);
      return;
    }
    this.sought = lost.length;
    const likely = this.likely;
    if (likely < holders.length) (holders[likely] as Holder).forEachReader(this);
    for (let i = 0; i < holders.length && this.sought > 0; i++) {
      if (i === likely) continue;
      (holders[i] as Holder).forEachReader(this);
      if (this.sought === 0) this.likely = i;
    }
  }

  /** The walk that is going on looks at the pages of this loan. */
  private stamp(record: LoanRecord): void {
    for (let e = record.ranges; e !== null; e = e.nextOfLoan) {
      const { slot } = e.page!;
      if (slot >= this.stamps.length) {
        const bigger = new Int32Array(2 * slot);
        bigger.set(this.stamps);
        this.stamps = bigger;
      }
      this.stamps[slot] = this.walk;
    }
  }

  skb(skb: SkBuff, where: string, from: number): void {
    if (this.everything) {
      const shadow = this.flows[skb.flow];
      if (shadow !== undefined && skb.len > skb.headers) {
        const at = shadow.offset(skb.seq);
        if (at < shadow.lowest) shadow.lowest = at;
      }
    }
    const { shinfo } = skb;
    const { nrFrags } = shinfo;
    if (nrFrags > 0) {
      const shadow = this.flows[skb.flow];
      const can = canWitness(skb, where === MOVING);
      let seq = fragSeq(skb);
      for (let i = 0; i < nrFrags; i++) {
        const frag = shinfo.frags[i]!;
        if (this.everything || this.stamps[frag.page.slot] === this.walk) {
          const gone = Math.max(0, (from - seq) | 0);
          if (gone < frag.size) {
            const at = frag.pageOffset + gone;
            const witness = can && gone === 0 ? skb : null;
            this.reach(
              frag.page,
              at,
              frag.size - gone,
              shadow,
              (seq + gone) | 0,
              where,
              witness,
              i,
            );
          }
        }
        seq = (seq + frag.size) | 0;
      }
    }
    for (let m = shinfo.fragList; m !== null; m = m.next) this.skb(m, where, from);
  }

  page(page: Page, pageOffset: number, size: number, where: string): void {
    this.reach(page, pageOffset, size, undefined, 0, where, null, 0);
  }

  /** A reader has (page, pageOffset, size) as stream bytes from `seq`, or of no known stream. */
  private reach(
    page: Page,
    pageOffset: number,
    size: number,
    shadow: FlowShadow | undefined,
    seq: number,
    where: string,
    witness: SkBuff | null,
    frag: number,
  ): void {
    for (let e = this.onPage[page.slot] ?? null; e !== null; e = e.nextOnPage) {
      if (!covers(e, pageOffset, size, shadow, seq)) continue;
      const { loan } = e;
      e.seen = this.walk;
      loan.seen = this.walk;
      loan.where = where;
      if (witness === null || loan.watchedAt < 0) continue;
      if (loan.witness === null) this.sought--;
      loan.witnessAt(witness, frag, where === MOVING);
    }
  }

  // --- witnesses ---

  /** Can the skb that was seen to reach `record` still do so? If the skb changed, looks for another range in it. */
  private holds(record: LoanRecord): boolean {
    const skb = record.witness;
    if (skb === null || skb.gen !== record.gen || !skb.live) return false;
    const { next } = skb;
    if (record.moving || next === null ? !canWitness(skb, record.moving) : next.prev !== skb)
      return false;
    const { shinfo } = skb;
    const frag = record.frag!;
    if (
      shinfo === record.shinfo &&
      skb.len === record.len &&
      skb.dataLen === record.dataLen &&
      skb.seq === record.seq &&
      frag.page === record.page &&
      frag.pageOffset === record.pageOffset &&
      frag.size === record.size &&
      record.place < shinfo.nrFrags
    )
      return true;
    return this.seek(record, skb);
  }

  /** Finds the last range of `record` that `skb` holds. */
  private seek(record: LoanRecord, skb: SkBuff): boolean {
    const { shinfo } = skb;
    const shadow = this.flows[skb.flow];
    let seq = (skb.seq + skb.len - skb.headers) | 0;
    for (let m = shinfo.fragList; m !== null; m = m.next) seq = (seq - m.len) | 0;
    for (let i = shinfo.nrFrags - 1; i >= 0; i--) {
      const frag = shinfo.frags[i]!;
      seq = (seq - frag.size) | 0;
      for (let e = this.onPage[frag.page.slot] ?? null; e !== null; e = e.nextOnPage) {
        if (e.loan !== record || !covers(e, frag.pageOffset, frag.size, shadow, seq)) continue;
        record.witnessAt(skb, i, record.moving);
        return true;
      }
    }
    return false;
  }

  /** Call after every step: keeps the times at which last readers went, and lets go of old copies. */
  afterStep(): void {
    this.look();
    this.step++;
  }

  private look(): void {
    const k = this.machine;
    const told = this.told;
    if (this.always) {
      this.walkRoots();
      this.judgeCompletions();
      this.age();
      return;
    }
    if (told.length === 0 && !this.restless && k.releases === this.lookedReleases) return;
    const watched = this.watched;
    const lost = this.lost;
    const soon = watched.length > this.watchAll && k.agenda.now - this.lookedTick < SPARSE_TICKS;
    if (soon && told.length === 0) return;
    if (!soon) {
      this.lookedReleases = k.releases;
      this.lookedTick = k.agenda.now;
    }
    if (
      (told.length > 0 && this.spent >= this.retireAt) ||
      (this.lentSince && watched.length < this.open.size)
    ) {
      this.lentSince = false;
      this.restless = true;
      for (let i = 0; i < watched.length; i++) watched[i]!.witness = null;
      this.walkRoots();
      this.judgeCompletions();
      this.age();
      return;
    }
    let restless = false;
    if (soon) restless = this.restless;
    for (let i = 0; i < watched.length && !soon; i++) {
      const record = watched[i]!;
      if (this.holds(record)) {
        if (record.moving) restless = true;
        continue;
      }
      record.witness = null;
      lost.push(record);
    }
    this.restless = restless;
    if (told.length === 0 && lost.length === 0) return;
    this.walkFor(told, lost);
    if (told.length > 0) this.judgeCompletions();
    for (let i = 0; i < lost.length; i++) {
      const record = lost[i]!;
      if (record.seen === this.walk) {
        if (record.witness === null || record.moving) this.restless = true;
        continue;
      }
      record.goneTick = k.agenda.now;
      this.unwatch(record);
    }
    lost.length = 0;
  }

  /** After a walk over everything: notes which loans have lost their last reader, and lets go of old copies. */
  private age(): void {
    const k = this.machine;
    for (const record of this.open) {
      if (record.seen === this.walk) {
        record.goneTick = -1;
        if (record.watchedAt < 0) record.watchedAt = this.watched.push(record) - 1;
      } else {
        if (record.goneTick < 0) record.goneTick = k.agenda.now;
        this.unwatch(record);
      }
    }
    for (const shadow of this.flows) if (shadow !== undefined) this.retire(shadow);
    this.retireAt = Math.max(RETIRE_LEAST, 2 * this.spent);
  }

  /** Drops the copies that nobody can read again. */
  private retire(shadow: FlowShadow): void {
    const safe = Math.min(shadow.consumed, shadow.lowest);
    const { entries } = shadow;
    while (shadow.head < entries.length) {
      const entry = entries[shadow.head]!;
      if (entry.at + entry.size > safe || !entry.loan.completed || entry.seen === this.walk) break;
      shadow.head++;
      this.unlink(entry);
    }
    shadow.compact();
  }

  private unlink(entry: Lent): void {
    const { slot } = entry.page!;
    this.spent--;
    let e = this.onPage[slot] ?? null;
    if (e === entry) {
      this.onPage[slot] = entry.nextOnPage;
    } else {
      while (e !== null && e.nextOnPage !== entry) e = e.nextOnPage;
      if (e !== null) e.nextOnPage = entry.nextOnPage;
    }
    this.memory.release(entry.shadow);
    entry.page = null;
    entry.nextOnPage = null;
    const { loan } = entry;
    if (loan.ranges === entry) {
      loan.ranges = entry.nextOfLoan;
    } else {
      let r = loan.ranges;
      while (r !== null && r.nextOfLoan !== entry) r = r.nextOfLoan;
      if (r !== null) r.nextOfLoan = entry.nextOfLoan;
    }
    entry.nextOfLoan = null;
    this.pool.push(entry);
  }

  /**
   * The run is over. `drained`: nothing is left on the agenda, so a loan that is still open will never be
   * completed.
   */
  finish(drained: boolean): void {
    this.drained = drained;
    this.walkRoots();
    if (!drained) return;
    for (const record of this.open) {
      if (record.seen === this.walk || record.releasedTick < 0) continue;
      if (this.known('lost', 'hazard', 'producer')) continue;
      const { id } = record.loan!;
      const text = `loan ${id} has no reader left, nothing is pending, and its producer was never told`;
      this.find('lost', 'hazard', 'producer', id, text);
    }
    this.notices.finish();
  }

  /** The verdicts. Call `finish` first. */
  judgement(): Judgement {
    let pinnedPageTicks = this.pinned;
    for (const record of this.open)
      pinnedPageTicks += pagesOf(record) * (this.machine.agenda.now - record.lentTick);
    const refuted = new Set(this.findings.map((f) => f.property));
    const verdicts = {} as Record<Property, Verdict>;
    for (const property of PROPERTIES) {
      if (refuted.has(property)) verdicts[property] = 'refuted';
      else verdicts[property] = this.exercised(property) ? 'holds' : 'not-exercised';
    }
    return {
      verdicts,
      findings: this.findings,
      loans: this.records.size,
      completions: this.completions,
      holdSamples: this.hold,
      lentSamples: this.lentTicks,
      pinnedPageTicks,
      pagesTold: this.pagesTold,
      lastToldTick: this.lastToldTick,
      contexts: { ...this.contexts },
      stretchedBy: Object.fromEntries(
        PARTY_NAMES.map((name, i) => [name, this.stretched[i]!]),
      ) as Record<PartyName, number>,
      reads: Object.fromEntries(READER_NAMES.map((name, i) => [name, this.reads[i]!])),
    };
  }

  /** Did the run do anything that could have refuted the property? */
  private exercised(property: Property): boolean {
    const lending = this.records.size > 0;
    switch (property) {
      case 'early':
      case 'double':
        return lending && this.completions > 0;
      case 'lost':
        return lending && this.drained;
      case 'corrupt':
        return this.reads.some((n) => n > 0);
      case 'stray':
        return lending && this.homes.freed > 0;
      case 'context':
        return this.contextMattered;
      case 'unmarked':
        return this.writes > 0;
      case 'dishonest':
        return this.notices.read > 0;
    }
  }
}

/** Different pages of which something is lent. */
function pagesOf(record: LoanRecord): number {
  let pages = 0;
  for (let e = record.ranges; e !== null; e = e.nextOfLoan) {
    let again = e.nextOfLoan;
    while (again !== null && again.page !== e.page) again = again.nextOfLoan;
    if (again === null) pages++;
  }
  return pages;
}

/** Does the range stand in these bytes? With a stream: as these stream bytes, not by another lending of the page. */
function covers(
  e: Lent,
  pageOffset: number,
  size: number,
  shadow: FlowShadow | undefined,
  seq: number,
): boolean {
  if (e.pageOffset >= pageOffset + size || e.pageOffset + e.size <= pageOffset) return false;
  if (shadow === undefined) return true;
  const at = shadow.offset(seq);
  return e.at < at + size && e.at + e.size > at;
}

/**
 * Will this skb be found without a walk as long as it can be read? It must be linked with another one, as only
 * skbs in a holder's queue are; and where the reader moves, behind the one that it reads in.
 */
function canWitness(skb: SkBuff, moving: boolean): boolean {
  const { next, prev } = skb;
  if (moving) return prev !== null && prev.next === skb && ((prev.endSeq - skb.seq) | 0) <= 0;
  return next === null ? prev !== null && prev.next === skb : next.prev === skb;
}
