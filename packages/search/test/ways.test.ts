// What a search says when it looks at itself: two ways that led to what it took for one state part somewhere, or an order that it
// left out does matter. The words are all that a reader has to find out why. Here the second of two times is not like the first.
import { GetPutPage, type Design, type Loan } from '@lastref/kernel';
import { Prng } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Audit } from '../src/exhaustive/audit.ts';
import { Host, choicesWithin } from '../src/exhaustive/choices.ts';
import { edgeOf, type Edge } from '../src/exhaustive/edges.ts';
import { Orders } from '../src/exhaustive/orders.ts';
import { Player } from '../src/exhaustive/player.ts';
import type { States } from '../src/exhaustive/states.ts';
import { DEFAULT_BOUND, MachineFingerprint, Start, type Bound, type Cell } from '../src/index.ts';
import { inputOf } from './cells.ts';

const bound: Bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };

/** How often it was asked for the way, and whether that has an effect. */
let times = 0;

/** Tells the producer when its reply comes; the second time perhaps something else than that. */
function second(what: 'the same' | 'nobody' | 'twice' | 'at once'): Design {
  class Second extends GetPutPage {
    override begins(loan: Loan): void {
      if (what === 'at once' && times > 1) this.k.complete(loan);
    }
    override replied(loan: Loan): void {
      if (what === 'nobody' && times > 1) return;
      if (!loan.completed) this.k.complete(loan);
      if (what === 'twice' && times > 1) this.k.complete(loan);
    }
  }
  return { ...naive, create: (k) => new Second(k) };
}

/** Takes every state for the same. */
class Blind extends MachineFingerprint {
  override of(): void {
    this.hi = -1;
    this.lo = 0xab;
  }
}

/** A search of that design that met the state `left` steps before its end. */
function searched(design: Design, left: number, fingerprint = new MachineFingerprint()) {
  times = 0;
  const start = new Start(inputOf(design, 'nfs-odirect'), false, true);
  const options = { bound };
  const player = new Player(start, options, null);
  const cell = start.machine();
  const path: Edge[] = [];
  for (let spent = 0; ; spent = path.at(-1)!.spent) {
    const { rows } = choicesWithin(bound, cell.k.agenda, spent);
    if (rows.length === 0) break;
    path.push(edgeOf(rows, 0));
    player.takeOne(cell, path.at(-1)!);
  }
  expect(path.length).toBeGreaterThan(10);
  const way = path.slice(0, path.length - left);
  const states = {
    pathTo(state: number): Edge[] {
      times++;
      return state === 0 ? way : way.slice(0, -1);
    },
  } as unknown as States;
  return { way, all: { player, fingerprint, states, options } };
}

describe('two ways', () => {
  const doubt = (design: Design, left: number, fingerprint?: MachineFingerprint): string | null => {
    const { way, all } = searched(design, left, fingerprint);
    const audit = new Audit(all);
    audit.met(0, 1, way.at(-1)!);
    const reason = audit.run();
    expect(audit.tried).toBe(1);
    return reason;
  };
  const parts = (where: string, one: string, other: string): string =>
    `two ways lead to what was taken for one state, and part ${where}: ${one} after one, ${other} after the other`;

  test('that are alike leave no doubt', () => {
    for (const left of [0, 1, 2, 5]) expect(doubt(second('the same'), left)).toBeNull();
  });

  test('part where they lead to two states', () => {
    const reason = doubt(second('at once'), 0)!;
    const states = reason.match(/state [0-9a-f]{16} and 0 possible steps \(\)/g) as [
      string,
      string,
    ];
    expect(new Set(states).size).toBe(2);
    expect(reason).toBe(parts('there', states[0], states[1]));
  });

  test('part where the one shows a finding', () => {
    const none = 'state ffffffff000000ab';
    const found = `${none} with double (hazard, producer)`;
    const steps = '0 possible steps ()';
    expect(doubt(second('twice'), 0, new Blind())).toBe(
      parts('there', `${none} and ${steps}`, `${found} and ${steps}`),
    );
  });

  test('part where something else is possible, be it some steps later, which are named', () => {
    const there = 'state ffffffff000000ab and';
    expect(doubt(second('nobody'), 3, new Blind())).toBe(
      parts(
        'there',
        `${there} 3 possible steps (4096 0 16384 0 28672 0)`,
        `${there} 2 possible steps (4096 0 16384 0)`,
      ),
    );
    const step = `'link b>a delivers' leads to ${there}`;
    expect(doubt(second('nobody'), 5, new Blind())).toBe(
      parts(
        '1 steps later',
        `${step} 2 possible steps (0 0 28672 0)`,
        `${step} 1 possible steps (0 0)`,
      ),
    );
  });

  test('part where both are at an end, and somebody was never told after one', () => {
    for (const [left, later] of [
      [0, 1],
      [3, 4],
    ] as const)
      expect(doubt(second('at once'), left, new Blind())).toBe(
        parts(`${later} steps later`, 'an end', 'an end with lost'),
      );
  });

  test('are looked at closely where they meet, a step later, and ten steps later', () => {
    for (const [nth, where] of [
      [4, 'there'],
      [5, '1 steps later'],
      [6, '10 steps later'],
    ] as const) {
      let looks = 0;
      class Once extends Blind {
        override of(): void {
          super.of();
          if (++looks === nth) this.lo++;
        }
      }
      const reason = doubt(second('the same'), 14, new Once())!;
      expect(reason).toContain(`and part ${where}: `);
      expect(reason).toMatch(
        /state ffffffff000000ab and .* after one, .*state ffffffff000000ac and /,
      );
      expect(looks).toBe(6);
    }
  });
});

describe('an order that was left out', () => {
  /** From the first look on the machine is another one. */
  class Turns extends MachineFingerprint {
    override of(cell: Cell, extra: number): void {
      super.of(cell, extra);
      times = 2;
    }
  }
  const doubt = (design: Design, left: number, host: Host): string | null => {
    const { all } = searched(design, left, new Turns());
    return new Orders(all).differ({ state: 0, host }, new Prng(1));
  };
  const behind = (steps: number): string =>
    `was left out behind ${steps} steps of another host as an order that cannot matter:`;

  test('and matters leads to another state, or to a finding, or is not possible', () => {
    const { LENDS, LENDS_NOTHING } = Host;
    expect(doubt(second('the same'), 3, LENDS)).toBeNull();
    const reason = doubt(second('at once'), 3, LENDS)!;
    const [one, other] = reason.match(/state \d+ \d+/g)!;
    expect(one).not.toBe(other);
    expect(reason).toBe(
      `'txdone nic a frees what was sent' ${behind(1)} ${one} there, ${other} before them`,
    );
    expect(doubt(second('twice'), 3, LENDS_NOTHING)).toMatch(
      /^'link a>b delivers' .* behind 2 steps .*: state \d+ \d+ there, a finding \(double\) before them$/,
    );
    expect(doubt(second('nobody'), 2, LENDS)).toMatch(
      /^'nfs writer 0 .*' .* behind 1 steps .* there, a step that is not possible before them$/,
    );
  });

  test('is none where steps of another host make more possible at this one', () => {
    expect(doubt(second('the same'), 9, Host.LENDS)).toBe(
      "'link b>a delivers' was left out as an order that cannot matter, and steps of another host change what may happen there",
    );
  });
});
