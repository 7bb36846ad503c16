// Helpers of net/core by themselves: pages that are added, cut into segments, let go of, made private, put into a pipe.
import { describe, expect, test } from 'vitest';
import {
  eraOf,
  Cost,
  Destructor,
  GetPutPage,
  Pipe,
  Side,
  Site,
  Sock,
  allocSkb,
  getPage,
  inDomain,
  kfreeSkb,
  pskbCopy,
  pskbExpandHead,
  pskbExtract,
  pskbPullTail,
  pskbTrim,
  pskbTrimHead,
  skbAddRxFrag,
  skbAppendDatatoFrags,
  skbAppendPagefrags,
  skbCanCoalesce,
  skbClone,
  skbCopy,
  skbCopyExpand,
  skbCopyUbufs,
  skbCowData,
  skbGet,
  skbGroReceive,
  skbGroReceiveList,
  skbHeadroom,
  skbMorph,
  skbOrphan,
  skbRecycleCheck,
  skbSegment,
  skbSetOwnerR,
  skbSetOwnerW,
  skbShift,
  skbSpliceBits,
  skbSpliceFromIter,
  skbSplit,
  skbTryCoalesce,
  skbZerocopy,
  type Design,
  type SkBuff,
} from '../src/index.ts';
import { P, bareKernel, contents, mainline, newPage } from './machine.ts';
import { alone, on, charged, fragsOf, HEAD, k, packet, paged, pages } from './alone.ts';

alone();

describe('pages that are added', () => {
  test('go on in the last entry where they do, and give their reference back', () => {
    const skb = paged([0, 0, 100]);
    expect([
      skbCanCoalesce(skb, pages[0]!, 100),
      skbCanCoalesce(skb, pages[0]!, 101),
      skbCanCoalesce(skb, pages[1]!, 100),
      skbCanCoalesce(paged(), pages[0]!, 0),
    ]).toEqual([true, false, false, false]);
    const { truesize } = skb;
    getPage(k, pages[0]!);
    skbAddRxFrag(k, skb, pages[0]!, 100, 50);
    getPage(k, pages[1]!);
    skbAddRxFrag(k, skb, pages[1]!, 0, 50);
    expect([fragsOf(skb), pages.slice(0, 2).map(P)]).toEqual([
      [
        [0, 0, 150],
        [1, 0, 50],
      ],
      [1, 1],
    ]);
    expect([skb.len, skb.dataLen, skb.truesize - truesize]).toEqual([200, 200, 100]);
  });

  test('by reference, as long as there is an entry', () => {
    const skb = paged();
    expect(skbAppendPagefrags(k, skb, pages[0]!, 0, 10)).toBe(true);
    expect(skbAppendPagefrags(k, skb, pages[0]!, 10, 10)).toBe(true);
    expect([fragsOf(skb), P(pages[0]!)]).toEqual([[[0, 0, 20]], 1]);
    const max = k.era.maxSkbFrags;
    const parts = Array.from({ length: max + 1 }, (_, i) => ({
      page: pages[i]!,
      pageOffset: 50,
      size: 10,
    }));
    expect(skbSpliceFromIter(k, skb, parts)).toBe(10 * (max - 1));
    expect([skb.shinfo.nrFrags, skb.len, skb.dataLen]).toEqual([
      max,
      10 * (max - 1),
      10 * (max - 1),
    ]);
    expect(skbAppendPagefrags(k, skb, pages[max - 2]!, 60, 10)).toBe(true); // goes on in the last
    expect(skbAppendPagefrags(k, skb, pages[max]!, 0, 10)).toBe(false);
  });

  test('are fresh ones for bytes that are copied in', () => {
    const skb = paged();
    const cost = charged(() => skbAppendDatatoFrags(k, skb, pages[0]!.address, 5000));
    expect([skb.len, skb.dataLen, skb.shinfo.frags.slice(0, 2).map((f) => f.size)]).toEqual([
      5000,
      5000,
      [4096, 904],
    ]);
    expect(cost['copiedPayloadBytes']).toBe(5000);
    expect(contents(k, skb).subarray(0, 4096)).toEqual(
      Buffer.from(k.mem.subarray(pages[0]!.address, pages[0]!.address + 4096)),
    );
  });
});

describe('segments', () => {
  test.each([true, false])(
    'have headers, payload, numbers and memory of their own (sg: %s)',
    (sg) => {
      const skb = packet(30, [0, 0, 100], [1, 0, 100]);
      skb.shinfo.gsoSize = 70;
      const whole = contents(k, skb);
      const made: SkBuff[] = [];
      const cost = charged(() => {
        for (let s: SkBuff | null = skbSegment(k, skb, sg); s !== null; s = s.next) made.push(s);
      });
      expect(made.map((s) => s.len - 40)).toEqual([70, 70, 70, 20]);
      expect(made.map((s) => [s.seq, s.endSeq])).toEqual([
        [1000, 1070],
        [1070, 1140],
        [1140, 1210],
        [1210, 1230],
      ]);
      expect(Buffer.concat(made.map((s) => contents(k, s).subarray(40)))).toEqual(
        whole.subarray(40),
      );
      for (const s of made) {
        expect(contents(k, s).subarray(0, 40)).toEqual(whole.subarray(0, 40));
        expect([s.shinfo.gsoSegs, s.shinfo.gsoSize, s.truesize, skbHeadroom(s)]).toEqual([
          1,
          0,
          HEAD(s) + s.dataLen,
          64,
        ]);
      }
      expect(made.map(fragsOf)).toEqual(
        sg
          ? [
              [[0, 0, 40]],
              [
                [0, 40, 60],
                [1, 0, 10],
              ],
              [[1, 10, 70]],
              [[1, 80, 20]],
            ]
          : [[], [], [], []],
      );
      expect(cost['copiedPayloadBytes']).toBe(sg ? 30 : 230);
      expect(pages.slice(0, 2).map(P)).toEqual(sg ? [3, 4] : [1, 1]);
    },
  );
});

describe('how they go', () => {
  test('with the last user, and a user too many is a bug', () => {
    const skb = packet(0, [0, 0, 100]);
    expect(charged(() => skbGet(k, skb))).toEqual({ atomicsRef: 1 });
    kfreeSkb(k, skb);
    expect([skb.users, skb.live, P(pages[0]!)]).toEqual([1, true, 1]);
    kfreeSkb(k, skb);
    expect([skb.live, P(pages[0]!)]).toEqual([false, 0]);
    expect(() => kfreeSkb(k, skb)).toThrow('freed twice');
    const none = packet(0);
    none.users = 0;
    expect(() => kfreeSkb(k, none)).toThrow('users -1');
    const wrong = packet(0);
    wrong.cloned = 1;
    wrong.shinfo.dataref = 0;
    expect(() => kfreeSkb(k, wrong)).toThrow('would become -1 (it is 0, a release drops 1)');
  });

  test('a socket is charged for them until they are orphaned or freed', () => {
    const sk = new Sock();
    expect(sk.small).toBe(false);
    const [out, back] = [packet(0), packet(0)];
    skbSetOwnerW(k, out, sk);
    skbSetOwnerR(k, back, sk);
    expect([sk.wmemAlloc, sk.rmemAlloc]).toEqual([out.truesize, back.truesize]);
    expect([out.destructor, back.destructor, out.sk]).toEqual([
      Destructor.SOCK_WFREE,
      Destructor.SOCK_RFREE,
      sk,
    ]);
    expect(charged(() => skbOrphan(k, out))).toEqual({ atomicsRef: 2, indirectCalls: 1 });
    expect([sk.wmemAlloc, out.sk, out.destructor]).toEqual([0, null, Destructor.NONE]);
    expect(charged(() => skbOrphan(k, out))).toEqual({});
    skbSetOwnerW(k, back, sk); // was charged as received
    expect(sk.rmemAlloc).toBe(0);
    kfreeSkb(k, back);
    expect(sk.wmemAlloc).toBe(0);
  });

  test('one that was sent is made ready to receive, if it is linear, alone and large enough', () => {
    const sent = packet(10);
    const { head } = sent.shinfo;
    const size = sent.shinfo.end - head;
    expect([
      skbRecycleCheck(k, packet(0, [0, 0, 10]), 1),
      skbRecycleCheck(k, allocSkb(k, 64, true), 1),
      skbRecycleCheck(k, skbGet(k, packet(0)), 1),
    ]).toEqual([false, false, false]);
    const shared = packet(0);
    skbClone(k, shared, Site.TAP);
    expect(skbRecycleCheck(k, shared, 1)).toBe(false);
    expect(skbRecycleCheck(k, sent, size + 1)).toBe(false);
    expect([sent.len, sent.data - head]).toEqual([50, 64]);
    Object.assign(sent.shinfo, { gsoSize: 5, gsoSegs: 2, marked: true, dataref: 1 + (1 << 16) });
    expect(skbRecycleCheck(k, sent, size)).toBe(true);
    const { gsoSize, gsoSegs, marked, dataref, loan } = sent.shinfo;
    expect([
      sent.len,
      sent.headers,
      sent.data,
      sent.tail,
      gsoSize,
      gsoSegs,
      marked,
      dataref,
      loan,
    ]).toEqual([0, 0, head, head, 0, 0, false, 1, null]);
  });
});

describe('private bytes', () => {
  test('are charged as copies in a kernel that packs them into few pages, too', () => {
    on(bareKernel({ era: '4.14' }));
    const skb = packet(0, [0, 0, 100], [1, 0, 50]);
    expect(charged(() => skbCopyUbufs(k, skb))['copiedPayloadBytes']).toBe(150);
    expect([skb.shinfo.nrFrags, skb.shinfo.frags[0]!.size]).toEqual([1, 150]);
  });

  test('of a member that nobody else has are pulled out of it, without a clone', () => {
    const skb = packet(10);
    const member = paged([0, 0, 100]);
    skbGroReceiveList(k, skb, member);
    const bytes = contents(k, skb);
    pskbPullTail(k, skb, 30);
    expect([skb.shinfo.fragList, member.len, contents(k, skb)]).toEqual([member, 70, bytes]);
  });

  test('for a writer in place: pages become linear, members that others have become copies', () => {
    const skb = packet(10, [0, 0, 100]);
    const mine = packet(5);
    const theirs = skbGet(k, packet(6));
    const behind = packet(7);
    for (const member of [mine, theirs, behind]) skbGroReceiveList(k, skb, member);
    const bytes = contents(k, skb);
    skbCowData(k, skb);
    const members: SkBuff[] = [];
    for (let m = skb.shinfo.fragList; m !== null; m = m.next) members.push(m);
    expect(members.map((m) => [mine, theirs, behind].indexOf(m))).toEqual([0, -1, -1]);
    expect([skb.shinfo.nrFrags, P(pages[0]!), contents(k, skb)]).toEqual([0, 0, bytes]);
    expect([theirs.users, behind.live]).toEqual([1, false]);
    const alone = packet(10);
    const { head } = alone.shinfo;
    skbCowData(k, alone);
    expect(alone.shinfo.head).toBe(head);
  });

  test('a netlink message shares pages, unless the whole packet fits', () => {
    const large = packet(10, [0, 0, 4000]);
    const message = skbZerocopy(k, large);
    expect([fragsOf(message), message.len, message.dataLen, message.truesize]).toEqual([
      [[0, 0, 4000]],
      4050,
      4000,
      HEAD(message) + 4000,
    ]);
    expect([contents(k, message), P(pages[0]!), skbHeadroom(message)]).toEqual([
      contents(k, large),
      2,
      128,
    ]);
    const small = packet(10, [1, 0, 14]);
    const cost = charged(() => expect(skbZerocopy(k, small).dataLen).toBe(0));
    expect([cost['copiedPayloadBytes'], P(pages[1]!)]).toEqual([24, 1]);
    expect(skbZerocopy(k, packet(10, [1, 0, 15])).dataLen).toBe(15);
    const headless = skbZerocopy(k, paged([2, 0, 4000])); // without linear bytes nothing is shared
    expect([headless.dataLen, headless.len, P(pages[2]!)]).toEqual([0, 4000, 1]);
  });
});

test('each says which function of the kernel it is, and of which packet', () => {
  const heard: [string, SkBuff][] = [];
  const one = packet(10, [0, 0, 100]);
  const says = (name: string, skb: SkBuff, act: () => unknown): void => {
    heard.length = 0;
    k.onOperation = (operation, of) => heard.push([operation, of]);
    act();
    k.onOperation = null;
    act(); // without anybody who listens, nothing is said
    expect(heard[0], name).toEqual([name, skb]);
  };
  says('skb_clone', one, () => skbClone(k, one, Site.TAP));
  says('skb_copy', one, () => skbCopy(k, one));
  says('pskb_copy', one, () => pskbCopy(k, one));
  says('skb_copy_expand', one, () => skbCopyExpand(k, one, 0, 0));
  says('pskb_expand_head', one, () => pskbExpandHead(k, one, 0, 0));
  says('___pskb_trim', one, () => pskbTrim(k, one, one.len));
  says('__pskb_pull_tail', one, () => pskbPullTail(k, one, 1));
  says('__pskb_trim_head', one, () => pskbTrimHead(k, one, 1));
  says('skb_copy_ubufs', one, () => skbCopyUbufs(k, one));
  says('skb_cow_data', one, () => skbCowData(k, one));
  says('skb_zerocopy', one, () => skbZerocopy(k, one));
  says('pskb_extract', one, () => pskbExtract(k, one, 1, 10));
  says('skb_morph', one, () => skbMorph(k, packet(0), one));
  one.shinfo.gsoSize = 100;
  says('skb_segment', one, () => skbSegment(k, one, true));
  const two = paged([2, 0, 100], [3, 0, 100]);
  says('skb_shift', two, () => skbShift(k, paged(), two, 10));
  says('skb_split', two, () => skbSplit(k, two, paged(), two.len - 1));
  says('skb_gro_receive', two, () => skbGroReceive(k, paged(), two));
  says('skb_add_rx_frag', two, () => skbAddRxFrag(k, two, newPage(k), 0, 1));
  says('skb_append_pagefrags', two, () => skbAppendPagefrags(k, two, newPage(k), 0, 1));
  says('skb_splice_from_iter', two, () => skbSpliceFromIter(k, two, []));
  const three = paged([4, 0, 3000]);
  says('skb_try_coalesce', three, () => skbTryCoalesce(k, paged([5, 0, 1]), three));
});

describe('pages that a pipe gets', () => {
  const slots = (skb: SkBuff, offset: number, size: number): number[] => {
    const pipe = new Pipe(k);
    const sizes: number[] = [];
    const done = skbSpliceBits(k, skb, offset, size, pipe, false);
    pipe.forEachReader({ skb: () => {}, page: (_, __, bytes) => sizes.push(bytes) });
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(done);
    return sizes;
  };

  test('are those of the packet, and copies of what stands in its head', () => {
    const skb = packet(20, [0, 0, 100], [1, 0, 100]);
    expect(slots(skb, 0, 220)).toEqual([20, 100, 100]);
    expect(slots(skb, 5, 100)).toEqual([15, 85]);
    expect(slots(skb, 20, 100)).toEqual([100]);
    expect(slots(skb, 130, 10)).toEqual([10]);
    expect(slots(skb, 219, 100)).toEqual([1]);
    expect(slots(packet(5000), 0, 5000)).toEqual([4096, 904]);
  });
});

test('a packet that was not cut is asked about by no design, one that shares its pages is', () => {
  const asked: number[] = [];
  const design: Design = {
    ...mainline,
    create: (services) =>
      Object.assign(new GetPutPage(services), {
        clone: (_: SkBuff, site: number) => asked.push(site) && 0,
      }),
  };
  on(bareKernel({ era: '3.8', design }));
  const skb = packet(0, [0, 0, 100]);
  skb.shinfo.gsoSize = 50;
  asked.length = 0;
  skbSegment(k, skb, false);
  expect(asked).toEqual([]);
  skbSegment(k, skb, true);
  expect(asked).toEqual([Site.SEGMENT]);
});

describe('what a design was made for', () => {
  const source = 'its author';
  test.each<[string, Parameters<typeof inDomain>[0], Parameters<typeof inDomain>[1], boolean]>([
    ['anything', undefined, { by: 'guest', over: 'device' }, true],
    ['anything that is lent, and here nothing is', { by: [], source }, undefined, true],
    ['whoever asks', { by: ['requests'], source }, { by: 'requests', over: 'tcp' }, true],
    ['not for somebody else', { by: ['requests'], source }, { by: 'stream', over: 'tcp' }, false],
    ['somebody behind a socket', { by: ['stream'], source }, { by: 'socket', over: 'tcp' }, true],
    ['nobody behind a socket', { by: ['guest'], source }, { by: 'socket', over: 'tcp' }, false],
    ['one carrier', { over: ['udp'], source }, { by: 'stream', over: 'udp' }, true],
    ['not another carrier', { over: ['udp'], source }, { by: 'stream', over: 'tcp' }, false],
    [
      'both, and one is wrong',
      { by: ['stream'], over: ['udp'], source },
      { by: 'stream', over: 'tcp' },
      false,
    ],
    ['what is thrown away', { drains: false, source }, { by: 'stream', over: 'tcp' }, true],
    [
      'not what drains',
      { drains: false, source },
      { by: 'stream', over: 'tcp', drains: true },
      false,
    ],
    ['what goes to devices', { onHost: false, source }, { by: 'stream', over: 'tcp' }, true],
    [
      'not what somebody on the host gets',
      { onHost: false, source },
      { by: 'stream', over: 'tcp', onHost: true },
      false,
    ],
    ['what he gets as well', { source }, { by: 'stream', over: 'tcp', onHost: true }, true],
    ['what drains as well', { source }, { by: 'stream', over: 'tcp', drains: true }, true],
  ])('%s', (_, domain, lending, expected) => {
    expect(inDomain(domain, lending)).toBe(expected);
  });

  test('not what nobody could lend yet, in a kernel before that or a branch of one', () => {
    const domain = { since: '6.0', source };
    const inside = (era: string) => inDomain(domain, { by: 'stream', over: 'tcp' }, eraOf(era));
    expect(['3.8', '5.10.223', '6.1.192', '7.2.13'].map(inside)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(inDomain(domain, undefined, eraOf('3.8'))).toBe(true); // nothing is lent
  });

  test('not what nobody lends any more, in a kernel from then on', () => {
    const domain = { since: '4.18', until: '6.15', source };
    const inside = (era: string) => inDomain(domain, { by: 'stream', over: 'tcp' }, eraOf(era));
    expect(['4.14', '5.10.223', 'debian-6.12.117', '7.2.13'].map(inside)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

test('costs are those of whose traffic it is', () => {
  const skb = packet(0);
  k.side = Side.ORDINARY;
  const at = (side: Side): number => k.cost[side + Cost.ATOMIC_REF]!;
  const before = [at(Side.LENT), at(Side.ORDINARY)];
  skbGet(k, skb);
  expect([at(Side.LENT), at(Side.ORDINARY)]).toEqual([before[0], before[1]! + 1]);
});
