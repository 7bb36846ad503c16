// A candidate is not asked for what it leaves to mainline, where mainline does nothing: nobody can tell but by the time it
// takes. What it leaves is known when it is made, and stays so.
import { readFileSync } from 'node:fs';
import {
  GetPutPage,
  Kernel,
  type Life,
  NoProbe,
  Site,
  Sock,
  allocSkb,
  eraOf,
  kfreeSkb,
  skbClone,
  skbOrphanFrags,
  skbSetOwnerW,
  type Design,
  type Loan,
  type Services,
  type SkBuff,
} from '@lastref/kernel';
import { Cell, MachineFingerprint, type CellResult } from '@lastref/search';
import { captureWorkload } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import {
  LEFT,
  NONE_QUIET,
  QUIET_ANSWERS,
  mayBeQuiet,
  quietBit,
  quietHooks,
} from '../src/candidates/quiet.ts';
import {
  ASKED,
  Broken,
  HOOKS,
  argumentsOf,
  type Asked,
  type Hook,
} from '../src/candidates/rules.ts';
import { Watch, behindGuard, guarded } from '../src/candidates/guard.ts';
import { share } from '../src/candidates/shared.ts';
import { SEAM } from '../src/tape/lives.ts';
import { Word } from '../src/tape/words.ts';
import { Books, byClock, designOf, playing, said, tapeOf } from './taped.ts';

/** Whoever touches it is heard. */
const untouchable = new Proxy(Object.freeze({}), {
  get: (_, name) => {
    throw new Error(`it reads ${String(name)}`);
  },
}) as never;

class Released extends GetPutPage {
  override released(loan: Loan): void {
    this.k.complete(loan);
  }
}
class Further extends Released {
  override acked(): void {}
}
share({ Released, Further });

const make = (kind: typeof GetPutPage) => new kind(untouchable);
const names = (bits: number): Hook[] => HOOKS.filter((_, n) => (bits & quietBit(n)) !== 0);

/** Which hooks stand on a tape of a run. */
function askedOn(words: readonly number[]): Set<Asked> {
  const found = new Set<Asked>();
  words.forEach((word, at) => {
    const hook = ASKED[words[at + 2]!];
    if (word === Word.HOOK && words[at + 1] === 0 && hook !== undefined) found.add(hook);
  });
  return found;
}

describe('what is quiet', () => {
  test.each(names(quietHooks(make(GetPutPage))))('%s: mainline touches nothing there', (hook) => {
    const mainline = make(GetPutPage) as unknown as Record<Hook, (...args: never[]) => unknown>;
    const given = argumentsOf(hook).map(() => untouchable);
    expect(mainline[hook](...given)).toBe(QUIET_ANSWERS[HOOKS.indexOf(hook)]);
  });

  test('is all that mainline does nothing in', () => {
    const loud = HOOKS.filter((hook, n) => !mayBeQuiet(1 << n) || quietBit(n) === 0);
    expect(loud).toEqual(['lend', 'fragRef', 'fragUnref', 'pageRef', 'pageUnref', 'orphanFragsRx']);
  });

  test('is nothing that the candidate, or a class above its own, has itself', () => {
    const all = names(quietHooks(make(GetPutPage)));
    expect(names(quietHooks(make(Released)))).toEqual(all.filter((hook) => hook !== 'released'));
    expect(names(quietHooks(make(Further)))).toEqual(
      all.filter((hook) => hook !== 'released' && hook !== 'acked'),
    );
    const own = Object.defineProperty(make(GetPutPage), 'mayWrite', { value: () => false });
    expect(names(quietHooks(own))).toEqual(all.filter((hook) => hook !== 'mayWrite'));
  });

  test('is nothing where the next answer could be another one', () => {
    class Open extends GetPutPage {}
    const alike = Object.fromEntries(HOOKS.map((hook) => [hook, () => {}]));
    const behind = new Proxy(make(GetPutPage), {});
    const above = Object.create(new Proxy(Released.prototype, {})) as object;
    for (const made of [make(Open), alike, behind, above])
      expect(quietHooks(made)).toBe(NONE_QUIET);
  });
});

describe('a run', () => {
  const kinds = [
    ['of one that counts', designOf((services) => new Books(services))],
    ['of one with one hook', designOf((services) => new Released(services))],
  ] as const;

  test.each(kinds)('%s asks for what is its own, and comes out as ever', (_, design) => {
    const own = byClock(design, 'nfs-odirect');
    const words = said(design, (as) => byClock(as, 'nfs-odirect'));
    const asked = askedOn(words);
    expect(asked).toContain('released');
    expect(asked).not.toContain('zcopyClear'); // for each packet that is freed
    expect(asked).not.toContain('charged');
    const again = byClock(playing(design, tapeOf(words)), 'nfs-odirect');
    expect(again.digest).toBe(own.digest);
    expect(again.judgement.verdicts).toEqual(own.judgement.verdicts);
  });

  /** Changes what it is while a run goes on. */
  const turns: [string, (made: object) => void][] = [
    ['a hook of its own', (o) => void Object.defineProperty(o, 'zcopyClear', { value: () => {} })],
    ['a getter', (o) => void Object.defineProperty(o, 'zcopyClear', { get: () => () => {} })],
    ['another class', (o) => void Object.setPrototypeOf(o, Further.prototype)],
  ];
  test.each(turns)('of one that gets %s on the way is stopped', (_, turn) => {
    class Turning extends GetPutPage {
      override lend(...given: Parameters<GetPutPage['lend']>): void {
        super.lend(...given);
        turn(this);
      }
    }
    share({ Turning });
    const turning = designOf((services: Services) => new Turning(services));
    expect(() => said(turning, (as) => byClock(as, 'nfs-odirect'))).toThrow(
      new Broken('', 'it is another one than it was when create returned', 'hooks').message,
    );
  });

  test('whose tape calls a hook quiet in which mainline does something is none', () => {
    const design = designOf((services) => new Released(services));
    const words = said(design, (as) => byClock(as, 'nfs-odirect'));
    const at = words.indexOf(Word.ANSWER) + 1; // create returns
    expect(words[at]).toBe(quietHooks(make(Released)));
    words[at] = words[at]! | (1 << HOOKS.indexOf('fragRef'));
    expect(() => byClock(playing(design, tapeOf(words)), 'nfs-odirect')).toThrow(
      /hooks -?\d+ do nothing, and some of these do/,
    );
  });

  /** Keeps whose packet was cloned last. It has no hook for what is freed. */
  class Keeps extends GetPutPage {
    kept: Life<SkBuff> | null = null;
    override clone(skb: SkBuff): 0 {
      this.kept = new SEAM.Life(skb);
      return 0;
    }
  }
  /** Keeps who was handed on last. */
  class KeepsHanded extends GetPutPage {
    kept: Life<SkBuff> | null = null;
    override orphanFrags(skb: SkBuff): void {
      this.kept = new SEAM.Life(skb);
    }
  }
  share({ Keeps, KeepsHanded });

  /** A capture whose other side never closed: who waits for an answer is not judged. */
  const capture = new URL('../../capture/test/inputs/bulk-ends-unacked.pcap', import.meta.url);
  const workload = captureWorkload(readFileSync(capture), 'bulk-ends-unacked.pcap');
  const driven = (design: Design): CellResult =>
    new Cell({ design, workload, era: eraOf('3.8')!, seed: 1 }).runByClock();

  class Answered extends Released {
    override replied(): void {}
  }
  share({ Answered });

  test.each([
    ['of one that leaves the answer to mainline does not wait for one', Released, false],
    ['of one that hears the answer waits for it', Answered, true],
  ])('%s', (_, kind, waits) => {
    const design = designOf((services) => new kind(services));
    const own = driven(design);
    expect(own.notJudged !== '').toBe(waits);
    let there: CellResult | null = null;
    const words = said(design, (as) => (there = driven(as)));
    const trusted = driven(guarded(design, new Watch('mine.ts')));
    for (const one of [there!, driven(playing(design, tapeOf(words))), trusted]) {
      expect(one.notJudged).toBe(own.notJudged);
      expect(one.judgement.verdicts).toEqual(own.judgement.verdicts);
      expect(one.digest).toBe(own.digest);
    }
  });

  test('in which one is given the hook for answers later, beside the judge, asks it', () => {
    const heard: Loan[] = [];
    const design = designOf((services) => new Released(services));
    const k = new Kernel(design, eraOf('3.8')!, new NoProbe(), 8);
    const late = guarded(design, new Watch('mine.ts')).create(k);
    expect(Reflect.get(late, 'replied')).toBe(LEFT);
    const replied = { value: (loan: Loan) => void heard.push(loan) };
    Object.defineProperty(behindGuard(late), 'replied', replied);
    late.replied({} as Loan);
    expect(heard.length).toBe(1);
  });

  test('in which a clone is freed, for which there is no hook, tells that a life of it is over', () => {
    const seen: string[] = [];
    const run = (as: Design): void => {
      const k = new Kernel(as, eraOf('3.8')!, new NoProbe(), 8);
      const clone = skbClone(k, allocSkb(k, 128, false), Site.TAP);
      skbOrphanFrags(k, clone);
      for (const free of [false, true]) {
        if (free) kfreeSkb(k, clone);
        const print = new MachineFingerprint();
        print.design(k.lifetime);
        seen.push(`${print.lo} ${print.hi}`);
        if (free) allocSkb(k, 128, false); // in the place of the clone
      }
      const print = new MachineFingerprint();
      print.design(k.lifetime);
      seen.push(`${print.lo} ${print.hi}`);
    };
    const design = designOf((services) => new KeepsHanded(services));
    const words = said(design, run, true);
    seen.length = 0;
    run(playing(design, tapeOf(words), true));
    expect(seen[1]).not.toBe(seen[0]);
    expect(seen[2]).toBe(seen[1]);
  });

  /** Keeps the first packet that was handed on, and, of another one, the socket that the first one is on by then. */
  class KeepsSock extends GetPutPage {
    packet: SkBuff | null = null;
    sk: unknown = null;
    override orphanFrags(skb: SkBuff): void {
      if (this.packet !== null) this.sk = this.packet.sk;
      this.packet ??= skb;
    }
  }
  share({ KeepsSock });

  test('in which a packet that somebody keeps is charged, and nobody is asked, has a socket that may be kept', () => {
    let sk: Sock | null = null;
    const run = (as: Design): void => {
      const k = new Kernel(as, eraOf('3.8')!, new NoProbe(), 8);
      const [skb, other] = [allocSkb(k, 128, false), allocSkb(k, 128, false)];
      skbOrphanFrags(k, skb);
      sk = new Sock();
      skbSetOwnerW(k, skb, sk); // charged
      skbOrphanFrags(k, other);
      new MachineFingerprint().design(k.lifetime);
    };
    const design = designOf((services) => new KeepsSock(services));
    const words = said(design, run, true);
    run(playing(design, tapeOf(words), true));
    expect(sk).not.toBeNull();
  });

  test('in which a packet is freed, and nobody is asked, tells that a life of it is over', () => {
    const seen: string[] = [];
    const look = (k: Kernel): void => {
      const print = new MachineFingerprint();
      print.design(k.lifetime);
      seen.push(`${print.lo} ${print.hi}`);
    };
    const run = (as: Design): void => {
      const k = new Kernel(as, eraOf('3.8')!, new NoProbe(), 8);
      const skb = allocSkb(k, 128, false);
      kfreeSkb(k, skbClone(k, skb, Site.TAP));
      look(k);
      kfreeSkb(k, skb);
      look(k);
      allocSkb(k, 128, false); // in the place of the one before
      look(k);
    };
    const design = designOf((services) => new Keeps(services));
    const words = said(design, run, true);
    seen.length = 0;
    run(playing(design, tapeOf(words), true));
    const [alive, over, other] = seen;
    expect(over).not.toBe(alive);
    expect(other).toBe(over);
  });
});
