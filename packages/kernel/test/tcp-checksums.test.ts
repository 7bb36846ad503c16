// Checksums of TCP in software: over pages as they are when they are summed, which need not be as they are read.
import { describe, expect, test } from 'vitest';
import { checksumAdd, checksumFold } from '../src/index.ts';
import { MSS, type Machine, connected } from './machine.ts';
import { bytesOfEach } from './streams.ts';

describe('checksums in software', () => {
  /** Sums pseudo header, TCP header and payload of a linear packet, checksum field included. */
  function sum(m: Machine, at: number, len: number): number {
    const { mem } = m.k;
    const pseudo = checksumAdd(mem, at + 12, 8, 6 + len - 20);
    return checksumFold(checksumAdd(mem, at + 20, len - 20, pseudo));
  }

  test.each([1, 2, 999, 1000, MSS])('of %i bytes are right on the wire', (size) => {
    const m = connected({ features: { csum: false }, route: { sg: true, gso: false } });
    m.lend(m.page(), 3, size);
    const [K1] = m.ring;
    expect([K1!.shinfo.nrFrags, K1!.ipSummed]).toEqual([1, 0]); // not linearised, summed over the page
    const sums: number[] = [];
    m.lose = (s) => {
      if (s.from === 'a' && s.payload > 0) sums.push(s.payload);
      return false;
    };
    m.nicB.receiver = {
      receive: (skb) => {
        expect(m.k.mem[skb.data + 36]! | m.k.mem[skb.data + 37]!).not.toBe(0);
        sums.push(sum(m, skb.data, skb.len));
        m.b.receive(skb, m.nicB);
      },
    };
    m.run();
    expect([sums, m.b.checksumErrors, m.peer.received.length]).toEqual([[0], 0, size]);
  });

  test('of pieces with odd sizes are right, too', () => {
    const m = connected({ features: { csum: false }, route: { sg: true, gso: false } });
    m.sk.driven = true;
    for (const size of [3, 500, 77]) m.lend(m.page(), 5, size);
    m.sk.driven = false;
    m.lend(m.page(), 0, 1);
    m.run();
    expect([m.data.map((s) => s.payload), m.b.checksumErrors, m.sk.timeouts]).toEqual([
      [581],
      0,
      0,
    ]);
  });

  test('a page that changes between checksum and DMA: dropped there, and sent again as it is now', () => {
    const m = connected({ features: { csum: false }, route: { sg: true, gso: false } });
    const page = m.page();
    m.lend(page, 0, 1000);
    m.k.mem[page.address + 500]! ^= 0xff;
    m.run();
    expect([m.b.checksumErrors, m.sk.timeouts, m.sk.retransmits]).toEqual([1, 1, 1]);
    expect(m.peer.received).toEqual(bytesOfEach(m, 1000));
  });

  test('a device that sums while it reads hides the change', () => {
    const m = connected();
    const page = m.page();
    m.lend(page, 0, 1000);
    m.k.mem[page.address + 500]! ^= 0xff;
    m.run();
    expect([m.b.checksumErrors, m.peer.received]).toEqual([0, bytesOfEach(m, 1000)]);
  });
});
