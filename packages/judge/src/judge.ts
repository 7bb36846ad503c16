// The judge. It sees the machine and knows no design.
// Goal: say for every completion whether a reader was left, and for every read whether the bytes were those lent.
// It finds readers by walking from the roots (queues, rings, taps, pipes) to frags, and bytes by comparing with
// its own copies. It never looks at a reference count (page.count, dataref, users, loan.refs) nor at any slot
// that a design writes.
import {
  Reader,
  READER_NAMES,
  fragSeq,
  type Context,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type Probe,
  type SkBuff,
} from '@lastref/kernel';
import {
  PROPERTIES,
  contextKey,
  type Finding,
  type Harm,
  type Judgement,
  type Property,
  type Verdict,
} from './findings.ts';
import { FlowShadow, Lent, LoanRecord, ShadowMemory } from './shadow.ts';

/** When a walk looks at more skbs and ranges than this, those for hold times are made only every `SWEEP_TICKS`. */
const SWEEP_CHEAP = 256;
const SWEEP_TICKS = 500;
/** And at more than this: only so often that a step pays for `VISITS_PER_STEP` of them. */
const SWEEP_DEAR = 2048;
const VISITS_PER_STEP = 16;

export class Judge implements Probe, HolderVisitor {
  #k: Kernel | null = null;
  readonly #flows = new Map<number, FlowShadow>();
  readonly #memory = new ShadowMemory();
  readonly #onPage: (Lent | null)[] = [];
  readonly #pool: Lent[] = [];
  readonly #records = new Map<Loan, LoanRecord>();
  /** Loans that no completion has come for, in order of lending. */
  readonly #open = new Set<LoanRecord>();
  /** Loans completed in the step that is going on: judged when it is over, as a release has several parts. */
  readonly #told: LoanRecord[] = [];
  readonly #findings = new Map<string, Finding>();
  readonly #hold: number[] = [];
  readonly #lentTicks: number[] = [];
  readonly #contexts = { process: 0, softirq: 0, hardirq: 0 };
  readonly #reads = [0, 0, 0, 0];
  #walk = 0;
  #visited = 0;
  #sweptReleases = -1;
  #sweptTick = -1;
  #sweptStep = 0;
  #completions = 0;
  #pagesFreed = 0;
  #drained = false;
  /** Compare bytes even where the page was not written since: slower, for tests of the judge. */
  paranoid = false;
  /** Number of the step that is going on, from 1. */
  step = 1;

  /** The machine to look at. Once, before the first step. */
  attach(k: Kernel): void {
    this.#k = k;
  }

  get #machine(): Kernel {
    if (this.#k === null)
      throw new Error('the judge was asked before it was attached to a machine');
    return this.#k;
  }

  /** Findings so far, in the order of their first occurrence. */
  get findings(): Finding[] {
    return [...this.#findings.values()];
  }

  /** Pages that some producer has lent and nobody has forgotten. */
  lentPages(): Page[] {
    return this.#onPage.flatMap((entry) => (entry?.page ? [entry.page] : []));
  }

  /** Where the step that is going on runs. */
  context(): Context {
    return this.#machine.context;
  }

  // --- what the machine tells ---

  lent(loan: Loan, page: Page, pageOffset: number, size: number, flow: number, seq: number): void {
    const k = this.#machine;
    let record = this.#records.get(loan);
    if (record === undefined) {
      record = new LoanRecord();
      record.loan = loan;
      record.lentTick = k.agenda.now;
      this.#records.set(loan, record);
      this.#open.add(record);
    }
    record.goneTick = -1;
    let shadow = this.#flows.get(flow);
    if (shadow === undefined) {
      shadow = new FlowShadow(seq);
      this.#flows.set(flow, shadow);
    }
    const entry = this.#pool.pop() ?? new Lent();
    entry.loan = record;
    entry.page = page;
    entry.pageOffset = pageOffset;
    entry.size = size;
    entry.flow = flow;
    entry.at = shadow.offset(seq);
    entry.writes = page.writes;
    entry.shadow = this.#memory.keep(k.mem, page.address + pageOffset, size);
    entry.seen = 0;
    entry.nextOnPage = this.#onPage[page.slot] ?? null;
    this.#onPage[page.slot] = entry;
    shadow.entries.push(entry);
  }

  released(loan: Loan): void {
    const record = this.#records.get(loan);
    if (record !== undefined) record.releasedTick = this.#machine.agenda.now;
  }

  completed(loan: Loan): void {
    const k = this.#machine;
    const record = this.#records.get(loan);
    this.#completions++;
    this.#contexts[contextKey(k.context)]++;
    if (record === undefined) return; // a loan of which nothing was lent
    if (record.completed) {
      this.#find(
        'double',
        'hazard',
        'producer',
        loan,
        `loan ${loan.id} is completed a second time`,
      );
      return;
    }
    record.completed = true;
    this.#open.delete(record);
    this.#lentTicks.push(k.agenda.now - record.lentTick);
    this.#told.push(record);
  }

  /** Looks at the loans that this step completed: is any reader left now that the step is over? */
  #judgeCompletions(): void {
    const { now } = this.#machine.agenda;
    for (const record of this.#told) {
      if (record.seen === this.#walk) {
        const loan = record.loan!;
        const text = `loan ${loan.id} is completed while the ${record.where} can still read its pages`;
        this.#find('early', 'hazard', record.where, loan, text);
        this.#hold.push(0);
      } else {
        const free = Math.max(record.goneTick, record.releasedTick);
        const known = record.goneTick >= 0 && record.releasedTick >= 0;
        this.#hold.push(known ? now - free : 0);
      }
    }
    this.#told.length = 0;
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
    const shadow = this.#flows.get(flow);
    if (shadow === undefined) return;
    const from = shadow.offset(seq);
    const end = from + size;
    if (reader === Reader.APPLICATION && end > shadow.consumed) shadow.consumed = end;
    const { entries } = shadow;
    for (let i = shadow.find(from); i < entries.length; i++) {
      const entry = entries[i]!;
      if (entry.at >= end) return;
      this.#compare(reader, entry, from, end, address, page);
    }
  }

  pageFreed(page: Page): void {
    this.#pagesFreed++;
    const entry = this.#onPage[page.slot] ?? null;
    if (entry !== null) {
      const { loan } = entry.loan;
      const text = `page ${page.slot}, which its producer still owns, goes to the free list`;
      this.#find('stray', 'hazard', 'free list', loan!, text);
    }
  }

  // --- truth ---

  #compare(
    reader: Reader,
    entry: Lent,
    from: number,
    end: number,
    address: number,
    page: Page | null,
  ): void {
    const k = this.#machine;
    this.#reads[reader]!++;
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
    const lent = this.#memory.bytes;
    const shadowAt = entry.shadow + into;
    if (lent.compare(k.mem, at, at + size, shadowAt, shadowAt + size) === 0) return;
    const record = entry.loan;
    const harm: Harm = reader === Reader.APPLICATION ? 'delivered' : 'wire';
    const who = READER_NAMES[reader];
    const told = record.completed ? 'after its completion' : 'with no completion given';
    const text = `the ${who} reads changed bytes of loan ${record.loan!.id}, ${told}`;
    this.#find('corrupt', harm, who, record.loan!, text);
  }

  #find(property: Property, harm: Harm, where: string, loan: Loan, text: string): void {
    const key = `${property}/${harm}/${where}`;
    const known = this.#findings.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const tick = this.#machine.agenda.now;
    this.#findings.set(key, {
      property,
      harm,
      where,
      loan: loan.id,
      step: this.step,
      tick,
      text,
      count: 1,
    });
  }

  /** Marks every lent range that some holder can read. */
  #walkRoots(): void {
    const k = this.#machine;
    this.#walk++;
    this.#visited = 0;
    for (const shadow of this.#flows.values()) shadow.lowest = Number.MAX_SAFE_INTEGER;
    const { holders } = k;
    for (let i = 0; i < holders.length; i++) (holders[i] as Holder).forEachReader(this);
    this.#sweptReleases = k.releases;
    this.#sweptTick = k.agenda.now;
    this.#sweptStep = this.step;
  }

  skb(skb: SkBuff, where: string, from: number): void {
    this.#visited++;
    const { shinfo } = skb;
    const shadow = this.#flows.get(skb.flow);
    if (shadow !== undefined && skb.len > skb.headers) {
      const at = shadow.offset(skb.seq);
      if (at < shadow.lowest) shadow.lowest = at;
    }
    if (shinfo.nrFrags > 0) {
      let seq = fragSeq(skb);
      for (let i = 0; i < shinfo.nrFrags; i++) {
        const frag = shinfo.frags[i]!;
        const gone = Math.max(0, (from - seq) | 0);
        if (gone < frag.size) {
          const size = frag.size - gone;
          this.#reach(frag.page, frag.pageOffset + gone, size, shadow, (seq + gone) | 0, where);
        }
        seq = (seq + frag.size) | 0;
      }
    }
    for (let m = shinfo.fragList; m !== null; m = m.next) this.skb(m, where, from);
  }

  page(page: Page, pageOffset: number, size: number, where: string): void {
    this.#reach(page, pageOffset, size, undefined, 0, where);
  }

  /** A reader has (page, pageOffset, size) as stream bytes from `seq`, or of no known stream. */
  #reach(
    page: Page,
    pageOffset: number,
    size: number,
    shadow: FlowShadow | undefined,
    seq: number,
    where: string,
  ): void {
    for (let e = this.#onPage[page.slot] ?? null; e !== null; e = e.nextOnPage) {
      this.#visited++;
      if (e.pageOffset >= pageOffset + size || e.pageOffset + e.size <= pageOffset) continue;
      if (shadow !== undefined) {
        const at = shadow.offset(seq);
        if (e.at >= at + size || e.at + e.size <= at) continue; // another lending of the same page
      }
      e.seen = this.#walk;
      e.loan.seen = this.#walk;
      e.loan.where = where;
    }
  }

  /** Call after every step: keeps the times at which last readers went, and lets go of old copies. */
  afterStep(): void {
    this.#look();
    this.step++;
  }

  #look(): void {
    const k = this.#machine;
    if (this.#told.length > 0) {
      this.#walkRoots();
      this.#judgeCompletions();
      this.#age();
      return;
    }
    if (k.releases === this.#sweptReleases) return;
    if (this.#visited > SWEEP_CHEAP && this.#recently()) return;
    this.#walkRoots();
    this.#age();
  }

  /** Too soon for another walk that looks at so much? */
  #recently(): boolean {
    if (this.#machine.agenda.now - this.#sweptTick < SWEEP_TICKS) return true;
    const steps = this.step - this.#sweptStep;
    return this.#visited > SWEEP_DEAR && steps * VISITS_PER_STEP < this.#visited;
  }

  /** After a walk: notes which loans have lost their last reader, and lets go of old copies. */
  #age(): void {
    const k = this.#machine;
    for (const record of this.#open) {
      if (record.seen === this.#walk) record.goneTick = -1;
      else if (record.goneTick < 0) record.goneTick = k.agenda.now;
    }
    for (const shadow of this.#flows.values()) this.#retire(shadow);
  }

  /** Drops the copies that nobody can read again. */
  #retire(shadow: FlowShadow): void {
    const safe = Math.min(shadow.consumed, shadow.lowest);
    const { entries } = shadow;
    while (shadow.head < entries.length) {
      const entry = entries[shadow.head]!;
      if (entry.at + entry.size > safe || !entry.loan.completed || entry.seen === this.#walk) break;
      shadow.head++;
      this.#unlink(entry);
    }
    shadow.compact();
  }

  #unlink(entry: Lent): void {
    const { slot } = entry.page!;
    let e = this.#onPage[slot] ?? null;
    if (e === entry) {
      this.#onPage[slot] = entry.nextOnPage;
    } else {
      while (e !== null && e.nextOnPage !== entry) e = e.nextOnPage;
      if (e !== null) e.nextOnPage = entry.nextOnPage;
    }
    this.#memory.release(entry.shadow);
    entry.page = null;
    entry.nextOnPage = null;
    this.#pool.push(entry);
  }

  /**
   * The run is over. `drained`: nothing is left on the agenda, so a loan that is still open will never be
   * completed.
   */
  finish(drained: boolean): void {
    this.#drained = drained;
    this.#walkRoots();
    if (!drained) return;
    for (const record of this.#open) {
      if (record.seen === this.#walk || record.releasedTick < 0) continue;
      const loan = record.loan!;
      const text = `loan ${loan.id} has no reader left, nothing is pending, and its producer was never told`;
      this.#find('lost', 'hazard', 'producer', loan, text);
    }
  }

  /** The verdicts. Call `finish` first. */
  judgement(): Judgement {
    const refuted = new Set(this.findings.map((f) => f.property));
    const verdicts = {} as Record<Property, Verdict>;
    for (const property of PROPERTIES) {
      if (refuted.has(property)) verdicts[property] = 'refuted';
      else verdicts[property] = this.#exercised(property) ? 'holds' : 'not-exercised';
    }
    return {
      verdicts,
      findings: this.findings,
      loans: this.#records.size,
      completions: this.#completions,
      holdSamples: this.#hold,
      lentSamples: this.#lentTicks,
      contexts: { ...this.#contexts },
      reads: Object.fromEntries(READER_NAMES.map((name, i) => [name, this.#reads[i]!])),
    };
  }

  /** Did the run do anything that could have refuted the property? */
  #exercised(property: Property): boolean {
    const lending = this.#records.size > 0;
    switch (property) {
      case 'early':
      case 'double':
        return lending && this.#completions > 0;
      case 'lost':
        return lending && this.#drained;
      case 'corrupt':
        return this.#reads.some((n) => n > 0);
      case 'stray':
        return lending && this.#pagesFreed > 0;
      case 'context': // no producer of this release has a callback that may not run anywhere
      case 'unmarked': // no in-place writer yet
      case 'dishonest': // no notification says more than "done" yet
        return false;
    }
  }
}
