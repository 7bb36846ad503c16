// Packets that came up from a device: GRO takes headers out of lent pages, and protocols decrypt what they got.
import {
  NoMemory,
  allocSkb,
  eraOf,
  espInput,
  getPage,
  rxkadVerifyPacket,
  xenvifHandleFragList,
  type Design,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as copies } from '../../../strategies/copy-always.ts';
import { design as counted } from '../../../strategies/ian-frag-destructor.ts';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as noClone } from '../../../strategies/no-clone.ts';
import { design as pool } from '../../../strategies/page-pool.ts';
import { design as marker } from '../../../strategies/shared-frag-marker.ts';
import { design as orphan } from '../../../strategies/ubuf-orphan.ts';
import {
  OPERATIONS,
  existsIn,
  runMatrixCell,
  type MatrixCell,
  type Operation,
} from '../src/index.ts';
import { RecipeBench } from './recipe-bench.ts';

const operation = (id: string): Operation => OPERATIONS.find((o) => o.id === id)!;
const cell = (design: Design, id: string, era: string): MatrixCell =>
  runMatrixCell(design, operation(id), eraOf(era)!);
const unmarked = (design: Design, id: string, era: string): boolean =>
  cell(design, id, era).properties.includes('unmarked');

describe('gro_pull_from_frag0', () => {
  test('headers in a frag of their own: that entry is put, and the next one is first', () => {
    const bench = new RecipeBench('7.2.13', 'sole owner');
    operation('gro_pull_from_frag0').apply(bench);
    const [split, whole] = bench.held;
    expect([split!.len, split!.dataLen, split!.shinfo.nrFrags]).toEqual([2048, 1996, 1]);
    expect([whole!.len, whole!.dataLen, whole!.shinfo.nrFrags]).toEqual([2048, 1996, 1]);
    const frag = (n: typeof split) => n!.shinfo.frags[0]!;
    expect([frag(split).pageOffset, frag(whole).pageOffset]).toEqual([52, 2048 + 52]);
    expect(frag(split).page.count).toBe(1 + 2); // the owner's, and one of each packet
  });

  test('a pool gets its page back once, and who counts entries is right; a receive buffer told at once is not', () => {
    expect(cell(pool, 'gro_pull_from_frag0', '7.2.13').verdict).toBe('proven');
    expect(cell(counted, 'gro_pull_from_frag0', '3.8').verdict).toBe('proven');
    expect(cell(naive, 'gro_pull_from_frag0', '7.2.13').property).toBe('corrupt');
    expect(existsIn(operation('gro_pull_from_frag0'), '2.6.28')).toBe(false);
  });
});

describe('ESP over IPv6', () => {
  test.each([
    ['4.14', true],
    ['5.10.223', true],
    ['6.1.192', false],
    ['7.2.13', false],
    ['7.2.13-espAsksMarker', true],
  ])('Linux %s: lent pages with a marker are decrypted in place: %s', (era, says) => {
    expect(unmarked(marker, 'esp6_input', era)).toBe(says);
    expect(unmarked(marker, 'esp_input', era)).toBe(says);
  });

  test('says its own name, on both ways', () => {
    const bench = new RecipeBench('7.2.13', 'sole owner');
    const called: string[] = [];
    bench.k.onOperation = (name) => called.push(name);
    const packet = bench.packet(bench.first);
    espInput(bench.k, packet, 'esp6_input');
    operation('esp6_output_tail').apply(bench);
    expect(called.filter((name) => name.startsWith('esp'))).toEqual([
      'esp6_input',
      'esp6_output_tail',
    ]);
  });
});

describe('rxrpc decrypts', () => {
  test.each([
    ['3.8', false], // skb_cow_data
    ['4.14', false],
    ['5.10.223', true], // CVE-2026-43500
    ['6.1.192-rxrpcCopiesPaged', true],
    ['6.1.192', false],
    ['debian-6.12.117', false],
    ['7.2.13-rxrpcBuffer', true],
    ['7.2.13', false],
  ])('Linux %s: over pages that somebody else has: %s', (era, says) => {
    expect(unmarked(marker, 'rxkad_verify_packet', era)).toBe(says);
    expect(unmarked(counted, 'rxkad_verify_packet', era)).toBe(says);
  });

  test.each([
    ['5.10.223', 'shared', true],
    ['5.10.223', 'sole owner', false],
    ['6.1.192', 'sole owner', true],
    ['7.2.13', 'shared', false],
  ] as const)('Linux %s, %s: the call goes on with a copy: %s', (era, situation, copies) => {
    const bench = new RecipeBench(era, situation);
    const packet = bench.packet(bench.first);
    const before = Buffer.from(
      bench.k.mem.subarray(bench.pages[0]!.address, bench.pages[0]!.address + 64),
    );
    const own = rxkadVerifyPacket(bench.k, packet);
    expect(own !== packet).toBe(copies);
    const { address } = bench.pages[0]!;
    const kept = before.equals(Buffer.from(bench.k.mem.subarray(address, address + 64)));
    expect(kept).toBe(era !== '5.10.223' || situation === 'shared');
  });
});

describe('memory of a device', () => {
  const says = (design: Design, id: string): string => cell(design, id, '7.2.13').verdict;
  const SENT = 'zerocopy_fill_skb_from_devmem';
  const DROPPED = 'validate_xmit_unreadable_skb';
  const TAPPED = 'packet_rcv (unreadable)';

  test('a design whose escape is a copy cannot lend it, and one that counts can', () => {
    expect([SENT, DROPPED, TAPPED].map((id) => says(copies, id))).toEqual([
      'refused',
      'refused',
      'refused',
    ]);
    expect([SENT, DROPPED, TAPPED].map((id) => says(noClone, id))).toEqual([
      'refused',
      'refused',
      'refused',
    ]);
    expect([SENT, DROPPED, TAPPED].map((id) => says(counted, id))).toEqual([
      'proven',
      'proven',
      'proven',
    ]);
  });

  test('MSG_ZEROCOPY sends it; whoever would keep it gets nothing, where others get headers', () => {
    expect([SENT, DROPPED, TAPPED].map((id) => says(zerocopy, id))).toEqual([
      'proven',
      'proven',
      'refused',
    ]);
  });

  test('told at the return of the call, the device reads what the accelerator writes next', () => {
    expect(cell(naive, SENT, '7.2.13')).toMatchObject({ property: 'corrupt', harm: 'wire' });
    expect(cell(naive, DROPPED, '7.2.13').property).toBe('early'); // nobody reads it
  });
});

describe("netback's frag lists", () => {
  const FRAG_LIST = 'xenvif_handle_frag_list';

  test("a packet of too many slots goes on in pages of the host, and both halves of the guest's are given back", () => {
    for (const era of ['4.14', '7.2.13']) {
      const bench = new RecipeBench(era, 'sole owner');
      operation(FRAG_LIST).apply(bench);
      const [skb] = bench.held;
      const { shinfo } = skb!;
      expect([bench.held.length, skb!.len, skb!.dataLen, shinfo.nrFrags]).toEqual([
        1, 4096, 4096, 1,
      ]);
      const guest = bench.pages.at(-1)!;
      expect([shinfo.fragList, shinfo.frags[0]!.page === guest, guest.count]).toEqual([
        null,
        false,
        1,
      ]);
      expect(bench.spoiled()).toEqual([]);
      expect(cell(counted, FRAG_LIST, era).verdict).toBe('copied');
    }
  });

  test('up to 3.19 nobody put the frags of the packet itself: who counts them is never told, who owns the packet is', () => {
    const bench = new RecipeBench('3.18', 'sole owner');
    operation(FRAG_LIST).apply(bench);
    expect(bench.pages.at(-1)!.count).toBe(2);
    expect(cell(counted, FRAG_LIST, '3.18').property).toBe('lost');
    expect(cell(orphan, FRAG_LIST, '3.18').verdict).toBe('copied');
    expect(cell(counted, FRAG_LIST, '3.18+xenUnrefsFrags').verdict).toBe('copied');
  });

  test('without memory for one of the copies there is none, and both packets are as they were', () => {
    const { k, pages } = new RecipeBench('7.2.13', 'sole owner');
    const packet = (...of: Page[]): SkBuff => {
      const skb = allocSkb(k, 64, false);
      for (const page of of) {
        getPage(k, page);
        k.fillPageDesc(skb, page, 0, 4096);
      }
      skb.len = skb.dataLen = of.length * 4096;
      return skb;
    };
    const skb = packet(pages[0]!, pages[1]!);
    skb.shinfo.fragList = packet(pages[2]!);
    const { used } = k.pages;
    const counts = pages.map((page) => page.count);
    k.failIn = 3;
    expect(() => xenvifHandleFragList(k, skb)).toThrow(NoMemory);
    expect([skb.len, skb.dataLen, skb.shinfo.nrFrags, k.pages.used]).toEqual([8192, 8192, 2, used]);
    expect(pages.map((page) => page.count)).toEqual(counts);
  });
});
