// Two processors: a step of one comes in while a step of the other is between a look at a count and what rests on it.
import {
  GetPutPage,
  eraOf,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { Cell, DEFAULT_BOUND, explore, type Exploration } from '../src/index.ts';
import { LONG } from '../../../scripts/tier.ts';

/** Entries that refer to a loan, counted without a lock. */
class Users extends GetPutPage {
  protected readonly users = this.k.sideField<Loan, number>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    skb.shinfo.frags[skb.shinfo.nrFrags - 1]!.loan = loan;
    this.add(loan, 1);
  }

  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan;
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    super.fragRef(shinfo, frag);
    if (frag.loan !== null) this.add(frag.loan, 1);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { loan } = frag;
    super.fragUnref(shinfo, frag);
    if (loan !== null) this.add(loan, -1);
  }

  override released(): void {}

  protected add(loan: Loan, by: number): void {
    const users = (this.users.get(loan) ?? 0) + by;
    this.users.set(loan, users);
    if (users === 0) this.k.complete(loan);
  }
}

/** The same, with the page put between the look at the count and the new one. */
class LooksFirst extends Users {
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { loan } = frag;
    const users = loan === null ? 0 : (this.users.get(loan) ?? 0);
    GetPutPage.prototype.fragUnref.call(this, shinfo, frag);
    if (loan === null) return;
    this.users.set(loan, users - 1);
    if (users === 1) this.k.complete(loan);
  }
}

function designOf(id: string, create: Design['create']): Design {
  return {
    id,
    title: 'a count without a lock',
    year: 2026,
    source: 'io_uring/zcrx.c io_zcrx_return_niov, as it was',
    status: 'practice',
    summary: 'Whoever drops the last one tells.',
    adds: [],
    hooks: 0,
    claims: [],
    create,
  };
}

const atOnce = designOf('at-once', (k) => new Users(k));
const looksFirst = designOf('looks-first', (k) => new LooksFirst(k));

/** Nothing of it rests on a packet that is sent again. */
const FEW = LONG ? { drops: 0 } : { drops: 0, retransmissions: 0 };

function check(design: Design, preemptions: number): Exploration {
  return explore(
    { design, workload: miniature(workloadCalled('bulk-loss')!, 1), era: eraOf('3.2')!, seed: 1 },
    { bound: { ...DEFAULT_BOUND, ...FEW, preemptions } },
  );
}

describe('a count that is looked at first and set later', () => {
  test('is right where one step ends before the next begins', () => {
    expect(check(looksFirst, 0).result).toBe('exhausted');
  });

  test('loses one of two that drop it together', () => {
    const { result, finding, trace } = check(looksFirst, 1);
    expect([result, finding?.property]).toEqual(['refuted', 'lost']);
    const workload = miniature(workloadCalled('bulk-loss')!, 1);
    const played = new Cell({ design: looksFirst, workload, era: eraOf('3.2')!, seed: 1 }).play(
      trace!,
    );
    expect(played.judgement.findings.map((f) => f.property)).toContain('lost');
  });

  test('is right where nothing comes between', () => {
    expect(check(atOnce, 1).result).toBe('exhausted');
  });
});

test('a design that holds, holds with two processors', () => {
  const { result, states } = check(ian, 1);
  expect(result).toBe('exhausted');
  expect(states).toBeGreaterThan(check(ian, 0).states);
});
