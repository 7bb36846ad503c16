// The capture of a real exchange in which ten calls were sent twice: what the wire saw, and what the model makes of
// the same packets under a design.
import {
  followTcp,
  readCapture,
  rpcRecords,
  segmentsSent,
  type RpcExchange,
} from '@lastref/capture';
import type { Judge } from '@lastref/judge';
import type { HolderVisitor, Kernel, Loan, Page, SkBuff } from '@lastref/kernel';
import { readFileSync } from 'node:fs';
import { Cell } from '@lastref/search';
import { bundledCapture, loadCapture } from '../../registry.ts';
import type { Lab } from './index.ts';
import { PerLoan } from './per-loan.ts';

export interface ResentCall {
  readonly xid: string;
  /** In the capture: bytes of the second copy that differ from the first. */
  readonly differ: number;
  /** In the capture: bytes of the second copy that had not left when the answer to the first came. */
  readonly unsent: number;
  /** In the model: who could read the pages when the producer was told; empty: nobody. */
  readonly readers: readonly string[];
  /** In the model: changed bytes of it went out. */
  readonly changed: boolean;
  /** Ticks from the answer to the first copy to the completion; -1: never. */
  readonly toldAfter: number;
  /** No new call was sent after its answer: nobody had new data for its pages. */
  readonly last: boolean;
}

export interface Resent {
  readonly calls: readonly ResentCall[];
  /** Calls that were sent once, and of them those completed while somebody could read. */
  readonly once: number;
  readonly onceEarly: number;
}

export const resentLab: Lab<Resent> = (design, era) => {
  const source = bundledCapture();
  const exchanges = writesIn(source.file);
  const judge = new Completions();
  const cell = new Cell({ design, workload: loadCapture(source), era, seed: 1 }, judge);
  judge.watch(cell.k);
  cell.runByClock();
  const calls: ResentCall[] = [];
  const seen = { once: 0, onceEarly: 0 };
  for (const { exchange, unsent } of exchanges) {
    const told = judge.ends.get(exchange.xid);
    const readers = told?.readers ?? [];
    if (exchange.copies.length === 1) {
      seen.once++;
      if (readers.length > 0) seen.onceEarly++;
      continue;
    }
    const answered = exchange.replies[0]?.tick ?? 0;
    calls.push({
      xid: `0x${exchange.xid.toString(16)}`,
      differ: differing(exchange),
      unsent,
      readers,
      changed: told !== undefined && judge.changed.wire.has(told.loan),
      toldAfter: told === undefined ? -1 : told.tick - answered,
      last: exchanges.every((e) => e.exchange.copies[0]!.firstTick <= answered),
    });
  }
  return { calls, ...seen };
};

/** The calls that lend pages, and how much of each second copy had not left when its first copy was answered. */
function writesIn(file: string): { exchange: RpcExchange; unsent: number }[] {
  const connections = followTcp(readCapture(readFileSync(file), file));
  return connections.flatMap((connection) => {
    const sent = segmentsSent(connection, connection.dataSender);
    return rpcRecords(connection)
      .exchanges.filter((e) => e.copies[0]!.bytes.length >= 4096)
      .map((exchange) => {
        const copy = exchange.copies[1];
        const answered = exchange.replies[0]?.tick ?? Infinity;
        let out = 0;
        for (const s of sent)
          if (copy !== undefined && s.segment.tick <= answered && !s.retransmission)
            out += Math.max(0, Math.min(s.end, copy.end) - Math.max(s.start, copy.start));
        return { exchange, unsent: copy === undefined ? 0 : copy.end - copy.start - out };
      });
  });
}

function differing({ copies }: RpcExchange): number {
  const [first, second] = [copies[0]!.bytes, copies[1]!.bytes];
  let n = 0;
  for (let i = 0; i < first.length; i++) if (first[i] !== second[i]) n++;
  return n;
}

interface ToldOf {
  readonly loan: number;
  readonly tick: number;
  readonly readers: readonly string[];
}

/** A judge that notes when each operation was completed, and who could read its pages when that step was over. */
class Completions extends PerLoan {
  readonly ends = new Map<number, ToldOf>();
  private readonly pagesOf = new Map<Loan, Set<Page>>();
  private readonly justNow: Loan[] = [];
  private kernel: Kernel | null = null;

  watch(k: Kernel): void {
    this.kernel = k;
  }

  override lent(...args: Parameters<Judge['lent']>): void {
    const [loan, page] = args;
    const pages = this.pagesOf.get(loan) ?? new Set<Page>();
    this.pagesOf.set(loan, pages.add(page));
    super.lent(...args);
  }

  override completed(loan: Loan): void {
    if (!this.ends.has(loan.op)) this.justNow.push(loan);
    super.completed(loan);
  }

  override afterStep(): void {
    super.afterStep();
    const k = this.kernel!;
    for (const loan of this.justNow.splice(0)) {
      const readers = new Readers(this.pagesOf.get(loan) ?? new Set());
      for (const holder of k.holders) holder.forEachReader(readers);
      this.ends.set(loan.op, { loan: loan.id, tick: k.agenda.now, readers: [...readers.places] });
    }
  }
}

class Readers implements HolderVisitor {
  private readonly pages: ReadonlySet<Page>;
  readonly places = new Set<string>();

  constructor(pages: ReadonlySet<Page>) {
    this.pages = pages;
  }

  skb(skb: SkBuff, where: string): void {
    for (let i = 0; i < skb.shinfo.nrFrags; i++)
      if (this.pages.has(skb.shinfo.frags[i]!.page)) this.places.add(where);
  }

  page(page: Page, _pageOffset: number, _size: number, where: string): void {
    if (this.pages.has(page)) this.places.add(where);
  }
}
