// What a candidate said, played again where none of its code is: the same run, the same verdict, the same search. And
// whatever else stands on a tape is said to be no such thing, and nothing worse comes of it.
import {
  Destructor,
  GetPutPage,
  allocPage,
  allocSkb,
  eraOf,
  type Design,
  type Loan,
  type Page,
  type SideField,
  type SkbFrag,
  type SkbSharedInfo,
  type SkBuff,
  type Sock,
} from '@lastref/kernel';
import { DEFAULT_BOUND, MachineFingerprint, explore, type Exploration } from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { Broken } from '../src/candidates/rules.ts';
import { cardIn, cardOf } from '../src/candidates/card.ts';
import { share } from '../src/candidates/shared.ts';
import { numberOf } from '../src/tape/calls.ts';
import { Field, write } from '../src/tape/fields.ts';
import { Names } from '../src/tape/names.ts';
import { played } from '../src/tape/played.ts';
import { TapeReader } from '../src/tape/reader.ts';
import { PART_WORDS, Word } from '../src/tape/words.ts';
import { Books, byClock, designOf, playing, said, searched, tapeOf } from './taped.ts';

const books = designOf((services) => new Books(services));
const WORKLOADS = ['nfs-odirect', 'bulk-loss', 'loopback-slow-reader', 'no-sg', 'nfs-udp'];

describe('a run by the clock', () => {
  test.each(WORKLOADS)('%s is the same with the tape as with the candidate', (workload) => {
    const own = byClock(books, workload);
    const words = said(books, (design) => byClock(design, workload));
    const again = byClock(playing(books, tapeOf(words, 1000)), workload);
    expect(again.digest).toBe(own.digest);
    expect(again.judgement.verdicts).toEqual(own.judgement.verdicts);
    expect(again.costs).toEqual(own.costs);
    expect(words.length).toBeGreaterThan(0);
  });

  test('of one that is wrong has the finding that it has', () => {
    class Early extends GetPutPage {
      override returned(loan: Loan): void {
        if (!loan.completed) this.k.complete(loan);
      }
    }
    const early = designOf((services) => new Early(services));
    const own = byClock(early, 'nfs-odirect');
    const words = said(early, (design) => byClock(design, 'nfs-odirect'));
    const again = byClock(playing(early, tapeOf(words)), 'nfs-odirect');
    expect(own.judgement.findings.length).toBeGreaterThan(0);
    expect(again.judgement.findings).toEqual(own.judgement.findings);
  });
});

describe('a search', () => {
  test.each(['sendfile-locked', 'loopback-slow-reader'])('%s comes to the same', (workload) => {
    const words = said(books, (design) => searched(design, workload), true);
    const again = searched(playing(books, tapeOf(words, 4096), true), workload);
    const found: unknown[] = [];
    said(books, (design) => found.push(searched(design, workload)), true);
    const { result, states, executions, steps } = again;
    expect(found).toMatchObject([{ result, states, executions, steps }]);
    expect(result).toBe('exhausted');
    expect(states).toBeGreaterThan(1);
  });
});

describe('hosts are told apart in a search of', () => {
  /** Keeps its loans in a field that it added, so that it knows nothing by itself. */
  class Apart extends GetPutPage {
    readonly sent: SideField<SkBuff, number> = this.k.sideField();
    override acked(): void {}
    override lend(...given: Parameters<GetPutPage['lend']>): void {
      super.lend(...given);
      this.sent.set(given[0], 1);
    }
    override replied(loan: Loan): void {
      if (!loan.completed) this.k.complete(loan);
    }
  }
  /** And counts what either host frees. */
  class Counts extends Apart {
    counted = 0;
    override skbDestructor(): void {
      this.counted = (this.counted + 1) % 3;
    }
  }
  share({ Apart, Counts });

  test.each([
    ['a candidate that knows nothing beside its objects', Apart, true],
    ['none that counts at both', Counts, false],
  ])('%s, as of a design of ours', (_, kind, apart) => {
    const design = designOf((services) => new kind(services));
    const ours = searched(design, 'nfs-odirect').states;
    const everywhere = searched(design, 'nfs-odirect', '3.8', { enough: null }).states;
    expect(ours < everywhere).toBe(apart);
    const found: number[] = [];
    const words = said(design, (as) => found.push(searched(as, 'nfs-odirect').states), true);
    found.push(searched(playing(design, tapeOf(words), true), 'nfs-odirect').states);
    expect(found).toEqual([ours, ours]);
  });
});

test('a fingerprint has what follows from the code of the candidate before what that remembers', () => {
  const words = said(books, (design) => searched(design, 'sendfile-locked'), true);
  const heard: number[] = [];
  class Hearing extends MachineFingerprint {
    override number(v: number): void {
      heard.push(v);
      super.number(v);
    }
  }
  const card = cardIn(JSON.stringify(cardOf(books)));
  const search = (salt: readonly number[]): Exploration => {
    const design = played(card, 'mine.ts', tapeOf(words), true, salt);
    heard.length = 0;
    return searched(design, 'sendfile-locked', '3.8', { fingerprint: () => new Hearing() });
  };
  const plain = search([]);
  expect(heard).not.toContain(0x7a17);
  expect(search([0x7a17, 5])).toMatchObject({ result: plain.result, states: plain.states });
  expect(heard.filter((v) => v === 0x7a17).length).toBeGreaterThan(plain.states);
});

test('who keeps the socket of a packet, and says that its entries are managed, breaks no rule', () => {
  class Keeps extends Books {
    sk: Sock | null = null;
    override charged(skb: SkBuff): void {
      this.sk = skb.sk;
    }
    override lend(...given: Parameters<Books['lend']>): void {
      const [{ shinfo }] = given;
      shinfo.managed = !shinfo.managed;
      super.lend(...given);
      shinfo.managed = false;
    }
    override pagesLeft({ shinfo }: SkBuff): void {
      shinfo.managed = true;
    }
  }
  share({ Keeps });
  const keeps = designOf((services) => new Keeps(services));
  for (const workload of ['nfs-odirect', 'no-sg']) {
    const words = said(keeps, (design) => searched(design, workload), true);
    const { result } = searched(playing(keeps, tapeOf(words), true), workload);
    expect(result).toMatch(/exhausted|refuted|not-a-proof/);
  }
});

test('of two lists with one content the one is told that stands there now', () => {
  /** A destructor per page: a list that is emptied where its data goes, while another one like it may be what is told next. */
  class PerPage extends Books {
    readonly entries = this.k.sideField<SkbSharedInfo, { page: Page; loan: Loan }[]>();
    override mayMerge(_: SkbFrag, loan: Loan | null): boolean {
      return loan === null;
    }
    override lend(skb: SkBuff, page: Page, offset: number, size: number, loan: Loan): void {
      this.k.getPage(page);
      this.k.fillPageDesc(skb, page, offset, size);
      const { shinfo } = skb;
      if (shinfo.loan === null) this.entries.set(shinfo, []);
      shinfo.loan = loan;
      this.of(shinfo).push({ page, loan });
      this.k.hold(loan);
    }
    override fragRef(_: SkbSharedInfo, { page }: SkbFrag): void {
      this.k.getPage(page);
    }
    override fragUnref(shinfo: SkbSharedInfo, { page }: SkbFrag): void {
      this.k.putPage(page);
      const entries = this.of(shinfo);
      const i = entries.findIndex((e) => e.page === page);
      if (i >= 0) this.k.drop(entries.splice(i, 1)[0]!.loan);
    }
    override dataFree(shinfo: SkbSharedInfo): SkbSharedInfo | null {
      for (const { loan } of this.of(shinfo).splice(0)) this.k.drop(loan);
      return null;
    }
    override acked(): void {}
    override clone(): 0 {
      return 0;
    }
    private of(shinfo: SkbSharedInfo): { page: Page; loan: Loan }[] {
      return (shinfo.loan === null ? undefined : this.entries.get(shinfo)) ?? [];
    }
  }
  share({ PerPage });
  const own = designOf((services) => new PerPage(services));
  const search = (design: Design): Exploration => {
    const workload = miniature(workloadCalled('receive-pool-bridge')!, 1);
    const input = { design, workload, era: eraOf('2.6.28')!, seed: 1 };
    return explore(input, { bound: DEFAULT_BOUND });
  };
  const found: Exploration[] = [];
  const words = said(own, (design) => found.push(search(design)), true);
  const { result, reason, states } = search(playing(own, tapeOf(words), true));
  expect({ result, reason }).toEqual({ result: 'exhausted', reason: null });
  expect(found).toMatchObject([{ result, reason, states }]);
});

/** What is said of the run in which it plays these words. */
function misfit(words: readonly number[]): string {
  try {
    byClock(playing(books, tapeOf(words)), 'sendfile-locked');
  } catch (error) {
    return error instanceof Broken ? error.rule : (error as Error).message;
  }
  return 'nothing';
}

test('a tape of which one word is another one is refused, or the run is as well one of those', () => {
  const words = said(books, (design) => byClock(design, 'sendfile-locked'));
  const rules = new Set<string>();
  const own = byClock(books, 'sendfile-locked').digest;
  let quiet = 0;
  for (let n = 0; n < words.length; n += 7)
    for (const other of [words[n]! + 1, -7, 1 << 30]) {
      const forged = words.with(n, other);
      let came: string;
      try {
        came = byClock(playing(books, tapeOf(forged)), 'sendfile-locked').digest;
        if (came === own) quiet++;
      } catch (error) {
        came = error instanceof Broken ? error.rule : 'other';
        const { name, message } = error as Error;
        if (came === 'other') rules.add(`${name}: ${message.replace(/\d+/g, 'n').slice(0, 60)}`);
      }
    }
  expect(
    [...rules].filter((r) => !/KernelBug|SeamMisuse|NoMemory|is over|RunError/.test(r)),
  ).toEqual([]);
  expect(quiet).toBeLessThan((3 * words.length) / 7 / 3);
  expect(misfit(words)).toBe('nothing');
});

/** Writes to all that is a design's own to write to, and takes most of it back. */
class Writes extends Books {
  override clone(skb: SkBuff): 0 {
    const { shinfo } = skb;
    if (shinfo.nrFrags === 0) return 0;
    const frag = shinfo.frags[shinfo.nrFrags - 1]!;
    const { loan } = frag;
    if (loan === null) return 0;
    skb.loan = skb.cb = shinfo.loan = loan;
    frag.page.loan = loan;
    this.k.getPage(frag.page);
    frag.page.count--;
    return 0;
  }
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { page } = frag;
    if (frag.loan !== null) frag.page.loan = null;
    super.fragUnref(shinfo, frag);
    if (page.live && page.loan !== null) page.loan = null;
  }
  override charged(skb: SkBuff): void {
    skb.cloned = skb.cloned === 1 ? 1 : 0;
    skb.ppRecycle = 1;
    skb.ppRecycle = 0;
  }
  override skbDestructor(skb: SkBuff): void {
    skb.cb = null;
  }
  override pagesLeft(skb: SkBuff): void {
    skb.shinfo.loan = null;
  }
}
share({ Writes });

/** The words behind a word of this kind, so many. */
function after(words: readonly number[], kind: readonly number[]): number {
  let count = 0;
  for (let n = 0; n + kind.length <= words.length; n++)
    if (kind.every((word, i) => words[n + i] === word)) count++;
  return count;
}

test('what it writes to its own slots is on the tape, and is written there too', () => {
  const writes = designOf((services) => new Writes(services));
  for (const workload of ['nfs-odirect', 'sendfile-locked', 'loopback-slow-reader']) {
    const own = byClock(writes, workload);
    const words = said(writes, (design) => byClock(design, workload));
    const again = byClock(playing(writes, tapeOf(words)), workload);
    expect(again.digest).toBe(own.digest);
    expect(again.judgement.verdicts).toEqual(own.judgement.verdicts);
    for (const field of [
      Field.PAGE_LOAN,
      Field.SKB_LOAN,
      Field.SKB_CB,
      Field.SHINFO_LOAN,
      Field.FRAG_LOAN,
    ])
      expect(after(words, [Word.WRITE, field]), `field ${field}`).toBeGreaterThan(0);
  }
});

test('a tape that is none of this run is said to be another one, by what its process did', () => {
  const words = said(books, (design) => byClock(design, 'sendfile-locked'));
  const at = words.indexOf(Word.HOOK, 4);
  const saying = (forged: readonly number[]): string => {
    try {
      byClock(playing(books, tapeOf(forged)), 'sendfile-locked');
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  const instead = (...other: number[]): string => saying([...words.slice(0, at), ...other]);
  expect(words.slice(0, 2)).toEqual([Word.CREATE, 0]);
  expect(instead(Word.END)).toContain('where its process was at the end of the run');
  expect(instead(Word.CREATE)).toContain('where its process made a machine');
  expect(instead(Word.STATE)).toContain('where its process told what it remembers');
  expect(instead(Word.SAME)).toContain('where its process told what it remembers');
  expect(instead(77)).toContain('where its process said 77, which is no word of a tape');
  expect(instead(Word.HOOK, 1)).toContain('where its process asked a hook');
  expect(instead(Word.HOOK, 0, 999)).toContain('where its process was asked what is no hook');
  expect(saying([Word.HOOK, ...words.slice(1)])).toContain('a machine is made here, where its');
  expect(saying([Word.CREATE, 1, ...words.slice(2)])).toContain('where its process made a machine');
  const service = words.indexOf(Word.SERVICE);
  const called = (...other: number[]): string => saying([...words.slice(0, service), ...other]);
  expect(called(Word.SERVICE, 999)).toContain('it called service 999, which there is not');
  expect(called(Word.SERVICE, numberOf('connect'))).toContain('which is none of its services');
  expect(called(Word.HOOK)).toContain('it does not answer: its process asked a hook');
  const hold = words.findIndex((w, i) => w === Word.SERVICE && words[i + 1] === numberOf('hold'));
  const held = (...other: number[]): string => saying([...words.slice(0, hold), ...other]);
  expect(held(Word.SERVICE, numberOf('hold'), 99)).toContain(
    'hold was given a loan that is none of',
  );
});

describe('a write', () => {
  const k = bareKernel({ era: '3.8' });
  const names = new Names(k);
  const page = allocPage(k);
  const loan = k.loans.alloc();
  const skb = allocSkb(k, 64, false);

  test.each<[string, number, number, number, () => unknown, unknown]>([
    ['page.loan', Field.PAGE_LOAN, page.slot, loan.slot, () => page.loan, loan],
    ['page.loan, null', Field.PAGE_LOAN, page.slot, -1, () => page.loan, null],
    ['page.count', Field.PAGE_COUNT, page.slot, 5, () => page.count, 5],
    ['page.count, 0', Field.PAGE_COUNT, page.slot, 0, () => page.count, 0],
    ['page.count, at most', Field.PAGE_COUNT, page.slot, 1 << 20, () => page.count, 1 << 20],
    ['skb.loan', Field.SKB_LOAN, skb.slot, loan.slot, () => skb.loan, loan],
    ['skb.cb', Field.SKB_CB, skb.slot, loan.slot, () => skb.cb, loan],
    [
      'skb.destructor',
      Field.SKB_DESTRUCTOR,
      skb.slot,
      Destructor.SOCK_WFREE,
      () => skb.destructor,
      Destructor.SOCK_WFREE,
    ],
    ['skb.ppRecycle', Field.SKB_PP_RECYCLE, skb.slot, 1, () => skb.ppRecycle, 1],
    ['skb.cloned', Field.SKB_CLONED, skb.slot, 1, () => skb.cloned, 1],
    ['skb.cloned, 0', Field.SKB_CLONED, skb.slot, 0, () => skb.cloned, 0],
    ['shinfo.loan', Field.SHINFO_LOAN, skb.shinfo.slot, loan.slot, () => skb.shinfo.loan, loan],
    ['shinfo.managed', Field.SHINFO_MANAGED, skb.shinfo.slot, 1, () => skb.shinfo.managed, true],
    ['the same, 0', Field.SHINFO_MANAGED, skb.shinfo.slot, 0, () => skb.shinfo.managed, false],
    [
      'frag.loan',
      Field.FRAG_LOAN,
      skb.shinfo.slot,
      loan.slot,
      () => skb.shinfo.frags[0]!.loan,
      loan,
    ],
  ])('to %s is done', (_, field, owner, value, read, is) => {
    expect(write(names, field, owner, 0, value)).toBeNull();
    expect(read()).toBe(is);
  });

  test.each<[string, number, number, number]>([
    ['it hung loan#99 somewhere', Field.PAGE_LOAN, page.slot, 99],
    ['it wrote to something that is not of this machine', Field.PAGE_LOAN, 999, loan.slot],
    ['it wrote to something that is not of this machine', Field.SKB_LOAN, 999, loan.slot],
    ['it wrote to something that is not of this machine', Field.SHINFO_LOAN, 999, -1],
    ['it wrote to something that is not of this machine', Field.FRAG_LOAN, 999, -1],
    ['it wrote to something that is not of this machine', Field.PAGE_COUNT, 999, 1],
    ['it wrote -1 to count', Field.PAGE_COUNT, page.slot, -1],
    ['it wrote 1048577 to count', Field.PAGE_COUNT, page.slot, (1 << 20) + 1],
    ['it wrote 99 to destructor', Field.SKB_DESTRUCTOR, skb.slot, 99],
    ['it wrote 2 to ppRecycle', Field.SKB_PP_RECYCLE, skb.slot, 2],
    ['it wrote 2 to cloned', Field.SKB_CLONED, skb.slot, 2],
    ['it wrote 2 to managed', Field.SHINFO_MANAGED, skb.shinfo.slot, 2],
    ['it wrote to something that is not of this machine', Field.SHINFO_MANAGED, 999, 1],
    ["it wrote to field 10, which is none of a design's", 10, skb.slot, 0],
  ])('is refused: %s', (why, field, owner, value) => {
    expect(write(names, field, owner, 0, value)).toContain(why);
  });
});

describe('a tape', () => {
  /** The words that a reader reads of these, all in one piece or byte by byte. */
  function read(words: readonly number[], piece: number, cell = 0): number[] | string {
    const bytes = new Uint8Array(Int32Array.from(words).buffer);
    let at = 0;
    const reader = new TapeReader(() => {
      if (at >= bytes.length) throw new Error('over');
      return bytes.subarray(at, (at += piece));
    });
    reader.begin(cell);
    const got: number[] = [];
    try {
      for (;;) got.push(reader.next());
    } catch (error) {
      return (error as Error).message === 'over' ? got : (error as Error).message;
    }
  }

  test.each([1, 3, 4, 1000])('is read in pieces of %d bytes', (piece) => {
    expect(read([0, 2, 11, 12, 0, 1, 13], piece)).toEqual([11, 12, 13]);
    expect(read([0, 2, 11, 12, 1, 1, 13], piece, 1)).toEqual([13]);
  });

  test.each<[string, number[], number]>([
    ['what its process wrote is no tape', [0, 0], 0],
    ['what its process wrote is no tape', [0, -1], 0],
    ['what its process wrote is no tape', [0, PART_WORDS + 1], 0],
    ['what its process wrote is no tape', [-1, 1, 5], 0],
    ['its process went on before this run was over', [1, 1, 5], 0],
  ])('is none: %s (%j)', (why, words, cell) => {
    expect(read(words, 1000, cell)).toBe(why);
  });

  test('what is left of a cell is skipped when the next begins', () => {
    const reader = tapeOf([1, 2, 3]);
    expect([reader.next(), reader.next()]).toEqual([1, 2]);
    reader.begin(0);
    expect(reader.next()).toBe(3);
    const two = new Uint8Array(Int32Array.from([0, 2, 11, 12, 1, 1, 13]).buffer);
    let given = false;
    const other = new TapeReader(() => {
      if (given) throw new Error('over');
      given = true;
      return two;
    });
    expect(other.next()).toBe(11);
    other.begin(1);
    expect(other.next()).toBe(13);
  });
});
