// Pages of a registered buffer, in packets that have no reference on them: nobody puts what nobody has taken, and whoever
// copies, cuts or adds entries takes the references first.
import { describe, expect, test } from 'vitest';
import { design } from '../../../strategies/send-zc-fixed.ts';
import {
  Cryptd,
  Link,
  MainlineHost,
  Nic,
  Side,
  Site,
  Tun,
  UdpSock,
  allocSkb,
  espOutput,
  groPullFromFrag0,
  kfreeSkb,
  mainSendmsg,
  pskbCopy,
  pskbExpandHead,
  pskbExtract,
  pskbMayPull,
  pskbTrim,
  pskbTrimHead,
  skbAppendPagefrags,
  skbClone,
  skbCopyUbufs,
  skbLinearize,
  skbSegment,
  skbSplit,
  tcpSendpage,
  udpSendmsg,
  udpSendpage,
  type Design,
  type Kernel,
  type Loan,
  type Page,
  type Services,
  type SkBuff,
} from '../src/index.ts';
import { P, bareKernel, connected, newPage } from './machine.ts';
import { packet } from './packets.ts';

const HEADERS = 40;

interface Lent {
  readonly k: Kernel;
  readonly skb: SkBuff;
  readonly pages: readonly Page[];
  /** Is the request told of, once the task has run its work? */
  readonly told: () => boolean;
  readonly refs: () => number[];
}

/** The task of the ring runs what is queued for it. */
function told(k: Kernel, loan: Loan): boolean {
  k.workqueue?.take();
  return loan.completed;
}

/** A packet of headers and `bytes` bytes of each of three registered pages; the request is over. */
function lent(era = '7.2.13', { bytes = 1000, headers = HEADERS } = {}): Lent {
  const k = bareKernel({ era, design });
  const pages = [newPage(k), newPage(k), newPage(k)];
  const loan = k.newLoan(0, 1);
  const skb = packet(k, headers);
  skb.headers = headers;
  for (const page of pages) {
    k.lifetime.lend(skb, page, 0, bytes, loan);
    skb.len += bytes;
    skb.dataLen += bytes;
  }
  k.lifetime.released(loan);
  return { k, skb, pages, told: () => told(k, loan), refs: () => pages.map(P) };
}

const NONE = [0, 0, 0];
const ALL = [1, 1, 1];

test('a packet has no reference on what it names, its clones have none, and the last of them tells', () => {
  const { k, skb, told, refs } = lent();
  const clone = skbClone(k, skb, Site.XMIT);
  expect([skb.shinfo.managed, refs()]).toEqual([true, NONE]);
  kfreeSkb(k, skb);
  expect([told(), refs()]).toEqual([false, NONE]);
  kfreeSkb(k, clone);
  expect([told(), refs()]).toEqual([true, NONE]);
  expect(packet(k, HEADERS).shinfo.managed).toBe(false); // the next one in its place
});

describe('nothing is put where an entry leaves a packet that goes on:', () => {
  const FITS = 40; // all of them into the head
  test.each<[string, (k: Kernel, skb: SkBuff) => void, number?]>([
    ['it is cut off', (k, skb) => pskbTrim(k, skb, HEADERS + 1500), 1000],
    ['it is acknowledged', (k, skb) => pskbTrimHead(k, skb, HEADERS + FITS + 10)],
    ['it is pulled into the head', (k, skb) => void pskbMayPull(k, skb, HEADERS + FITS + 10)],
    ['all are, and the ubuf_info is let go of', (k, skb) => skbLinearize(k, skb)],
    ['all are replaced by copies', (k, skb) => skbCopyUbufs(k, skb)],
  ])('%s', (name, eat, bytes = FITS) => {
    const { k, skb, told, refs } = lent('7.2.13', { bytes });
    const pages = k.pages.used;
    eat(k, skb);
    const whole = name.startsWith('all');
    expect([skb.shinfo.managed, told(), refs()]).toEqual([!whole, whole, NONE]);
    kfreeSkb(k, skb);
    expect([told(), refs(), k.pages.used]).toEqual([true, NONE, pages]); // its own are free
  });

  test('it was headers alone, for GRO', () => {
    const { k, skb, refs } = lent('7.2.13', { bytes: 20, headers: 0 });
    groPullFromFrag0(k, skb, 20);
    expect([skb.shinfo.nrFrags, refs()]).toEqual([2, NONE]);
    kfreeSkb(k, skb);
    expect(refs()).toEqual(NONE);
  });
});

describe('references are taken first', () => {
  test('where a packet gets a head of its own, for the old one as well if somebody has it', () => {
    const { k, skb, told, refs } = lent();
    pskbExpandHead(k, skb, 64, 0);
    expect([skb.shinfo.managed, refs()]).toEqual([false, ALL]);
    const clone = skbClone(k, skb, Site.XMIT);
    kfreeSkb(k, skb);
    kfreeSkb(k, clone);
    expect([told(), refs()]).toEqual([true, NONE]);

    const two = lent();
    const other = skbClone(two.k, two.skb, Site.XMIT);
    pskbExpandHead(two.k, other, 64, 0);
    expect([two.skb.shinfo.managed, two.refs()]).toEqual([false, [2, 2, 2]]);
    kfreeSkb(two.k, two.skb);
    expect([two.told(), two.refs()]).toEqual([false, ALL]);
    kfreeSkb(two.k, other);
    expect([two.told(), two.refs()]).toEqual([true, NONE]);
  });

  test('where it is split: each half has those of its entries, and the page in the middle two', () => {
    const { k, skb, told, refs } = lent();
    const rest = allocSkb(k, 64, false);
    skbSplit(k, skb, rest, HEADERS + 1500);
    expect([skb.shinfo.managed, rest.shinfo.managed, refs()]).toEqual([false, false, [1, 2, 1]]);
    kfreeSkb(k, skb);
    expect([told(), refs()]).toEqual([false, [0, 1, 1]]);
    kfreeSkb(k, rest);
    expect([told(), refs()]).toEqual([true, NONE]);
  });

  test("where somebody else's page is added, and put with the others", () => {
    const { k, skb, refs } = lent();
    const page = newPage(k);
    skbAppendPagefrags(k, skb, page, 0, 500);
    expect([skb.shinfo.managed, refs(), P(page)]).toEqual([false, ALL, 1]);
    kfreeSkb(k, skb);
    expect([refs(), P(page)]).toEqual([NONE, 0]);
  });

  test.each<[string, (k: Kernel, skb: SkBuff) => SkBuff]>([
    ['a copy of the header', pskbCopy],
    [
      'a segment',
      (k, skb) => (Object.assign(skb.shinfo, { gsoSize: 3000 }), skbSegment(k, skb, true)),
    ],
  ])('and %s has its own, while the packet goes on without any', (_, made) => {
    const { k, skb, told, refs } = lent();
    const copy = made(k, skb);
    expect([skb.shinfo.managed, copy.shinfo.managed, refs()]).toEqual([true, false, ALL]);
    kfreeSkb(k, skb);
    expect([told(), refs()]).toEqual([false, ALL]);
    kfreeSkb(k, copy);
    expect([told(), refs()]).toEqual([true, NONE]);
  });
});

describe('who forgot that', () => {
  test('pskb_carve copied the flag with the shared info and took references that nobody put (ff6e798c2eac)', () => {
    const left = (era: string): number[] => {
      const { k, skb, refs } = lent(era);
      const rest = pskbExtract(k, skb, HEADERS + 1500, 1000);
      kfreeSkb(k, skb);
      kfreeSkb(k, rest);
      return refs();
    };
    expect(left('7.2.13')).toEqual(NONE);
    expect(left('7.2.13-carveDowngrades')).toEqual([0, 1, 1]);
  });

  test('ESP put a page that nobody had taken, and nobody put its own (f89416eb3db1)', () => {
    const left = (era: string): { lent: number; others: number } => {
      const k = bareKernel({ era, design });
      const page = newPage(k);
      const loan = k.newLoan(0, 1);
      const skb = packet(k, HEADERS);
      skb.headers = HEADERS;
      k.lifetime.lend(skb, page, 0, 1000, loan);
      skb.len += 1000;
      skb.dataLen += 1000;
      k.lifetime.released(loan);
      page.count++; // the mapping's, and the pin
      const engine = new Cryptd(k);
      espOutput(k, skb, engine, (done) => kfreeSkb(k, done));
      engine.take();
      expect(told(k, loan)).toBe(true);
      return { lent: page.count, others: k.pages.used - 1 };
    };
    for (const era of ['6.1.192', 'debian-6.12.117', '7.2.13']) {
      expect(left(era), era).toEqual({ lent: 2, others: 0 });
      expect(left(`${era}-espDowngrades`), era).toEqual({ lent: 1, others: 1 });
    }
  });
});

/** SEND_ZC with UDP_SEGMENT, where MSG_MORE says nothing against it. @kernel net/ipv4/ip_output.c __ip_append_data, gso_size (6.1, 7.2) */
const segmented = {
  ...design,
  create: (k: Services) => Object.assign(design.create(k), { canAppend: () => true }),
} satisfies Design;

test('a datagram that more bytes come to takes the references of what it has', () => {
  const k = bareKernel({ era: '7.2.13', design: segmented });
  const features = { sg: true, csum: true, tso: true, gso: true };
  const nic = new Nic(k, 'nic', { features, mtu: 1500, ringSize: 8, dmaTicks: 1, txDoneTicks: 1 });
  nic.link = new Link(k, 'wire', { rate: 1e9, delayTicks: 10 }, null);
  const at = { localAddress: 1, localPort: 1, peerAddress: 2, peerPort: 2 };
  const sk = new UdpSock(k, 'client', Side.LENT, nic, at);
  const [page, scratch] = [newPage(k), newPage(k)];
  const loan = k.newLoan(0, 1);
  udpSendpage(sk, page, 0, 500, loan, true);
  const { shinfo } = sk.writeQueue.last!;
  expect([shinfo.managed, P(page)]).toEqual([true, 0]);
  udpSendmsg(sk, scratch.address, 100, false);
  expect([shinfo.managed, shinfo.nrFrags, P(page)]).toEqual([false, 2, 1]);
  k.release(loan);
  for (const step of nic.steps) step.take(0, step.item());
  expect([told(k, loan), P(page)]).toEqual([true, 0]);
});

describe('on a connection that goes on in the same packet', () => {
  /** A registered page, then bytes or a page of somebody else; all of it acknowledged. */
  function mixed(
    era: string,
    more: 'bytes' | 'page' | 'registered behind bytes',
    first: 'page' | 'bytes' = 'page',
  ) {
    const m = connected({ era, design });
    const { k, sk } = m;
    const [page, other] = [m.page(), m.page()];
    const loan = k.newLoan(0, 1);
    sk.driven = true; // nothing is sent meanwhile
    if (first === 'bytes') m.send(new Uint8Array(100).fill(6));
    m.lend(page, 0, 1000, loan);
    if (more === 'page') tcpSendpage(sk, other, 0, 500, null);
    else m.send(new Uint8Array(500).fill(7));
    if (more === 'registered behind bytes') m.lend(page, 1000, 1000, loan);
    const { shinfo } = m.queue[0]!;
    const queued = {
      packets: m.queue.length,
      managed: shinfo.managed,
      page: P(page),
      other: P(other),
    };
    sk.driven = false;
    k.lifetime.released(loan);
    m.send(new Uint8Array(1)); // pushes
    m.run();
    return { queued, left: { told: loan.completed, page: P(page), other: P(other) } };
  }

  test.each(['6.1.192', 'debian-6.12.117', '7.2.13'])(
    'copied bytes take the references in %s',
    (era) => {
      const { queued, left } = mixed(era, 'bytes');
      expect(queued).toEqual({ packets: 1, managed: false, page: 1, other: 0 });
      expect(left).toEqual({ told: true, page: 0, other: 0 });
    },
  );

  test('a packet that has copied bytes already has a reference on each page from the beginning', () => {
    const { queued, left } = mixed('7.2.13', 'bytes', 'bytes');
    expect(queued).toEqual({ packets: 1, managed: false, page: 1, other: 0 });
    expect(left).toEqual({ told: true, page: 0, other: 0 });
  });

  test('and what is lent behind them has one like any other', () => {
    const { queued, left } = mixed('7.2.13', 'registered behind bytes');
    expect(queued).toEqual({ packets: 1, managed: false, page: 2, other: 0 });
    expect(left).toEqual({ told: true, page: 0, other: 0 });
  });

  test.each(['debian-6.12.117', '7.2.13'])(
    'and so does a page that is spliced in, in %s',
    (era) => {
      const { queued, left } = mixed(era, 'page');
      expect(queued).toEqual({ packets: 1, managed: false, page: 1, other: 1 });
      expect(left).toEqual({ told: true, page: 0, other: 0 });
    },
  );

  test.each(['copy', 'share'] as const)(
    "and so they do in mainline's TCP of the scripts, where a page comes by %s",
    (how) => {
      const k = bareKernel({ era: '7.2.13', design });
      const features = { sg: true, csum: true, tso: false, gso: true };
      const device = new Tun(k, 'tun0', { features, mtu: 1500, readTicks: 0 });
      const host = new MainlineHost(k, 'host', 1, 1500, () => {});
      const sk = host.socket({ device, sg: true, gso: true }, 1, 2, 2, {});
      sk.mss = 1460;
      sk.driven = true; // nothing is sent meanwhile
      const [page, other] = [newPage(k), newPage(k)];
      const loan = k.newLoan(0, 1);
      const flags = { more: true, eor: false, waits: false };
      mainSendmsg(sk, [{ page, offset: 0, size: 1000, how: 'lend' }], loan, flags);
      mainSendmsg(sk, [{ page: other, offset: 0, size: 100, how }], null, flags);
      k.lifetime.released(loan);
      const { first, last } = sk.writeQueue;
      expect([first === last, first!.shinfo.nrFrags, first!.shinfo.managed]).toEqual([
        true,
        2,
        false,
      ]);
      expect([P(page), P(other)]).toEqual([1, how === 'share' ? 1 : 0]);
      kfreeSkb(k, sk.writeQueue.shift()!);
      expect([told(k, loan), P(page), P(other)]).toEqual([true, 0, 0]);
    },
  );
});
