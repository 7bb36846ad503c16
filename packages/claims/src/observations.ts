import { keyOf, type AnyFacts, type Run } from './run.ts';

/** What was seen, run by run. */
export class Observations {
  private readonly facts = new Map<string, AnyFacts>();

  add(run: Run, facts: AnyFacts): void {
    this.facts.set(keyOf(run), facts);
  }

  readonly of = (run: Run): AnyFacts => {
    const facts = this.facts.get(keyOf(run));
    if (facts === undefined) throw new RangeError(`not run: ${keyOf(run)}`);
    return facts;
  };
}
