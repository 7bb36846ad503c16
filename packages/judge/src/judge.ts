// The judge. It sees the machine and knows no design.
// Goal: say for every completion whether a reader was left, and for every read whether the bytes were those lent.
// It finds readers by walking from the roots to frags, and bytes by comparing with its own copies. It never looks at a
// reference count (page.count, dataref, users, loan.refs) nor at any slot that a design writes.
// Here events of the machine go to truth (truth/: who can read what) and accounts (account/: loans, times, pages), and
// what follows from them to the watches (properties/), one for each property.
import type { Context, Kernel, Loan, Page, PageHome, Probe, Reader } from '@lastref/kernel';
import { Halt, READER_NAMES } from '@lastref/kernel';
import { byName } from './account/loans.ts';
import type { LoanRecord } from './account/record.ts';
import { Evidence } from './evidence.ts';
import type { Finding, Judgement, Verdict } from './findings.ts';
import { watches, type Property } from './properties/index.ts';
import { Observer, type Sink, type Watch } from './properties/watch.ts';
import type { Lent } from './truth/shadow.ts';

export class Judge implements Probe {
  readonly evidence = new Evidence();
  /** Its parts, at hand for what happens in every step. */
  private readonly ranges = this.evidence.ranges;
  private readonly loans = this.evidence.loans;
  private readonly pages = this.evidence.pages;
  private readonly walk = this.evidence.walk;
  private readonly watches: readonly Watch[] = watches(this.evidence);
  /** What is lent goes out as a copy of its producer's. */
  private copiesItself = false;
  /** Who listens to what: those that do something with it. */
  private readonly onChangedRead: Observer[] = [];
  private readonly onReadOnceTold: Observer[] = [];
  private readonly onCompleted: Observer[] = [];
  private readonly onSettled: Observer[] = [];
  private readonly onNotified: Observer[] = [];
  private readonly onLooked: Observer[] = [];
  private readonly onOwnerLeaves: Observer[] = [];
  private readonly onWritten: Observer[] = [];
  private readonly onPageFreed: Observer[] = [];
  private readonly onObjectFreed: Observer[] = [];
  private readonly onFreedUsed: Observer[] = [];
  private readonly onLockWanted: Observer[] = [];
  private readonly onStuck: Observer[] = [];
  private readonly onFinished: Observer[] = [];
  /** Compare bytes even where the page was not written since: slower, for tests of the judge. */
  paranoid = false;

  constructor() {
    for (const watch of this.watches) this.observe(watch);
  }

  /** From now on `observer` hears what is established. Before the first step. */
  observe(observer: Observer): void {
    const none = Observer.prototype;
    if (observer.changedRead !== none.changedRead) this.onChangedRead.push(observer);
    if (observer.readOnceTold !== none.readOnceTold) this.onReadOnceTold.push(observer);
    if (observer.completed !== none.completed) this.onCompleted.push(observer);
    if (observer.settled !== none.settled) this.onSettled.push(observer);
    if (observer.notified !== none.notified) this.onNotified.push(observer);
    if (observer.looked !== none.looked) this.onLooked.push(observer);
    if (observer.ownerLeaves !== none.ownerLeaves) this.onOwnerLeaves.push(observer);
    if (observer.written !== none.written) this.onWritten.push(observer);
    if (observer.pageFreed !== none.pageFreed) this.onPageFreed.push(observer);
    if (observer.objectFreed !== none.objectFreed) this.onObjectFreed.push(observer);
    if (observer.freedUsed !== none.freedUsed) this.onFreedUsed.push(observer);
    if (observer.lockWanted !== none.lockWanted) this.onLockWanted.push(observer);
    if (observer.stuck !== none.stuck) this.onStuck.push(observer);
    if (observer.finished !== none.finished) this.onFinished.push(observer);
  }

  /** The machine to look at. Once, before the first step. */
  attach(k: Kernel): void {
    this.evidence.attach(k);
  }

  /** Number of the step that is going on, from 1. */
  get step(): number {
    return this.evidence.step;
  }

  /** So many loans have been lent something of. */
  get lentLoans(): number {
    return this.evidence.loans.count;
  }

  /** Findings so far of properties that stand in the word, in the order of their first occurrence. */
  get findings(): Finding[] {
    return [...this.evidence.found];
  }

  /** The same with those of properties that stand beside it. */
  get everything(): Finding[] {
    const { found, beside } = this.evidence;
    return [...found, ...beside].sort((a, b) => a.step - b.step);
  }

  /** Walk from all roots after every step: slower, for tests of the judge and for searches. */
  set always(on: boolean) {
    this.walk.always = on;
  }

  /** So many loans are watched after every step. */
  set watchAll(loans: number) {
    this.walk.watchAll = loans;
  }

  /**
   * What later verdicts depend on, for whoever compares states: which bytes were lent and are still kept, and
   * what was told. Only with `always` is it the same for the same state.
   */
  remembered(sink: Sink): void {
    const { ranges, loans, pages } = this;
    ranges.remembered(sink);
    for (const record of loans.open) {
      sink.value(record.loan);
      const { releasedTick, goneTick, byOthers } = record;
      sink.number((releasedTick < 0 ? 0 : 1) | (goneTick < 0 ? 0 : 2) | (byOthers ? 4 : 0));
    }
    pages.remembered(sink);
    for (const watch of this.watches) watch.remembered(sink);
  }

  /** Pages that some producer has lent and nobody has forgotten. */
  lentPages(): Page[] {
    return this.ranges.pages();
  }

  /** Where the step that is going on runs. */
  context(): Context {
    return this.evidence.machine.context;
  }

  // --- what the machine tells ---

  lent(loan: Loan, page: Page, pageOffset: number, size: number, flow: number, seq: number): void {
    const { ranges } = this;
    const k = this.evidence.machine;
    const record = this.loans.lending(loan, k);
    this.pages.lent(page, loan.id);
    const entry = ranges.add(record, page, pageOffset, size, flow, seq);
    this.walk.lends(record);
    entry.writes = page.writes;
    entry.shadow = ranges.memory.keep(k.mem, page.address + pageOffset, size);
    entry.isOwnCopy = this.copiesItself;
  }

  sentCopy(...args: Parameters<Probe['lent']>): void {
    this.copiesItself = true;
    this.lent(...args);
    this.copiesItself = false;
  }

  carried(flow: number, seq: number, size: number, from: number, fromSeq: number): void {
    const { ranges, walk } = this;
    const source = ranges.flows[from];
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
      const entry = ranges.add(lent.loan, lent.page!, lent.pageOffset + into, n, flow, to);
      walk.lends(lent.loan);
      entry.writes = lent.writes;
      entry.isOwnCopy = lent.isOwnCopy;
      entry.shadow = ranges.memory.again(lent.shadow + into, n);
      entry.spoilt = lent.spoilt.map((kept) => ranges.memory.again(kept + into, n));
    }
  }

  released(loan: Loan): void {
    const record = this.loans.of(loan);
    if (record === undefined) return;
    record.releasedTick = this.evidence.machine.agenda.now;
    record.releasedStep = this.step;
  }

  completed(loan: Loan): void {
    const { loans } = this;
    const k = this.evidence.machine;
    const record = loans.of(loan);
    loans.tells(k);
    for (const o of this.onCompleted) o.completed(loan, record ?? null);
    if (record === undefined || record.completed) return; // of the former nothing was lent
    loans.closes(record, k);
    record.toldStep = this.step;
    record.toldOn = whoRuns(k);
    this.walk.unwatch(record);
    this.ranges.spent += record.rangeCount;
  }

  ownerLeaves(producer: number, gone: boolean): void {
    for (const o of this.onOwnerLeaves) o.ownerLeaves(producer, gone);
  }

  notified(producer: number, lo: number, hi: number, copied: boolean): void {
    for (const o of this.onNotified) o.notified(producer, lo, hi, copied);
  }

  reused(_page: Page): void {}

  /** What a program hears and calls is no evidence: what follows from it is. */
  programHears(): void {}
  programCalls(): void {}

  read(
    reader: Reader,
    flow: number,
    seq: number,
    size: number,
    address: number,
    page: Page | null,
  ): void {
    const shadow = this.ranges.flows[flow];
    if (shadow === undefined) return;
    const from = shadow.offset(seq);
    const end = from + size;
    shadow.readUpTo(reader, end);
    const { entries } = shadow;
    for (let i = shadow.find(from); i < entries.length; i++) {
      const entry = entries[i]!;
      if (entry.at >= end) return;
      this.compare(reader, entry, from, end, address, page);
    }
  }

  /** `reader` reads stream bytes [from, end), some of which are the entry's, at `address`. */
  private compare(
    reader: Reader,
    entry: Lent,
    from: number,
    end: number,
    address: number,
    page: Page | null,
  ): void {
    this.evidence.reads[reader]!++;
    if (!entry.isOwnCopy) entry.loan.readBy(reader, page === entry.page);
    if (entry.loan.toldStep === this.step && page === entry.page)
      this.readOnceTold(entry.loan, reader);
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
    const { mem } = this.evidence.machine;
    const lent = this.ranges.memory.bytes;
    const shadowAt = entry.shadow + into;
    if (lent.compare(mem, at, at + size, shadowAt, shadowAt + size) === 0) return;
    if (this.ranges.isStacksOwn(entry, page, mem, at, into, size)) return;
    for (const o of this.onChangedRead) o.changedRead(entry.loan, reader);
  }

  /** What one goes on to read when another one has told, it could still read: no look at the end of the step shows it. */
  private readOnceTold(record: LoanRecord, reader: Reader): void {
    if (record.toldOn === whoRuns(this.evidence.machine)) return; // between the lines of one function
    for (const o of this.onReadOnceTold) o.readOnceTold(record, reader);
  }

  copied(page: Page): void {
    this.ranges.copied(page);
  }

  pageFreed(page: Page, to: PageHome): void {
    const inUse = this.ranges.on(page) !== null;
    this.ranges.notItsProducers(page);
    this.ranges.begins(page, this.evidence.machine.mem);
    for (const o of this.onPageFreed) o.pageFreed(page, to, inUse);
    this.pages.goes(page, to);
  }

  pageTaken(page: Page): void {
    this.ranges.begins(page, this.evidence.machine.mem);
    this.pages.taken(page);
  }

  pageDisowned(page: Page): void {
    this.pages.giveUp(page);
  }

  written(page: Page | null, pageOffset: number, size: number): void {
    if (page !== null) this.ranges.written(page, pageOffset, size, this.evidence.machine.mem);
    for (const o of this.onWritten) o.written(page);
  }

  objectFreed(name: string): void {
    for (const o of this.onObjectFreed) o.objectFreed(name);
  }

  freedUsed(name: string, text: string): void {
    for (const o of this.onFreedUsed) o.freedUsed(name, text);
  }

  lockWanted(): void {
    for (const o of this.onLockWanted) o.lockWanted();
  }

  stuck(text: string): void {
    for (const o of this.onStuck) o.stuck(text);
  }

  // --- what follows ---

  /** Call after every step. */
  afterStep(): void {
    const { evidence } = this;
    if (this.halted) evidence.step++;
    else this.look();
  }

  /** A step was broken off: what it left behind is no state of anything. */
  private get halted(): boolean {
    return this.evidence.machine.agenda.halted !== Halt.RUNS;
  }

  private look(): void {
    const { evidence } = this;
    if (this.walk.look(evidence.machine, evidence.step)) this.judgeStep();
    evidence.step++;
  }

  /** Looks at the loans that this step completed: is any reader left now that the step is over? */
  private judgeStep(): void {
    const { loans, walk } = this;
    const { now } = this.evidence.machine.agenda;
    for (const record of loans.told) {
      const readable = record.seen === walk.number;
      loans.settles(record, readable, now);
      for (const o of this.onSettled) o.settled(record, readable);
    }
    loans.told.length = 0;
    for (const o of this.onLooked) o.looked(walk.number);
  }

  /**
   * The run is over. `drained`: nothing is left on the agenda, so a loan that is still open will never be
   * completed.
   */
  finish(drained: boolean): void {
    if (this.halted) return;
    this.walk.everywhere(this.evidence.machine);
    for (const o of this.onFinished) o.finished(drained);
  }

  /** The verdicts. Call `finish` first. */
  judgement(): Judgement {
    const { found, beside, loans, reads, machine } = this.evidence;
    const refuted = new Set([...found, ...beside].map((f) => f.property));
    const verdicts = {} as Record<Property, Verdict>;
    for (const watch of this.watches) {
      const { property } = watch;
      if (refuted.has(property)) verdicts[property] = 'refuted';
      else verdicts[property] = watch.exercised() ? 'holds' : 'not-exercised';
    }
    return {
      verdicts,
      findings: this.findings,
      beside: [...beside],
      ...loans.figures(machine.agenda.now),
      reads: byName(READER_NAMES, reads),
    };
  }
}

/** In the middle of a step: one processor, the other, or an interrupt of the first. */
function whoRuns({ agenda }: Kernel): number {
  return agenda.interrupted ? 2 : agenda.processor;
}
