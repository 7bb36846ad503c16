// What a reduced search leaves out is looked for behind it, in runs at random: whoever learns or tells something there, or is
// known to look, has coupled his hosts.
import type { Design, Kernel, Loan, Services, SkBuff, Sock } from '@lastref/kernel';
import { expect, test, vi } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { PerFrag } from '../../kernel/test/designs.ts';
import { HostsAreCoupled, SEES } from '../src/exhaustive/coupled.ts';
import { mustNotSeeLater } from '../src/exhaustive/seen-later.ts';
import { DEFAULT_BOUND, Start, type CellInput, type ExploreOptions } from '../src/index.ts';
import { inputOf } from './cells.ts';

const OPTIONS: ExploreOptions = { bound: { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 } };

/** null: nothing is seen later; else: is it at the host that lends nothing? */
function coupled(
  input: CellInput,
  {
    there = false,
    steps = 0,
    ...more
  }: Partial<ExploreOptions> & { there?: boolean; steps?: number } = {},
): boolean | null {
  try {
    mustNotSeeLater({ ...OPTIONS, ...more }, new Start(input, false, true), { there, steps });
    return null;
  } catch (error) {
    if (error instanceof HostsAreCoupled) return error.there;
    throw error;
  }
}

/** Counts in each frag, and completes with the last one. */
class Counted extends PerFrag {
  override keepsOwner(): boolean {
    return true;
  }
}

function designOf(Kind: new (k: Services) => Counted): Design {
  return { ...naive, id: 'counted', create: (k) => new Kind(k) };
}

const inputFor = (Kind: new (k: Services) => Counted): CellInput =>
  inputOf(designOf(Kind), 'bulk-loss');

/** Knows how often it was lent something. */
class LearnsHere extends Counted {
  private times = 0;

  override begins(loan: Loan): void {
    super.begins(loan, null);
    this.times++;
  }
}

/** Knows how many packets have gone, at whichever host. */
class LearnsAnywhere extends Counted {
  private times = 0;

  override skbDestructor(): void {
    this.times++;
  }
}

/** Tells the producer as soon as the other host has something of it. */
class TellsThere extends Counted {
  private loan: Loan | null = null;
  private client: Sock | null = null;

  override begins(loan: Loan): void {
    this.loan = loan;
  }

  override charged({ sk }: SkBuff): void {
    this.client ??= sk;
    if (sk !== this.client && this.loan?.completed === false) this.k.complete(this.loan);
  }
}

test('who learns nothing, or at the host that lends and is known to, is seen to do nothing later', () => {
  expect(coupled(inputFor(Counted))).toBeNull();
  expect(coupled(inputFor(LearnsHere))).toBe(false);
  expect(coupled(inputFor(LearnsHere), { there: true })).toBeNull();
});

test('who learns at the host that lends nothing is seen, known or not to learn', () => {
  expect(coupled(inputFor(LearnsAnywhere), { there: true })).toBe(true);
  expect(coupled(inputFor(LearnsAnywhere))).not.toBeNull();
});

test('so is who tells there, also where that is not what is searched for', () => {
  const lost: Partial<ExploreOptions> = { property: 'lost' };
  expect(coupled(inputFor(TellsThere), { there: true, ...lost })).toBe(true);
});

test('and who is refuted by a run, or is known to look at what waits', () => {
  class Looks extends Counted {
    get [SEES](): boolean {
      return true;
    }
  }
  class DoesNot extends Counted {
    get [SEES](): boolean {
      return false;
    }
  }
  expect(coupled(inputOf(naive, 'sendfile-locked'))).toBe(true);
  expect([Looks, DoesNot].map((Kind) => coupled(inputFor(Kind)))).toEqual([true, null]);
});

test('there are some runs behind the smallest search, and a tenth as many steps as behind a large one', () => {
  const ran = (steps: number) => {
    const start = new Start(inputOf(ian, 'bulk-loss'), false, true);
    const machine = vi.spyOn(start, 'machine');
    const before: Kernel = start.machineInUse.k;
    let taken = 0;
    const take = before.agenda.take.bind(before.agenda);
    before.agenda.take = (...step) => {
      taken++;
      return take(...step);
    };
    mustNotSeeLater(OPTIONS, start, { there: false, steps });
    return { runs: machine.mock.calls.length - 1, taken }; // one more to ask whether it sees
  };
  const least = ran(0);
  expect(least.runs).toBe(32);
  expect(ran(5 * least.taken)).toEqual(least); // as many do for that
  const more = ran(30 * least.taken);
  expect(more.taken).toBeGreaterThan(2.5 * least.taken);
  expect(more.taken).toBeLessThan(4 * least.taken);
});
