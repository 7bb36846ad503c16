// What a candidate calls is looked at before the machine sees it: objects that are alive, numbers that make sense. Whatever
// is right comes through as it is.
import {
  GetPutPage,
  MSG_MORE,
  MSG_ZEROCOPY,
  PAGE_SIZE,
  POISON_PAGE,
  allocPage,
  type Calls,
  type Services,
} from '@lastref/kernel';
import { afterEach, describe, expect, test } from 'vitest';
import { bareKernel, mainline } from '../../kernel/test/machine.ts';
import { marked } from '../src/candidates/guard.ts';
import { Broken, placeOf } from '../src/candidates/rules.ts';
import { running } from '../src/candidates/running.ts';
import {
  CheckedCalls,
  CheckedField,
  CheckedServices,
  hand,
  isForged,
} from '../src/candidates/services.ts';

/** Writes down what is called, and answers 7. */
const called: unknown[] = [];
const heard = new Proxy(
  {},
  {
    get: (_, name) =>
      name === 'era'
        ? 'the era'
        : (...given: unknown[]) => {
            called.push([name, ...given]);
            return 7;
          },
  },
);
afterEach(() => {
  called.length = 0;
});

type Method = (...given: unknown[]) => unknown;
const call = (on: object, name: string, given: readonly unknown[]): unknown =>
  (on as Record<string, Method>)[name]!(...given);

/** Why a call is refused. */
function refused(on: object, name: string, given: readonly unknown[]): string {
  try {
    call(on, name, given);
  } catch (error) {
    if (called.length > 0) return `the machine heard of ${String((called[0] as unknown[])[0])}`;
    return error instanceof Broken ? `${error.rule}: ${error.message}` : `${String(error)}`;
  }
  return 'nothing';
}

const k = bareKernel({ era: '3.8' });
const services = new CheckedServices(heard as unknown as Services);
const page = allocPage(k);
const loan = k.loans.alloc();
const skb = k.skbs.alloc();
const shinfo = k.shinfos.alloc();
const dead = k.loans.alloc();
k.loans.free(dead);

describe('of a design', () => {
  test.each<[string, readonly unknown[]]>([
    ['hold', [loan]],
    ['drop', [loan]],
    ['decAndTest', [loan]],
    ['looked', [0]],
    ['looked', [3]],
    ['allocated', []],
    ['called', []],
    ['complete', [loan]],
    ['notify', [1, 2, 2, true]],
    ['notify', [0, 0, 5, false]],
    ['getPage', [page]],
    ['putPage', [page]],
    ['poolTake', [page]],
    ['poolRef', [page]],
    ['poolPut', [page]],
    ['getData', [shinfo]],
    ['csumPage', [page, 0, PAGE_SIZE]],
    ['copyPage', [page, PAGE_SIZE - 1, 1]],
    ['unshare', [skb]],
    ['copyUbufs', [skb]],
  ])('%s(%#) comes through', (name, given) => {
    const said = call(services, name, given);
    expect(called).toEqual([[name, ...given]]);
    expect([7, undefined]).toContain(said);
    expect(said).toBe(/^(decAnd|poolPut|csum|copyPage)/.test(name) ? 7 : undefined);
  });

  test.each<[string, readonly unknown[], string]>([
    ['hold', [null], 'hold was given null in place of a loan'],
    ['hold', [undefined], 'hold was given undefined in place of a loan'],
    ['hold', [3], 'hold was given number in place of a loan'],
    ['hold', [{}], 'hold was given object in place of a loan'],
    ['hold', [dead], `hold was given loan#${dead.slot}, which is freed`],
    ['drop', [dead], 'drop was given loan#'],
    ['decAndTest', [dead], 'decAndTest was given loan#'],
    ['complete', [dead], 'complete was given loan#'],
    ['looked', [-1], 'looked was given -1 entries'],
    ['looked', [0.5], 'looked was given 0.5 entries'],
    ['looked', [2 ** 32], 'looked was given 4294967296 entries'],
    ['notify', [0.5, 0, 0, true], 'notify was given the send calls 0 to 0 of producer 0.5'],
    ['notify', [-1, 0, 0, true], 'notify was given the send calls 0 to 0 of producer -1'],
    ['notify', [0, 0.5, 1, true], 'notify was given the send calls 0.5 to 1'],
    ['notify', [0, 0, 2 ** 31, true], 'notify was given the send calls 0 to 2147483648'],
    ['notify', [0, 2, 1, true], 'notify was given the send calls 2 to 1 of producer 0'],
    ['notify', [0, NaN, 1, true], 'notify was given the send calls NaN to 1'],
    ['notify', [2 ** 31 - 1, 0, 0, true], 'notify was given producer 2147483647, and no machine'],
    ['notify', [0, 0, 65536, true], 'notify was given 65537 send calls at once, and nobody'],
    ['notify', [0, 0, 1, {}], 'notify was given object, where it says whether they were copied'],
    ['notify', [0, 0, 1, () => true], 'notify was given function, where it says'],
    ['notify', [0, 0, 1, undefined], 'notify was given undefined, where it says'],
    ['getPage', [POISON_PAGE], 'getPage was given the page of a frag that has none'],
    ['putPage', [dead], 'putPage was given page#'],
    ['poolTake', [null], 'poolTake was given null'],
    ['poolRef', [null], 'poolRef was given null'],
    ['poolPut', [null], 'poolPut was given null'],
    ['getData', [dead], 'getData was given shared info#'],
    ['csumPage', [null, 0, 1], 'csumPage was given null'],
    ['csumPage', [page, -1, 1], 'csumPage was given 1 bytes at offset -1 of a page'],
    ['csumPage', [page, 0, 0], 'csumPage was given 0 bytes'],
    ['csumPage', [page, 1, PAGE_SIZE], 'csumPage was given 4096 bytes at offset 1'],
    ['copyPage', [null, 0, 1], 'copyPage was given null'],
    ['copyPage', [page, 0.5, 1], 'copyPage was given 1 bytes at offset 0.5'],
    ['copyPage', [page, 0, 1.5], 'copyPage was given 1.5 bytes'],
    ['fillPageDesc', [skb, page, 0, 1], 'fillPageDesc was called where nothing is lent'],
    ['unshare', [dead], 'unshare was given skb#'],
    ['copyUbufs', [dead], 'copyUbufs was given skb#'],
  ])('%s(%#) is refused', (name, given, why) => {
    expect(refused(services, name, given)).toContain(`alive: ${why}`);
  });

  test.each<[string, readonly unknown[], readonly unknown[]]>([
    ['notify', [-0, -0, -0, true], [0, 0, 0, true]],
    ['csumPage', [page, -0, 1], [page, 0, 1]],
    ['copyPage', [page, -0, 1], [page, 0, 1]],
    ['looked', [-0], [0]],
  ])('of %s(%#) the sign of a 0 does not come through: no tape has one', (name, given, comes) => {
    call(services, name, given);
    expect(called).toEqual([[name, ...comes]]);
  });

  test('fills an entry where something is lent', () => {
    const before = running.enter(placeOf('lend'));
    try {
      expect(call(services, 'fillPageDesc', [skb, page, 0, 1])).toBe(7);
      expect(called).toHaveLength(1);
      called.length = 0;
      for (const given of [
        [null, page, 0, 1],
        [skb, null, 0, 1],
        [skb, page, 0, 0],
      ])
        expect(refused(services, 'fillPageDesc', given)).toContain('fillPageDesc was given');
    } finally {
      running.leave(before);
    }
  });

  test('its fields are of structs that are alive, and its era is that of the kernel', () => {
    const field = new CheckedField(k.sideField<typeof loan, number>());
    field.set(loan, 5);
    expect(field.get(loan)).toBe(5);
    expect(() => field.set(dead, 1)).toThrow('set of a SideField was given struct#');
    expect(field.get(dead), 'what was freed has nothing').toBeUndefined();
    for (const none of [null, undefined, 3])
      expect(() => field.get(none as never)).toThrow(
        `get of a SideField was given ${none === 3 ? 'number' : none} in place of a struct`,
      );
    expect(services.era).toBe('the era');
    const made = new CheckedServices(k).sideField();
    expect(Object.isFrozen(made)).toBe(true);
    expect(isForged(made)).toBe(false);
  });

  test('what it calls the kernel by is what it was given', () => {
    expect(isForged(new CheckedServices(k))).toBe(true);
    expect(isForged(hand(new CheckedServices(k)))).toBe(false);
    expect(isForged(new CheckedCalls({} as Calls))).toBe(true);
    expect(isForged(hand(new CheckedCalls({} as Calls)))).toBe(false);
    expect(isForged(new CheckedField(k.sideField()))).toBe(true);
    expect(isForged({})).toBe(false);
  });
});

describe('of a program', () => {
  const calls = new CheckedCalls(heard as unknown as Calls);
  const MOST = 0x7fffffff;

  test.each<[string, readonly number[]]>([
    ['send', [0, 1, 2, 3, MSG_ZEROCOPY | MSG_MORE]],
    ['send', [MOST, 0, 0, 0, 0]],
    ['sendZc', [0, 1, 2, 3, 4]],
    ['cancel', [MOST]],
    ['release', [0]],
    ['connect', []],
    ['shutdown', [1]],
    ['close', [1]],
    ['abort', [1]],
    ['outq', [1]],
  ])('%s(%j) comes through', (name, given) => {
    expect(call(calls, name, given)).toBe(
      /^(send|cancel|connect|outq)$/.test(name) ? 7 : undefined,
    );
    expect(called).toEqual([[name, ...given]]);
  });

  const WHOLE = ['send', 'sendZc', 'cancel', 'release', 'shutdown', 'close', 'abort', 'outq'];
  const GIVEN: Readonly<Record<string, number>> = { send: 4, sendZc: 5 };
  const places = WHOLE.flatMap((name) =>
    Array.from({ length: GIVEN[name] ?? 1 }, (_, at) => [name, at] as const),
  );
  test.each(places)('%s is given whole numbers from 0 on: %d', (name, at) => {
    for (const odd of [-1, 0.5, NaN, MOST + 1, '1', null]) {
      const given: unknown[] = Array.from({ length: 5 }, () => 0);
      given[at] = odd;
      expect(refused(calls, name, given)).toContain(`alive: ${name} was given`);
    }
  });

  test('a flag that there is not is refused', () => {
    for (const flags of [MSG_ZEROCOPY << 1, -1, 0.5])
      expect(refused(calls, 'send', [0, 0, 0, 0, flags])).toContain(
        `send was given flags ${flags}`,
      );
  });
});

test('who looks at the class of a design is told in which of its hooks it is', () => {
  let place = 0;
  class Looks extends GetPutPage {
    override keepsOwner(): boolean {
      place = running.place;
      return true;
    }
  }
  const design = marked({ ...mainline, create: (given) => new Looks(given) });
  expect(design.create(k).keepsOwner()).toBe(true);
  expect([place, running.place]).toEqual([placeOf('keepsOwner'), 0]);
  Object.freeze(Looks.prototype); // as what all machines share is, once a candidate was there
  expect(design.create(k).keepsOwner()).toBe(true);
});
