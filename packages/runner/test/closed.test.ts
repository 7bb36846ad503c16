// A search takes machines that differ in names, addresses, moments, statistics or what nobody has any more for one. A design
// whose answers depend on those would be called right after one of them was looked at. So a candidate that is searched reads
// what is state, and is stopped at all else.
import {
  Kernel,
  Loan,
  POISON_PAGE,
  POISON_SHINFO,
  Page,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  Sock,
  TcpSock,
  declaredOf,
  type Design,
  type Life,
  type Services,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { share } from '../src/candidates/shared.ts';
import { close } from '../src/tape/closed.ts';
import { socketOf, standIn } from '../src/tape/closed-sock.ts';
import { asCandidate } from '../src/candidates/reading.ts';
import { SEAM } from '../src/tape/lives.ts';
import { Books, byClock, closedKernel, designOf, said, searched } from './taped.ts';

interface Given {
  readonly skb: SkBuff;
  readonly page: Page;
  readonly loan: Loan;
}
type Look = (given: Given, design: Looks) => unknown;
type LookAtSock = (sk: TcpSock) => unknown;

/** What it does where a page is lent, and where a packet is charged to its socket; nobody freezes them with the class. */
let look: Look = () => {};
let lookAtSock: LookAtSock = () => {};

/** Whose payload goes with that of a data area. */
let answer: (shinfo: SkbSharedInfo) => SkbSharedInfo | null = () => null;

/** Right, and looks at what it is given. */
class Looks extends Books {
  override lend(...given: Parameters<Books['lend']>): void {
    super.lend(...given);
    const [skb, page, , , loan] = given;
    look({ skb, page, loan }, this);
  }
  override charged({ sk }: SkBuff): void {
    if (sk !== null) lookAtSock(sk as TcpSock);
  }
  override dataFree(shinfo: SkbSharedInfo): SkbSharedInfo | null {
    return answer(shinfo);
  }
}
share({ Looks });

const looking = (how: Look, atSock: LookAtSock): Design => {
  look = how;
  lookAtSock = atSock;
  return designOf((services: Services) => new Looks(services));
};
const search = (how: Look, atSock: LookAtSock = () => {}): unknown =>
  said(looking(how, atSock), (design) => searched(design, 'sendfile-locked'), true);
const run = (how: Look, atSock: LookAtSock = () => {}): unknown =>
  said(looking(how, atSock), (design) => byClock(design, 'nfs-odirect'));

const NO_STATE = 'which is no state: a search takes machines that differ in it for one';

test.each<[string, string, Look]>([
  ['where a packet stands in its slab', 'slot of a SkBuff', ({ skb }) => skb.slot],
  ['which life it is', 'gen of a SkBuff', ({ skb }) => skb.gen],
  ['when it was sent', 'when of a SkBuff', ({ skb }) => skb.when],
  ['by a name that is put together', 'when of a SkBuff', ({ skb }) => skb[`wh${'en'}` as 'when']],
  ['as a part of all that it has', 'slot of a SkBuff', ({ skb }) => Object.values(skb)],
  ['as a text', 'slot of a Page', ({ page }) => JSON.stringify(page)],
  ['as a copy', 'slot of a Page', ({ page }) => Object.assign({}, page)],
  ['where its bytes are', 'data of a SkBuff', ({ skb }) => skb.data],
  ['what stands before it', 'prev of a SkBuff', ({ skb }) => skb.prev],
  ['its place in memory', 'head of a SkbSharedInfo', ({ skb }) => skb.shinfo.head],
  ['how often a page was written', 'writes of a Page', ({ page }) => page.writes],
  ['where a page is', 'address of a Page', ({ page }) => page.address],
  ['which loan it is', 'id of a Loan', ({ loan }) => loan.id],
  ['the processor', 'cpu of a Loan', ({ loan }) => loan.cpu],
])('%s is closed', (_, field, how) => {
  expect(() => search(how)).toThrow(`it read ${field}, ${NO_STATE}`);
  expect(() => run(how), 'and where nobody searches').toThrow(`it read ${field}, ${NO_STATE}`);
});

test.each<[string, string, LookAtSock]>([
  ['the machine', 'k', (sk) => sk.k],
  ['the clock of a socket', 'rto', (sk) => sk.rto],
  ['the processor', 'cpu', (sk) => sk.cpu],
  ['what is queued', 'writeQueue', (sk) => sk.writeQueue],
  ['what a socket can do', 'sendOn', (sk) => sk.sendOn()],
])('%s is closed behind a socket', (_, field, how) => {
  const nothing = (): void => {};
  for (const play of [search, run])
    expect(() => play(nothing, how)).toThrow(`it read ${field} of a Sock, ${NO_STATE}`);
});

test('entries of an earlier life are closed, as is one that there is not', () => {
  expect(() => search(({ skb }) => skb.shinfo.frags[17]!.size)).toThrow(
    'it read frags[17] of a SkbSharedInfo that has 1 entry (nrFrags)',
  );
});

test('what was freed may be compared, and says nothing more', () => {
  const k = closedKernel();
  const loan = k.loans.alloc();
  const other = k.loans.alloc();
  const skb = k.fclones.alloc();
  loan.op = 5;
  expect(asCandidate(() => loan.op)).toBe(5);
  k.loans.free(loan);
  expect(asCandidate(() => loan === other || loan.live)).toBe(false);
  expect(() => asCandidate(() => loan.op)).toThrow('it read op of a Loan that was freed');
  expect(() => asCandidate(() => skb.pair)).toThrow('it read pair of a SkBuff, which was freed');
  skb.pair!.live = true;
  expect(asCandidate(() => skb.pair!.pair)).toBe(skb);
  expect(() => close(k)).toThrow('a machine is closed before it has any object');
});

test('nothing of it is written either', () => {
  expect(() => search(({ skb }) => (skb.when = 5))).toThrow('it wrote to when of a SkBuff');
  expect(() => search(({ skb }) => (skb.sk = null))).toThrow('it wrote to sk of a SkBuff');
  expect(() => search(({ skb }) => (skb.shinfo.frags.length = 0))).toThrow('length');
});

/** The machine calls it where it wants a number, and whoever looks at a field where he wants what is behind it. */
class Code {
  ran = false;
  valueOf(): number {
    this.ran = true;
    return 1;
  }
}

test.each<[string, string, (given: Given, code: never) => unknown]>([
  ['the length of a packet', 'to len of a SkBuff', ({ skb }, code) => (skb.len = code)],
  ['the data of a packet', 'to shinfo of a', ({ skb }, code) => (skb.shinfo = code)],
  ['the users of a page', 'an object to count of a Page', ({ page }, code) => (page.count = code)],
  ['who frees it', 'an object to destructor of a', ({ skb }, code) => (skb.destructor = code)],
  ['how entries are counted', 'managed of a Skb', ({ skb }, code) => (skb.shinfo.managed = code)],
  ['an entry', 'size of a SkbFrag', ({ skb }, code) => (skb.shinfo.frags[0]!.size = code)],
  ['whether somebody has it', 'to live of a SkBuff', ({ skb }) => (skb.live = false)],
  ['how many entries there are', 'to nrFrags of', ({ skb }) => (skb.shinfo.nrFrags = 0)],
  ['what a loan is', 'to op of a Loan', ({ loan }, code) => (loan.op = code)],
  ['the page of nobody', 'to slot of a Page', (_, code) => (POISON_PAGE.slot = code)],
  [
    'entries of nobody',
    'frags[0] of a SkbSharedInfo that has 0 entries',
    (_, code) => (POISON_SHINFO.frags[0]!.size = code),
  ],
])('code of a candidate cannot stand in %s', (_, field, how) => {
  const code = new Code();
  expect(() => search((given) => how(given, code as never))).toThrow(field);
  expect(code.ran).toBe(false);
});

/** Looks like `o`, and each field of it runs `code`. */
function lookAlike<T extends object>(o: T, code: () => number): T {
  const fields = Object.keys(o).map((name) => [name, { get: code }]);
  return Object.create(Object.getPrototypeOf(o) as object, Object.fromEntries(fields)) as T;
}

test.each<[string, (given: Given, alike: Loan, design: Looks) => unknown]>([
  ['a service', (_, alike, design) => design['k'].hold(alike)],
  ['a field that it added', (_, alike, design) => design.lentTo.get(alike as never)],
  ['a field that is set', (_, alike, design) => design.lentTo.set(alike as never, [])],
  ['a slot', ({ page }, alike) => (page.loan = alike)],
  [
    'the slot of what it freed itself, which is looked at when it calls a service',
    ({ page }, alike, design) => {
      const copy = design['k'].copyPage(page, 0, 1);
      design['k'].putPage(copy);
      copy.loan = alike;
      design['k'].looked(0);
    },
  ],
])('of what looks like a loan no code runs in %s', (_, how) => {
  let ran = false;
  const give: Look = (given, design) => {
    const alike = lookAlike(given.loan, () => Number((ran = true)));
    how(given, alike, design);
  };
  expect(() => search(give)).toThrow(/none of this machine|an object to loan of a Page/);
  expect(ran).toBe(false);
});

test('nor of what looks like a shared info in what a hook answers', () => {
  let ran = false;
  answer = (shinfo) => lookAlike(shinfo, () => Number((ran = true)));
  try {
    expect(() => search(() => {})).toThrow('it gave a shared info that is none of this machine');
  } finally {
    answer = () => null;
  }
  expect(ran).toBe(false);
});

test('a life of it reads as the candidate does', () => {
  const give: Look = ({ skb, loan }) => new SEAM.Life(lookAlike(loan, () => skb.when));
  expect(() => search(give)).toThrow(`it read when of a SkBuff, ${NO_STATE}`);
});

describe.each([SkBuff, SkbSharedInfo, Page, Loan])('$name', (kind) => {
  /** In use or not is what the rules of the seam speak of; of its entries those in use are there. */
  const known = ['live', 'frags'];
  /** Of what was freed nothing is there. */
  const half = ['pair'];
  const pick = ({ skb, page, loan }: Given): object => {
    if (kind === SkBuff) return skb;
    if (kind === SkbSharedInfo) return skb.shinfo;
    return kind === Page ? page : loan;
  };
  const fields = [...declaredOf(kind)!.fields];

  test('shows all of it that is state', () => {
    const state = fields.filter(
      ([name, is]) => (is === 'state' || known.includes(name)) && !half.includes(name),
    );
    expect(state.length).toBeGreaterThan(4);
    const how: Look = (given) => {
      for (const [name] of state) Reflect.get(pick(given), name);
    };
    expect(() => search(how)).not.toThrow();
  });

  test.each(fields.filter(([name, is]) => is !== 'state' && !known.includes(name)))(
    'does not show %s, which is a %s',
    (name) => {
      expect(() => search((given) => Reflect.get(pick(given), name))).toThrow(`it read ${name} of`);
    },
  );
});

test('of a socket there is what a search tells apart, and one thing for each', () => {
  const state = [...declaredOf(Sock)!.fields].filter(([, is]) => is === 'state');
  const how = (sk: Sock): void => {
    for (const [name] of state) expect(typeof Reflect.get(sk, name)).toMatch(/number|boolean/);
    expect([sk.datagrams, sk.usesWriteQueue]).toEqual([false, true]);
  };
  expect(() => search(() => {}, how)).not.toThrow();
  const sk = new Sock();
  expect(standIn(sk)).toBe(standIn(sk));
  expect(socketOf(standIn(sk))).toBe(sk);
  expect(socketOf({})).toBeUndefined();
});

/** Everything that is found from `roots` by names, symbols, prototypes, and as code of a field. */
function found(roots: readonly unknown[]): Set<object> {
  const all = new Set<object>();
  const todo = [...roots];
  for (let o = todo.pop(); todo.length > 0 || o !== undefined; o = todo.pop()) {
    if ((typeof o !== 'object' && typeof o !== 'function') || o === null || all.has(o)) continue;
    all.add(o);
    todo.push(Object.getPrototypeOf(o));
    for (const key of Reflect.ownKeys(o)) {
      try {
        todo.push(Reflect.get(o, key));
      } catch {
        // it is closed
      }
      const field = Reflect.getOwnPropertyDescriptor(o, key)!;
      todo.push(Reflect.get(field, 'get'), Reflect.get(field, 'set'));
    }
  }
  return all;
}

test('nothing that a candidate is given leads to the machine, its sockets or the tape', () => {
  const all = new Set<object>();
  const meet = (...roots: unknown[]): void => {
    for (const o of found(roots)) all.add(o);
  };
  search(({ skb, page, loan }, design) => meet(skb, page, loan, design), meet);
  const instances = [...all].filter((o) => typeof o === 'object');
  expect(instances.some((o) => o instanceof SkBuff)).toBe(true);
  for (const kind of [Kernel, Sock, TcpSock])
    expect(instances.filter((o) => o instanceof kind && Object.keys(o).length > 0)).toEqual([]);
  const asks = instances.filter((o) => 'put' in o || 'ask' in o || 'lookedAt' in o);
  expect(asks).toEqual([]);
});

test('nor to anything that could keep something and is no packet, shared info, entry, page or loan', () => {
  const given = [SkBuff, SkbSharedInfo, SkbFrag, Page, Loan];
  const makers = new Set<object>(given.map(({ prototype }) => prototype));
  const all = new Set<object>();
  const met = (...roots: unknown[]): void => {
    for (const o of found(roots)) all.add(o);
  };
  search(
    ({ skb, page, loan }) => met(skb, skb.shinfo, page, loan, POISON_SHINFO, POISON_PAGE),
    (sk) => met(sk),
  );
  const others = [...all].filter((o) => !makers.has(Object.getPrototypeOf(o) as object));
  const keeping = others.filter((o) => Object.isExtensible(o) && !isOfLanguage(o));
  expect(keeping.map((o) => (typeof o === 'function' ? o.name : o.constructor.name))).toEqual([]);
  expect(all.size - others.length).toBeGreaterThan(20);
});

/** Lockdown freezes these, and the class of every object of the machine is frozen where a look meets it. */
function isOfLanguage(o: object): boolean {
  const { constructor } = typeof o === 'function' ? { constructor: o } : o;
  return /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
}

test('a life knows whose it is, though names are closed', () => {
  const lives: Life<Loan>[] = [];
  const said: boolean[] = [];
  search(({ loan }) => {
    for (const life of lives) said.push(life.over, life.is(loan));
    lives.push(new SEAM.Life(loan));
  });
  expect(new Set(said)).toEqual(new Set([true, false]));
});
