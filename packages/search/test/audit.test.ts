// Canaries for the search, as there are for the judge: searches that are wrong on purpose, and what notices.
import {
  Destructor,
  GetPutPage,
  eraOf,
  type Agenda,
  type Design,
  type Loan,
  type Page,
  type Services,
  type SkBuff,
} from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import {
  DEFAULT_BOUND,
  MachineFingerprint,
  type Beliefs,
  explore,
  type Bound,
  type ExploreOptions,
  type Exploration,
  type Known,
} from '../src/index.ts';
import { enough, type Enough } from '../src/exhaustive/ample.ts';
import { Host, Row } from '../src/exhaustive/choices.ts';
import type { Cell } from '../src/cell.ts';

const era = eraOf('3.8')!;

function search(
  design: Design,
  workload: string,
  bound: Partial<Bound> = {},
  options: Omit<ExploreOptions, 'bound'> = {},
): Exploration {
  const whole: Bound = { ...DEFAULT_BOUND, ...bound };
  const small = miniature(workloadCalled(workload)!, whole.operations);
  return explore({ design, workload: small, era, seed: 1 }, { bound: whole, ...options });
}

const NOTHING: number = 0;
const ACKED = 1;
const FREED = 2;
const BOTH = ACKED | FREED;

/**
 * Completes at the reply, and a second time if two things had happened in a certain order: an acknowledgement came, and
 * the device's clone was freed. Behind both the machines are alike but for the field that remembers which was first;
 * with no name for it, a variable that no machine has remembers.
 */
function ordered(field: string, wrong: number): Design {
  let closure = NOTHING;
  class Ordered extends GetPutPage {
    private seen: number = NOTHING;

    constructor(services: Services) {
      super(services);
      this.remember(NOTHING);
    }

    private remember(what: number): void {
      if (field === '') closure = what;
      else Reflect.set(this, field, what);
    }

    private saw(what: number): void {
      if (this.seen === NOTHING) this.remember(what);
      this.seen |= what;
    }

    override lend(skb: SkBuff, page: Page, at: number, size: number, loan: Loan): void {
      super.lend(skb, page, at, size, loan);
      this.seen = NOTHING;
      this.remember(NOTHING);
    }

    override acked(): void {
      this.saw(ACKED);
    }

    override skbDestructor(skb: SkBuff): void {
      if (skb.destructor === Destructor.SOCK_WFREE) this.saw(FREED);
    }

    override replied(loan: Loan): void {
      if (!loan.completed) this.k.complete(loan);
      const first: unknown = field === '' ? closure : Reflect.get(this, field);
      if (this.seen === BOTH && first === wrong) this.k.complete(loan);
    }
  }
  return { ...naive, id: `ordered-${wrong}`, create: (k) => new Ordered(k) };
}

/** No step may make anything late: the reply comes to whoever is done with the pages. */
const QUIET = { drops: 0, retransmissions: 0 };

test('a design is refuted in as many steps however its only memory is called', () => {
  const names = ['order', 'when', 'config', 'options', 'name', 'due', 'place', 'serial', 'route'];
  for (const wrong of [ACKED, FREED]) {
    const [first, ...others] = names.map((name) =>
      search(ordered(name, wrong), 'nfs-odirect', QUIET),
    );
    const { result, steps, states, executions } = first!;
    expect(result).toBe('refuted');
    for (const other of others) expect(other).toMatchObject({ result, steps, states, executions });
  }
});

/** A fingerprint that does not know `field` of the objects of `kind`. */
function forgetting(
  kind: abstract new (...args: never[]) => object,
  field: string,
): MachineFingerprint {
  class Forgetful extends MachineFingerprint {
    protected override one(known: Known): void {
      const { o } = known;
      if (!(o instanceof kind)) {
        super.one(known);
        return;
      }
      const value: unknown = Reflect.get(o, field);
      Reflect.set(o, field, 0);
      super.one(known);
      Reflect.set(o, field, value);
    }
  }
  return new Forgetful();
}

describe('a search that is wrong on purpose notices', () => {
  // which of the two orders is met first, and so keeps the other from being looked at, is the search's own affair
  test('a field that its fingerprint forgot', () => {
    const fingerprint = () => forgetting(GetPutPage, 'order');
    const found = [ACKED, FREED].map((wrong) =>
      search(ordered('order', wrong), 'nfs-odirect', QUIET, {
        reduction: false,
        beliefs: { fingerprint },
      }),
    );
    expect(found.map((f) => f.result).toSorted()).toEqual(['not-a-proof', 'refuted']);
    expect(found.find((f) => f.result === 'not-a-proof')!.reason).toMatch(
      /^two ways lead to what was taken for one state, and part/,
    );
  });

  test('state of a design that no field holds', () => {
    const found = [ACKED, FREED].map((wrong) =>
      search(ordered('', wrong), 'nfs-odirect', QUIET, { reduction: false }),
    );
    expect(found.map((f) => f.result)).not.toContain('exhausted');
    expect(found.map((f) => f.result)).toContain('not-a-proof');
  });

  test('fingerprints that are too short', () => {
    class Short extends MachineFingerprint {
      override of(cell: Cell, extra: number): void {
        super.of(cell, extra);
        this.hi = 0;
        this.lo &= 0x7f;
      }
    }
    const beliefs = { fingerprint: () => new Short() };
    expect(search(ian, 'sendfile-locked', {}, { beliefs }).result).toBe('not-a-proof');
  });

  test.each<[string, Partial<Bound>, Enough]>([
    ['one host whose steps are always taken for enough', {}, hostOfTheFirst],
    ['wires that are taken for never empty', {}, onEitherSide],
    [
      'twins on a wire that are taken to mind no sender',
      { ...QUIET, duplicates: 1 },
      (agenda, bound, rows, spent) => enough(agenda, { ...bound, duplicates: 0 }, rows, spent),
    ],
  ])('%s', (_, bound, isEnough) => {
    const beliefs = { enough: isEnough };
    const { result, reason } = search(ian, 'nfs-odirect', bound, { beliefs });
    expect([result, reason]).toEqual(['not-a-proof', expect.stringContaining('was left out')]);
  });
});

/** The host of whatever is possible first. */
function hostOfTheFirst(_: Agenda, __: Bound, rows: Int32Array): Host | null {
  return rows.length === 0 ? null : (rows[Row.HOST] as Host);
}

/** The host that lends nothing, if it can do anything, and whether or not a packet waits for it. */
function onEitherSide(_: Agenda, __: Bound, rows: Int32Array): Host | null {
  for (let at = 0; at < rows.length; at += Row.WORDS)
    if (rows[at + Row.HOST] === Host.LENDS_NOTHING) return Host.LENDS_NOTHING;
  return null;
}

/** Counts something that happens: what two hosts have in common, whether or not anybody asks for it. */
abstract class Counting extends GetPutPage {
  protected counted = 0;

  protected count(): void {
    this.counted = (this.counted + 1) % 3;
  }

  override replied(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan);
  }
}

class Frees extends Counting {
  override skbDestructor(): void {
    this.count();
  }
}

/** Only hosts that lend do it. */
class Lends extends Counting {
  override lend(skb: SkBuff, page: Page, at: number, size: number, loan: Loan): void {
    super.lend(skb, page, at, size, loan);
    this.count();
  }
}

class Nothing extends Counting {}

test('hosts that a design couples are not taken for independent', () => {
  const statesOf = (kind: new (k: Services) => Counting, beliefs: Partial<Beliefs>): number => {
    const design: Design = { ...naive, id: kind.name, create: (k) => new kind(k) };
    return search(design, 'nfs-odirect', QUIET, { beliefs }).states;
  };
  for (const kind of [Frees, Lends])
    expect(statesOf(kind, {}), kind.name).toBe(statesOf(kind, { enough: null }));
  expect(statesOf(Nothing, {})).toBeLessThan(statesOf(Nothing, { enough: null }));
});

test('what is right is proven, after as much of a look as was said', () => {
  const { result, reason, audited } = search(ian, 'sendfile-locked');
  expect([result, reason]).toEqual(['exhausted', null]);
  expect(audited).toBeGreaterThanOrEqual(48);
});

test('a search past findings of others is told by its own property alone: they are history', () => {
  const found = search(naive, 'nfs-odirect', {}, { property: 'stray' });
  expect([found.result, found.reason]).toEqual(['exhausted', null]);
  expect(found.audited).toBeGreaterThan(20);
});

test('two ways to one state may have tried more and less on the way: that is no reason to doubt it', () => {
  const workload = miniature(workloadCalled('nfs-buffered')!, 1);
  // the kernel in which samples of the search have such a pair
  const { result, reason, exercised } = explore(
    { design: ian, workload, era: eraOf('6.1.192')!, seed: 1 },
    { bound: { ...DEFAULT_BOUND, ...QUIET, failures: 1 } },
  );
  expect([result, reason]).toEqual(['exhausted', null]);
  expect(exercised.has('corrupt')).toBe(true);
});
