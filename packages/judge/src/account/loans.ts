// Accounts of loans: how many, how long each was away, in which context its producer was told, and whose step that
// was. Takes no position: what a figure means is for a property or a reader.
import { PARTY_NAMES, type Kernel, type Loan, type PartyName } from '@lastref/kernel';
import { CONTEXT_KEYS, type Judgement } from '../findings.ts';
import { LoanRecord } from './record.ts';

export class LoanBook {
  private readonly records = new Map<Loan, LoanRecord>();
  /** By producer, then by send call. */
  private readonly calls: (LoanRecord | undefined)[][] = [];
  /** Loans that no completion has come for, in order of lending. */
  readonly open = new Set<LoanRecord>();
  /** Loans completed in the step that is going on: judged when it is over, as a release has several parts. */
  readonly told: LoanRecord[] = [];
  /** The loan that something was lent of last. */
  private latest: LoanRecord | null = null;
  completions = 0;
  private readonly hold: number[] = [];
  private readonly lentTicks: number[] = [];
  private readonly contexts = CONTEXT_KEYS.map(() => 0);
  /** By party. */
  private readonly stretched = PARTY_NAMES.map(() => 0);
  /** Pages times ticks from lending to completion; pages of completed loans; when the last was completed. */
  private pinned = 0;
  private pagesTold = 0;
  private lastToldTick = 0;

  /** Loans of which something was lent. */
  get count(): number {
    return this.records.size;
  }

  /** The record of a loan that something is lent of. */
  lending(loan: Loan, k: Kernel): LoanRecord {
    const { latest } = this;
    if (latest !== null && latest.loan === loan) return latest;
    const record = this.records.get(loan) ?? this.opened(loan, k.agenda.now);
    this.latest = record;
    return record;
  }

  private opened(loan: Loan, now: number): LoanRecord {
    const record = new LoanRecord();
    record.loan = loan;
    record.lentTick = now;
    this.records.set(loan, record);
    this.open.add(record);
    (this.calls[loan.producer] ??= [])[loan.call] = record;
    return record;
  }

  /** undefined: nothing was lent of it. */
  of(loan: Loan): LoanRecord | undefined {
    return this.records.get(loan);
  }

  ofCall(producer: number, call: number): LoanRecord | undefined {
    return this.calls[producer]?.[call];
  }

  /** Every loan, by producer and send call. */
  forEachCalled(each: (record: LoanRecord) => void): void {
    for (const calls of this.calls)
      for (const record of calls ?? []) if (record !== undefined) each(record);
  }

  /** The producer is told, of whatever loan. */
  tells(k: Kernel): void {
    this.completions++;
    this.contexts[k.context]!++;
    this.stretched[k.agenda.party]!++;
  }

  /** The first completion of a loan. */
  closes(record: LoanRecord, { agenda }: Kernel): void {
    const { now } = agenda;
    const away = now - record.lentTick;
    record.toldBy = agenda.party;
    const pages = record.pages();
    record.completed = true;
    this.open.delete(record);
    this.lentTicks.push(away);
    this.pinned += pages * away;
    this.pagesTold += pages;
    this.lastToldTick = now;
    this.told.push(record);
  }

  /** How long nobody had needed the pages of a loan that was told of at `now`. */
  settles(record: LoanRecord, readable: boolean, now: number): void {
    const { goneTick, releasedTick } = record;
    const known = !readable && goneTick >= 0 && releasedTick >= 0;
    this.hold.push(known ? now - Math.max(goneTick, releasedTick) : 0);
  }

  /** What a judgement has from here. */
  figures(now: number): Omit<Judgement, 'verdicts' | 'findings' | 'beside' | 'reads'> {
    let pinnedPageTicks = this.pinned;
    for (const record of this.open) pinnedPageTicks += record.pages() * (now - record.lentTick);
    let reached = 0;
    for (const { seen, readFromPage } of this.records.values())
      if (seen > 0 || readFromPage) reached++;
    return {
      loans: this.records.size,
      reached,
      completions: this.completions,
      holdSamples: this.hold,
      lentSamples: this.lentTicks,
      pinnedPageTicks,
      pagesTold: this.pagesTold,
      lastToldTick: this.lastToldTick,
      contexts: byName(CONTEXT_KEYS, this.contexts),
      stretchedBy: byName<PartyName>(PARTY_NAMES, this.stretched),
    };
  }
}

export function byName<Name extends string>(
  names: readonly Name[],
  counts: readonly number[],
): Record<Name, number> {
  return Object.fromEntries(names.map((name, i) => [name, counts[i]!])) as Record<Name, number>;
}
