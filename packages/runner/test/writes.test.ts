// What a candidate writes to the machine's objects is a design's own to write, and is told before it stands there; it is stopped at
// all else. So nothing that no tape tells of is ever in its machine, and nobody has to look for it.
import {
  Destructor,
  Loan,
  Page,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  Sock,
  allocPage,
  allocSkb,
  type Design,
  type Services,
} from '@lastref/kernel';
import { beforeEach, describe, expect, test } from 'vitest';
import { asCandidate, reading } from '../src/candidates/reading.ts';
import { share } from '../src/candidates/shared.ts';
import { closeOne, entryFor } from '../src/tape/closed.ts';
import { standIn } from '../src/tape/closed-sock.ts';
import { placeOfEntry } from '../src/tape/entries.ts';
import { Field, OWN } from '../src/tape/fields.ts';
import { SEAM } from '../src/tape/lives.ts';
import { Word } from '../src/tape/words.ts';
import {
  Books,
  byClock,
  closedKernel,
  designOf,
  playing,
  said,
  searched,
  tapeOf,
} from './taped.ts';

const k = closedKernel();
const loan = k.loans.alloc();
const skb = allocSkb(k, 128, false);
const page = allocPage(k);
const entry = k.fillPageDesc(skb, page, 0, 100);
const frag = entryFor(entry);
const { shinfo } = skb;
const OBJECTS = { page, skb, shinfo, frag } as const;

const told: unknown[][] = [];
beforeEach(() => {
  told.length = 0;
  reading.told = { wrote: (...word) => void told.push(word), sees: () => void told.push(['sees']) };
  return () => (reading.told = null);
});

/** A value that it may have, and has not. */
const OTHER: Readonly<Record<string, unknown>> = {
  loan,
  cb: loan,
  count: 7,
  destructor: Destructor.SOCK_WFREE,
  ppRecycle: 1,
  cloned: 1,
  managed: true,
};

test.each(OWN.map(([of, name], field) => [of, name, field] as const))(
  'who writes to a %s: %s is told, once, and it stands there',
  (of, name, field) => {
    const o = OBJECTS[of];
    const before: unknown = Reflect.get(o, name);
    asCandidate(() => {
      Reflect.set(o, name, before);
      Reflect.set(o, name, OTHER[name]);
      Reflect.set(o, name, OTHER[name]);
    });
    expect(told).toEqual([[field, o, OTHER[name]]]);
    expect(Reflect.get(o, name)).toBe(OTHER[name]);
    Reflect.set(o, name, before);
    expect(told, 'what the machine writes nobody is told').toHaveLength(1);
  },
);

test('where nobody is told, as where its file is read, it writes nothing', () => {
  reading.told = null;
  expect(() => asCandidate(() => (page.loan = loan))).toThrow('it wrote to loan of a Page');
  expect(page.loan).toBeNull();
});

test('who is told stops what may not stand there, and then it does not', () => {
  reading.told = {
    wrote() {
      throw new Error('no');
    },
    sees: () => {},
  };
  expect(() => asCandidate(() => (skb.cb = loan))).toThrow('no');
  expect(skb.cb).toBeNull();
});

describe.each(Object.entries({ skb, shinfo, page, frag, loan }))('of a %s', (kind, o) => {
  const fields = Object.keys(o);
  const isOwn = (name: string): boolean => OWN.some(([of, own]) => of === kind && own === name);

  test('nothing else is written, and nothing may be done with a field or the object', () => {
    for (const name of fields.filter((one) => !isOwn(one))) {
      const before: unknown = Reflect.get(o, name);
      expect(() => asCandidate(() => Reflect.set(o, name, 1)), name).toThrow(`it wrote to ${name}`);
      expect(Reflect.get(o, name), name).toBe(before);
    }
    for (const name of fields) {
      expect(Reflect.deleteProperty(o, name)).toBe(false);
      expect(Reflect.defineProperty(o, name, { value: 1 })).toBe(false);
    }
    expect(Reflect.set(o, 'more', 1)).toBe(false);
    expect(told).toEqual([]);
  });

  test('its accessors are for itself alone', () => {
    for (const name of fields) {
      const { get, set } = Reflect.getOwnPropertyDescriptor(o, name)!;
      for (const other of [{}, Object.create(o) as object]) {
        const none = /private member|none of this machine|undefined|null/;
        expect(() => asCandidate(() => get!.call(other) as unknown), name).toThrow(none);
        expect(() => asCandidate(() => set!.call(other, 1)), name).toThrow(none);
      }
    }
    expect(told.filter(([, one]) => one === o)).toEqual([]);
  });
});

test('who looks at what is different where somebody has not read or sent yet is told on', () => {
  const there: [object, string][] = [
    [skb, 'next'],
    [skb, 'users'],
    [skb, 'fcloneRef'],
    [shinfo, 'dataref'],
    [page, 'count'],
    [page, 'ppRefs'],
    [standIn(new Sock()), 'rmemAlloc'],
    [standIn(new Sock()), 'wmemAlloc'],
    [standIn(new Sock()), 'throttled'],
  ];
  for (const [o, name] of there) {
    told.length = 0;
    asCandidate(() => Reflect.get(o, name) as unknown);
    expect(told, name).toEqual([['sees']]);
  }
  told.length = 0;
  asCandidate(() => [skb.len, skb.cloned, skb.shinfo, shinfo.nrFrags, frag.page, page.loan]);
  for (const [o, name] of there.slice(0, -3)) Reflect.get(o, name);
  expect(told, 'of all else, and of what the machine reads, nobody is').toEqual([]);
});

test('who asks whether a life is over is, too: that of a packet is when it was read, or sent', () => {
  const life = new SEAM.Life(skb);
  expect([life.over, asCandidate(() => life.is(skb))]).toEqual([false, true]);
  expect(told, 'who asks whether it is this one learns nothing of that').toEqual([]);
  expect(asCandidate(() => life.over)).toBe(false);
  expect(told).toEqual([['sees']]);
});

test('it has the fields of its class, in their order', () => {
  const kinds = [SkBuff, SkbSharedInfo, Page, SkbFrag, Loan];
  [skb, shinfo, page, frag, loan].forEach((o, n) => {
    expect(Object.keys(o)).toEqual(Object.keys(new kinds[n]!()));
    expect(Object.getPrototypeOf(o)).toBe(kinds[n]!.prototype);
  });
});

test('of an entry of a packet a candidate has one view, wherever it comes at it, and what it writes there is in the entry', () => {
  expect(shinfo.frags[0], 'the machine has the entry itself').toBe(entry);
  expect(asCandidate(() => shinfo.frags[0])).toBe(frag);
  expect([entryFor(entry), entryFor(frag)]).toEqual([frag, frag]);
  expect(frag).not.toBe(entry);
  expect([entry, frag].map(placeOfEntry)).toEqual([
    [shinfo, 0],
    [shinfo, 0],
  ]);
  asCandidate(() => (frag.loan = loan));
  expect(entry.loan).toBe(loan);
  entry.loan = null;
  entry.size = 99;
  expect([frag.loan, frag.size]).toEqual([null, 99]);
  entry.size = 100;
});

test('an entry that stands in no shared info is closed where a hook is given it', () => {
  const entry = Object.assign(new SkbFrag(), { page, size: 5 });
  closeOne(entry);
  closeOne(entry);
  expect(() => asCandidate(() => (entry.size = 6))).toThrow('it wrote to size of a SkbFrag');
  asCandidate(() => (entry.loan = loan));
  expect(told).toEqual([[Field.FRAG_LOAN, entry, loan]]);
  entry.size = 7;
  expect([entry.page, entry.size, entry.loan]).toEqual([page, 7, loan]);
});

// --- in a run ---

interface Given {
  readonly skb: SkBuff;
  readonly page: Page;
  readonly loan: Loan;
}

/** What it does where a page is lent, and where the peer has said that it is there; nobody freezes them with the class. */
let atLending: (given: Given) => void = () => {};
let atAck: (kept: Page | null) => void = () => {};

class Writing extends Books {
  kept: Page | null = null;

  override lend(...given: Parameters<Books['lend']>): void {
    super.lend(...given);
    const [packet, lent, , , of] = given;
    this.kept = lent;
    atLending({ skb: packet, page: lent, loan: of });
  }
  override acked(sk: Sock, seq: number): void {
    super.acked(sk, seq);
    atAck(this.kept?.count === 0 ? null : this.kept);
  }
}
share({ Writing });

const writing = (lending: typeof atLending, ack: typeof atAck = () => {}): Design => {
  atLending = lending;
  atAck = ack;
  return designOf((services: Services) => new Writing(services));
};

test.each<[string, string, (given: Given) => unknown]>([
  ['fewer users than none', 'it wrote -1 to count of a Page', (g) => (g.page.count = -1)],
  ['half a user', 'it wrote 1.5 to count of a Page', (g) => (g.page.count = 1.5)],
  ['no number', 'it wrote NaN to count of a Page', (g) => (g.page.count = NaN)],
  ['a 0 with a sign', 'it wrote -0 to cloned of a SkBuff', (g) => (g.skb.cloned = -0)],
  ['a text', 'it wrote string to cloned', (g) => (g.skb.cloned = '1' as never)],
  [
    'a flag for a number',
    'it wrote boolean to ppRecycle',
    (g) => (g.skb.ppRecycle = true as never),
  ],
  ['a number for a flag', 'it wrote 1 to managed', (g) => (g.skb.shinfo.managed = 1 as never)],
  ['nothing for a loan', 'it wrote undefined to cb', (g) => (g.skb.cb = undefined as never)],
  [
    'a page for a loan',
    'it wrote an object to cb of a SkBuff',
    (g) => (g.skb.cb = g.page as never),
  ],
  ['a loan of its own', 'it gave a loan that is none of', (g) => (g.skb.cb = new Loan())],
])('%s is stopped where it is written', (_, what, how) => {
  const design = writing(how);
  expect(() => said(design, (as) => searched(as, 'sendfile-locked'), true)).toThrow(what);
  expect(() => said(design, (as) => byClock(as, 'sendfile-locked'))).toThrow(what);
});

test('what it keeps it may write to later, in another hook: who judges hears of it then', () => {
  const design = writing(
    () => {},
    (kept) => {
      if (kept === null) return;
      kept.count += 1; // as get_page and put_page of its own
      kept.count -= 1;
    },
  );
  const own = byClock(design, 'nfs-odirect');
  const words = said(design, (as) => byClock(as, 'nfs-odirect'));
  const writes = words.filter(
    (word, n) => word === Word.WRITE && words[n + 1] === Field.PAGE_COUNT,
  );
  expect(writes.length).toBeGreaterThan(1);
  const again = byClock(playing(design, tapeOf(words)), 'nfs-odirect');
  expect(again.digest).toBe(own.digest);
});
