// Verdict rows, spread over workers: each takes a share of the workloads. The words come first; who could put a completion
// off, which takes longer than all the rest, comes behind them from a worker that the next edit may end. Before all that
// miniatures run, which takes a fraction of a second: what breaks there breaks.
import type { Ask, Subject } from '../model/protocol.ts';
import type { Hear, Machine } from './machine.ts';
import type { Verdicts } from './verdicts.ts';

const ROW_SECONDS = 60;
/** A hook that never returns is known by that: what waits behind it is not tried any more. */
const SMALL_SECONDS = 20;
/** The lane of what is not waited for. */
const LATER = 'later';
/** After a verdict, before who could put it off is asked: somebody who types on is not kept waiting for it. */
const CALM_MS = 2000;
/** Workers for the design of the editor; the other design has one. */
const SHARES = Math.max(1, Math.min(4, navigator.hardwareConcurrency || 1));

export class Runs {
  private readonly machine: Machine;
  private readonly suit: (runtime: boolean) => void;
  private readonly turns = [0, 0];
  private calm: ReturnType<typeof setTimeout> | undefined;
  /** What is not waited for and has not been answered. */
  private later: (() => Promise<void>) | null = null;
  /** What the other design's table shows: it does not change with what is typed. */
  private shown = '';

  /** `suit`: hears whether the editor has a runtime. */
  constructor(machine: Machine, suit: (runtime: boolean) => void) {
    this.machine = machine;
    this.suit = suit;
  }

  /** Leaves the processors to somebody who is waited for. */
  async rest(): Promise<void> {
    clearTimeout(this.calm);
    if (this.later !== null) await this.machine.stop(LATER);
  }

  goOn(): void {
    clearTimeout(this.calm);
    this.calm = setTimeout(() => void this.later?.(), CALM_MS);
  }

  /** Fills a side of the table. What went wrong, or ''; null: a later call took its place. */
  async row(
    table: Verdicts,
    side: 0 | 1,
    design: Subject,
    era: string | null,
  ): Promise<string | null> {
    const name = 'id' in design ? design.id : design.name.replace(/\.ts$/, '');
    const key = `${name} ${era}`;
    if (side === 1 && key === this.shown) return '';
    if (side === 1) this.shown = key;
    const turn = ++this.turns[side]!;
    const of = side === 0 ? SHARES : 1;
    const lane = (share: number): string => (side === 0 ? `row ${share}` : 'beside');
    const shares = Array.from({ length: of }, (_, share) => share);
    table.begin(side, name);
    let concluded = false;
    const put: Hear = (answer) => {
      if (turn !== this.turns[side]) return;
      if (side === 0 && answer.kind === 'card') this.suit(answer.runtime);
      if (answer.kind !== 'cell') return;
      table.put(side, answer.cell);
      if (side === 0 && !concluded) table.soFar(name);
    };
    const ended = [...shares.map(lane), ...(side === 0 ? [LATER] : [])];
    if (side === 0) {
      clearTimeout(this.calm);
      this.later = null;
    }
    await Promise.all(ended.map((name) => this.machine.stop(name)));
    const asks = (small: boolean): Promise<string>[] =>
      shares.map((share) => {
        const at = { at: share, of };
        const ask: Ask = { kind: 'row', design, era, share: at, words: side === 0, small };
        return this.machine.ask(lane(share), ask, small ? SMALL_SECONDS : ROW_SECONDS, put);
      });
    if (side === 0) for (const ended of asks(true)) void ended;
    const faults = await Promise.all(asks(false));
    if (turn !== this.turns[side]) return null;
    concluded = true;
    const fault = faults.find((text) => text !== '') ?? '';
    if (side === 0 && fault === '') {
      const share = { at: 0, of: 1 };
      const whole: Ask = { kind: 'row', design, era, share, words: false, small: false };
      this.later = async () => {
        if ((await this.machine.ask(LATER, whole, ROW_SECONDS, put)) === '') this.later = null;
      };
      this.goOn();
    }
    return fault;
  }
}
