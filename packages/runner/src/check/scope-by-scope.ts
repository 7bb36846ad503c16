// The scopes of a check in their order, in as many threads as there are: the answer is that of one after the other. Two threads
// share the first one; then another takes the one with more operations, as that takes longest, while this one goes on to those
// with a failure. Each is searched as one thread does it alone, since where a search that is cut short ends must not
// depend on who was where when.
import { scopeByScope, type Bound, type Exploration, type Searched } from '@lastref/search';
import type { Isolate } from '../isolate.ts';
import { Aside } from './aside.ts';
import { Helper } from './helper.ts';
import type { CheckAsk } from './question.ts';
import { searchScope, secondsSince, wider, type Scoped } from './scoped.ts';
import type { Subject } from './subject.ts';

/** What is over sooner than so many states of the first scope are is not worth another thread. */
const STATES_MIN = 1 << 10;

export class ScopeByScope {
  private readonly isolate: Isolate;
  private readonly subject: Subject;
  private readonly ask: CheckAsk;
  private readonly began = process.hrtime.bigint();
  private readonly known = new Map<Bound, Scoped>();
  /** The thread that searches another scope meanwhile. */
  private aside: Aside | null = null;

  constructor(isolate: Isolate, subject: Subject, ask: CheckAsk) {
    this.isolate = isolate;
    this.subject = subject;
    this.ask = ask;
  }

  async search(): Promise<readonly Searched[]> {
    const asks = scopeByScope(this.ask.scopes);
    try {
      let ask = asks.next();
      while (ask.done !== true) {
        const { bound, before } = ask.value;
        if (before.length === 1) this.beginAside(before[0]!.found);
        ask = asks.next(await this.found(bound, before));
      }
      return ask.value;
    } finally {
      this.aside?.end();
    }
  }

  /** Of a scope that was searched. */
  passesOf(bound: Bound): Scoped['passes'] {
    return this.known.get(bound)!.passes;
  }

  private async found(bound: Bound, before: readonly Searched[]): Promise<Exploration> {
    let scoped = this.known.get(bound);
    if (scoped === undefined && this.aside?.bound === bound)
      scoped = await this.fromAside(this.aside, before);
    scoped ??= this.here(bound, before.length === 0);
    this.known.set(bound, scoped);
    return scoped.found;
  }

  /** What the other thread came to; undefined: to nothing. Until it does, the widest scope is searched, if it may be asked for. */
  private async fromAside(aside: Aside, before: readonly Searched[]): Promise<Scoped | undefined> {
    const last = this.ask.scopes.at(-1)!;
    const isWanted = (): boolean => !aside.isOver || aside.isExhausted;
    if (isWanted() && before.every(({ found }) => found.result === 'exhausted')) {
      const ahead = this.here(last, false, () => !isWanted());
      if (isWanted()) this.known.set(last, ahead);
    }
    return aside.answer;
  }

  private here(bound: Bound, isFirst: boolean, isUnwanted = (): boolean => false): Scoped {
    const { reduction, property } = this.ask;
    const helper = isFirst ? this.helper() : null;
    const scoped = searchScope(
      { ...this.subject, bound },
      {
        reduction,
        property,
        help: helper?.begin,
        aside: isFirst ? '' : wider(bound),
        mustStop: () => isUnwanted() || this.isTimeUp,
      },
    );
    helper?.end();
    return scoped;
  }

  /** Where a candidate's process has searched it too, that one's clock says so. */
  private get isTimeUp(): boolean {
    const { limit } = this.ask;
    return limit !== undefined && this.isolate.stage.stops(secondsSince(this.began) - limit);
  }

  /** Two threads, where there are processors for them, and the design is one that each of them has. */
  private get isShared(): boolean {
    return this.ask.threads > 1 && this.ask.candidates.length === 0;
  }

  private helper(): Helper | null {
    const { design, workload, era, scopes, reduction, property } = this.ask;
    const [bound] = scopes;
    if (!this.isShared) return null;
    return new Helper(this.isolate.house, { design, workload, era, bound, reduction, property });
  }

  /** Where the first scope is exhausted there are others: one with a failure, one with more operations, one with both. */
  private beginAside({ result, states }: Exploration): void {
    const { scopes, design, workload, era, reduction, property, limit } = this.ask;
    const bound = scopes.at(-2)!;
    if (!this.isShared || result !== 'exhausted' || states < STATES_MIN) return;
    const left = limit === undefined ? undefined : limit - secondsSince(this.began);
    const ask = { design, workload, era, bound, reduction, property, limit: left };
    this.aside = new Aside(this.isolate.house, ask);
  }
}
