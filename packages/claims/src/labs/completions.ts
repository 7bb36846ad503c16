// When each operation was completed, and who could read its pages then.
import type { Judge } from '@lastref/judge';
import type { HolderVisitor, Kernel, Loan, Page, SkBuff } from '@lastref/kernel';
import { PerLoan } from './per-loan.ts';

export interface ToldOf {
  readonly loan: number;
  readonly tick: number;
  readonly readers: readonly string[];
}

/** A judge that notes when each operation was completed, and who could read its pages when that step was over. */
export class Completions extends PerLoan {
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
