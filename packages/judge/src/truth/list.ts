// The judge's walk for those who tell a run: lists by loan who can read, and marks nothing, so that whoever looks
// changes no verdict.
import type { Kernel, Page, SkBuff } from '@lastref/kernel';
import type { FlowShadow, Lent } from './shadow.ts';
import { Walk } from './walk.ts';

const NOBODY: ReadonlyMap<string, number> = new Map();

export class ReaderList extends Walk {
  /** By number of the loan: places, and how many fragments (or ranges without an skb) wait in each. */
  private readonly found = new Map<number, Map<string, number>>();
  /** The fragment that the walk is at, and the loans that it was counted for. */
  private skbNow: SkBuff | null = null;
  private fragNow = -1;
  private readonly counted = new Set<number>();

  /** Looks from every root. */
  look(k: Kernel): void {
    this.found.clear();
    this.everywhere(k);
  }

  /** Who could read the loan at the last look. */
  of(loan: number): ReadonlyMap<string, number> {
    return this.found.get(loan) ?? NOBODY;
  }

  override page(page: Page, pageOffset: number, size: number, where: string): void {
    this.at(null, -1);
    super.page(page, pageOffset, size, where);
  }

  private at(skb: SkBuff | null, frag: number): void {
    this.skbNow = skb;
    this.fragNow = frag;
    this.counted.clear();
  }

  protected reached(entry: Lent, where: string, skb: SkBuff | null, frag: number): void {
    if (skb !== null && (skb !== this.skbNow || frag !== this.fragNow)) this.at(skb, frag);
    const { id } = entry.loan.loan!;
    let places = this.found.get(id);
    if (places === undefined) this.found.set(id, (places = new Map<string, number>()));
    if (this.counted.has(id) && places.has(where)) return;
    this.counted.add(id);
    places.set(where, (places.get(where) ?? 0) + 1);
  }

  protected passed(_shadow: FlowShadow, _at: number): void {}
}
