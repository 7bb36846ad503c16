// How mutants are made and hunted: of a class by reflection, of an operation by the counts that it changes; and what
// it takes to be called killed, equivalent or a survivor.
import { GetPutPage, eraOf, type Design, type Loan } from '@lastref/kernel';
import { OPERATIONS } from '@lastref/operations';
import { design as perFrag } from '@lastref/strategies/ian-frag-destructor';
import { design as naive } from '@lastref/strategies/naive-sendpage';
import { describe, expect, test } from 'vitest';
import {
  Baseline,
  hunt,
  hookMutants,
  overridden,
  operationMutants,
  operationCell,
  type Trial,
  type TrialCell,
} from '@lastref/mutants';

const era = eraOf('3.18')!;
const pskbCopy = OPERATIONS.find((m) => m.id === 'pskb_copy')!;

/** As `perFrag`, with a hook that changes nothing and one that nobody calls. */
class Idle extends GetPutPage {
  override returned(_loan: Loan): void {}
  override mayWrite(): boolean {
    return true;
  }
}
const idle: Design = { ...naive, id: 'idle', create: (k) => new Idle(k) };

function cellOf(design: Design): TrialCell {
  return operationCell(design, pskbCopy, 'shared', era, false);
}

/** The runs of a cell, of which something is told otherwise. */
function retold(cell: TrialCell, tell: (run: Trial) => Partial<Trial>): TrialCell {
  return {
    ...cell,
    *runs(joined) {
      for (const run of cell.runs(joined)) yield { ...run, ...tell(run) };
    },
  };
}

describe('hooks', () => {
  test('are found on the class, not written down', () => {
    expect(overridden(perFrag)).toEqual(
      expect.arrayContaining(['lend', 'mayMerge', 'released', 'fragRef', 'fragUnref']),
    );
    expect(overridden(perFrag)).not.toContain('adopt');
    expect(overridden(naive)).toEqual(['returned']);
    expect(overridden({ ...naive, create: (k) => new GetPutPage(k) })).toEqual([]);
  });

  test('each is removed, called twice, and moved by one', () => {
    const changes = hookMutants(perFrag)
      .filter((m) => m.hook === 'released')
      .map((m) => m.change);
    expect(changes).toEqual([
      'removed',
      'called twice',
      'called where returned is',
      'called where replied is',
      'called one call late',
    ]);
  });

  test('a design that forgets to count a copy is seen', () => {
    const base = new Baseline([cellOf(perFrag)]);
    const forgets = hookMutants(perFrag).find((m) => m.hook === 'fragRef')!;
    const hunted = hunt(base, [cellOf(forgets.design)], () => forgets.calls.n);
    expect([hunted.verdict, hunted.runs]).toEqual(['killed', 1]);
  });

  test('what is never called, and what changes nothing, is equivalent for that reason', () => {
    const base = new Baseline([cellOf(idle)]);
    const verdicts = hookMutants(idle)
      .filter((m) => m.change === 'removed')
      .map((m) => {
        const { verdict, by } = hunt(base, [cellOf(m.design)], () => m.calls.n);
        return [m.hook, verdict, by];
      });
    expect(verdicts).toEqual([
      ['returned', 'equivalent', 'the same state after every run'],
      ['mayWrite', 'equivalent', 'never called in any run'],
    ]);
  });

  test('a mutant that does something else, and nothing worse, survives', () => {
    const base = new Baseline([cellOf(naive)]);
    const late = retold(cellOf(naive), () => ({ digest: () => '', told: new Map() }));
    expect(hunt(base, [late], () => 1)).toMatchObject({ verdict: 'survived', better: 0 });
    const clean = retold(late, () => ({ refuted: [] }));
    expect(hunt(base, [clean], () => 1)).toMatchObject({ by: 'judged better', better: 2 });
  });

  test('being told later is seen, being told earlier is not a fault by itself', () => {
    const base = new Baseline([cellOf(perFrag)]);
    const shifted = (by: number): TrialCell =>
      retold(cellOf(perFrag), (run) => ({
        told: new Map([...run.told].map(([l, turn]) => [l, turn + by])),
      }));
    expect(hunt(base, [shifted(1)], () => 1)).toMatchObject({ verdict: 'killed', by: 'late' });
    expect(hunt(base, [shifted(-1)], () => 1).verdict).toBe('survived');
  });
});

describe('orders of release that come to the same are followed once', () => {
  /** A cell that says so of its runs. */
  const said = (joined: readonly Partial<Trial>[], whole: readonly Partial<Trial>[]): TrialCell => {
    const plain: Trial = {
      name: '',
      joined: false,
      refuted: [],
      left: 'nothing',
      told: new Map(),
      digest: () => '',
    };
    return {
      id: 'a cell',
      runs: (together) => (together ? joined : whole).map((run) => ({ ...plain, ...run })),
    };
  };
  const cut = { name: 'b', joined: true, left: 'a page' };
  const base = new Baseline([said([{ name: 'a' }, cut], [{ name: 'a' }, { name: 'b, c' }])]);

  test('a mutant whose orders come together elsewhere is held against every order of the original', () => {
    const elsewhere = [{ name: 'a' }, { name: 'b, c' }];
    const late = [{ name: 'a' }, { name: 'b, c', left: 'a page' }];
    expect(hunt(base, [said(elsewhere, elsewhere)], () => 1)).toMatchObject({
      verdict: 'equivalent',
      runs: 2,
    });
    expect(hunt(base, [said(elsewhere, late)], () => 1)).toMatchObject({ by: 'left over' });
    expect(hunt(base, [said(elsewhere, elsewhere.slice(1))], () => 1)).toMatchObject({
      verdict: 'survived',
    });
  });

  test('of a design that keeps functions in fields every order is run, as no search sees into them', () => {
    const wraps: Design = {
      ...perFrag,
      create: (k) => {
        const lifetime = perFrag.create(k);
        return Object.assign(lifetime, { wrapped: () => lifetime });
      },
    };
    const each = new Baseline([cellOf(wraps)], { joins: false });
    expect(each.runs).toBe([...cellOf(perFrag).runs(false)].length);
    expect(hunt(each, [cellOf(wraps)], () => 1)).toMatchObject({
      verdict: 'equivalent',
      runs: each.runs,
    });
  });

  test('what is left halfway is not held against it', () => {
    const halfway = [{ name: 'a' }, { ...cut, left: 'two pages' }];
    expect(hunt(base, [said(halfway, [])], () => 1).verdict).toBe('equivalent');
  });

  test('and every mutant of a hook is judged as by every order', () => {
    const inAll = (cell: TrialCell): TrialCell => ({ ...cell, runs: () => cell.runs(false) });
    const shinfo = OPERATIONS.find((m) => m.id === 'skb_segment')!;
    const cellIn = (design: Design): TrialCell =>
      operationCell(design, shinfo, 'shared', era, false);
    const together = new Baseline([cellIn(perFrag)]);
    const each = new Baseline([inAll(cellIn(perFrag))]);
    expect(together.runs).toBeLessThan(each.runs);
    for (const mutant of hookMutants(perFrag)) {
      const { calls, design, hook, change } = mutant;
      const verdictOf = (against: Baseline, cell: TrialCell): string => {
        const { verdict, by } = hunt(against, [cell], () => calls.n);
        return `${hook} ${change}: ${verdict}, ${by}`;
      };
      expect(verdictOf(together, cellIn(design))).toBe(verdictOf(each, inAll(cellIn(design))));
    }
  });
});

test('reference calls of an operation are found where counts change, and none is spoiled unseen', () => {
  const mutants = [...operationMutants(perFrag, era, { movers: [pskbCopy] })];
  const shared = mutants.filter((m) => m.situation === 'shared' && m.change === 'left out');
  // The clone takes a half of the pair and the data; the copy takes a reference for each of three entries.
  expect(shared.map((m) => m.call.replace(/,.*/, ''))).toEqual([
    'skb.fcloneRef +1',
    'shinfo.dataref +1',
    'loan.refs +1',
    'loan.refs +1',
    'loan.refs +1',
  ]);
  expect(mutants.every((m) => m.verdict === 'killed')).toBe(true);
});
