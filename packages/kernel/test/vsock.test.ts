// Two sockets of vsock on one host: what one sends by reference stands in the queue of the other as it was made.
import { describe, expect, test } from 'vitest';
import { NoMemory, Reader, VsockSock, fragAt, kfreeSkb, type Design } from '../src/index.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { NOTHING, P, bareKernel, inUse, mainline, newPage, waiting } from './machine.ts';

const SIZE = 1000;

function pair(era = '7.2.13', design: Design = mainline) {
  const k = bareKernel({ era, design });
  const page = newPage(k);
  const [from, to] = [new VsockSock(k), new VsockSock(k)];
  const send = (op: number) => from.sendmsg(to, page, SIZE, k.newLoan(0, op));
  return { k, page, from, to, send };
}

/** The same with a packet that waits, of a process that is told when it is gone. */
function lending(era: string) {
  const all = pair(era, msgZerocopy);
  all.send(1);
  return all;
}

describe('a socket of vsock', () => {
  test('lends from 6.7 on', () => {
    expect(() => pair('6.1.192')).toThrow('virtio_transport_send_pkt_info');
    expect(pair('debian-6.12.117').page).toBeDefined();
  });

  test('has a packet no more once its peer has it: that one orphans it, and asks for no copy', () => {
    const { page, from, to, send } = pair();
    send(1);
    const [skb] = waiting(to);
    expect([skb!.shinfo.nrFrags, skb!.shinfo.frags[0]!.page === page, P(page)]).toEqual([
      1,
      true,
      1,
    ]);
    expect([from.wmemAlloc, skb!.sk]).toEqual([0, null]);
  });

  test('copies what waits to its process, one packet after the other, and frees it', () => {
    const { k, page, to, send } = pair();
    send(1);
    send(2);
    const seen: unknown[] = [];
    k.probe.read = (reader, _flow, seq, size) => void seen.push([reader, seq, size]);
    expect([to.recvmsg(), to.recvmsg(), to.recvmsg()]).toEqual([true, true, false]);
    expect(seen).toEqual([0, SIZE].map((seq) => [Reader.APPLICATION, seq, SIZE]));
    expect([P(page), inUse(k)]).toEqual([0, NOTHING]);
  });

  test('gives a packet whole to a program of BPF that redirects it', () => {
    const { k, page, to, send } = pair();
    expect(to.readSkb()).toBeNull();
    send(1);
    const skb = to.readSkb()!;
    expect([skb.len, waiting(to)]).toEqual([SIZE, []]);
    kfreeSkb(k, skb);
    expect([P(page), inUse(k)]).toEqual([0, NOTHING]);
  });

  test('sends nothing without memory', () => {
    const { k, page, from, to, send } = pair();
    k.failIn = 1;
    expect(() => send(1)).toThrow(NoMemory);
    expect([waiting(to), from.wmemAlloc, P(page), inUse(k)]).toEqual([[], 0, 0, NOTHING]);
  });

  test('would give a program of BPF a copy in the kernel that is proposed, or nothing without memory for one', () => {
    const { k, page, to } = lending('7.2.13+vsockReadCopies');
    k.failIn = 1;
    expect(() => to.readSkb()).toThrow(NoMemory);
    expect(waiting(to)).toHaveLength(1);
    const skb = to.readSkb()!;
    expect(fragAt(skb.shinfo, 0).page).not.toBe(page);
    expect(P(page)).toBe(0);
    kfreeSkb(k, skb);
    const now = lending('7.2.13');
    expect(fragAt(now.to.readSkb()!.shinfo, 0).page).toBe(now.page);
  });
});
