// A design that refused a step is asked again once it could answer otherwise, and not before: whoever would ask after every step
// would tell equal states apart.
import { Agenda, SingleStep, Spend } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';

class Does extends SingleStep {
  readonly lending: boolean;
  private readonly work: () => void;

  constructor(name: string, work: () => void, { lending = true, eager = false } = {}) {
    super(name, 'goes on', Spend.NOTHING, eager);
    this.lending = lending;
    this.work = work;
  }

  override get lendsNothing(): boolean {
    return !this.lending;
  }

  take(): boolean {
    this.work();
    return true;
  }
}

/** An agenda on which the design has refused a step, and somebody else who can go on. */
function refusedBeside(kind?: { lending?: boolean; eager?: boolean }) {
  const agenda = new Agenda();
  const asks = new Does('the one that asks', () => agenda.refuse());
  const other = new Does('somebody else', () => undefined, kind);
  for (const source of [asks, other]) agenda.arm(agenda.add(source), 0);
  agenda.take(asks.place, 0, 0);
  return { agenda, asks, other };
}

describe('a step that a design has refused', () => {
  test('is put off, and all are at rest when nobody else has anything to do', () => {
    const { agenda, asks, other } = refusedBeside();
    expect([agenda.isRefused(asks.place), agenda.atRest]).toEqual([true, false]);
    agenda.disarm(other.place);
    expect(agenda.atRest).toBe(true);
    expect(agenda.keptWaiting).toBe(asks);
    agenda.disarm(asks.place);
    expect(agenda.keptWaiting).toBeNull();
  });

  test('is asked for again behind a step of a host that lends', () => {
    const { agenda, asks, other } = refusedBeside();
    agenda.take(other.place, 0, 0);
    expect(agenda.isRefused(asks.place)).toBe(false);
  });

  test.each([{ lending: false }, { eager: true }])(
    'is not behind a step that no design can have learned from: %o',
    (kind) => {
      const { agenda, asks, other } = refusedBeside(kind);
      agenda.take(other.place, 0, 0);
      expect(agenda.isRefused(asks.place)).toBe(true);
    },
  );
});
