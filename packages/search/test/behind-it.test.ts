// What nobody asks any more is no state: two machines that differ in it alone have one future, and so one fingerprint.
import { CaState, DeviceFault, Link, Nic, type SkBuff, type TcpSock } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { Cell, MachineFingerprint, stepsBeforeLending } from '../src/index.ts';
import { inputOf } from './cells.ts';

/** Where TCP's header and its time stamps stand behind IP's. */
const [SEQ, TSVAL, TSECR] = [20 + 4, 20 + 24, 20 + 28];

/** A machine whose clock stands still, and whose device has the first packet with lent pages in its ring. */
class Room {
  readonly cell: Cell;
  readonly nic: Nic;
  readonly sk: TcpSock;
  readonly skb: SkBuff;

  constructor() {
    const input = inputOf(ian, 'bulk-loss');
    const before = stepsBeforeLending(input);
    this.cell = new Cell(input);
    for (let n = 0; n < before; n++) this.cell.clock();
    this.cell.stopClock();
    while (this.lender() === undefined) this.cell.clock();
    this.nic = this.lender()!;
    this.skb = this.nic.next!;
    this.sk = this.skb.sk as TcpSock;
  }

  private lender(): Nic | undefined {
    const nics = this.cell.k.holders.filter((h) => h instanceof Nic);
    return nics.find(({ next }) => next !== null && next.shinfo.nrFrags > 0);
  }

  /** The header of what is on the wire, in memory. */
  onTheWire(): number {
    const link = this.cell.k.agenda.sources.find((s) => s instanceof Link && s.inFlight > 0);
    const first = Reflect.get(link!, 'first') as { readonly skb: SkBuff };
    return first.skb.data;
  }

  /** The device reads the packet: it goes over the wire, and stays in the ring. */
  dma(): void {
    if (!this.nic.dma()) throw new Error('the device has nothing to read');
  }

  print(): string {
    const print = new MachineFingerprint();
    print.of(this.cell, 0);
    return `${print.hi} ${print.lo}`;
  }

  /** Is it another state once `change` was made? */
  differsBy(change: (k: Cell['k']) => void): boolean {
    const before = this.print();
    change(this.cell.k);
    return this.print() !== before;
  }

  differsByByte(at: number): boolean {
    return this.differsBy(({ mem }) => {
      mem[at]! ^= 1;
    });
  }
}

test('the bytes of a packet, once the device has read it and nobody else has it', () => {
  const room = new Room();
  const { skb } = room;
  expect(room.differsByByte(skb.data + SEQ)).toBe(true);
  room.dma();
  expect(room.differsByByte(skb.data + SEQ)).toBe(false);

  const shared = new Room();
  shared.skb.users++;
  shared.dma();
  expect(shared.differsByByte(shared.skb.data + SEQ)).toBe(true);
});

test('time stamps in a packet, as the clock stands still', () => {
  const room = new Room();
  room.dma();
  const header = room.onTheWire();
  expect(room.differsByByte(header + TSVAL)).toBe(false);
  expect(room.differsByByte(header + TSECR + 3)).toBe(false);
  expect(room.differsByByte(header + TSVAL - 1)).toBe(true); // how long the option is
  expect(room.differsByByte(header + SEQ)).toBe(true);
});

test('where in the ring a packet is', () => {
  const turned = new Room();
  const { nic } = turned;
  const ring = Reflect.get(nic, 'ring') as (SkBuff | null)[];
  ring.unshift(ring.pop()!);
  for (const position of ['completed', 'read', 'filled'])
    Reflect.set(nic, position, (Reflect.get(nic, position) as number) + 1);
  expect([nic.next, nic.unread]).toEqual([turned.skb, 1]);
  expect(turned.print()).toBe(new Room().print());
  expect(turned.differsBy(() => turned.dma())).toBe(true);
});

test('what a recovery kept in mind, once it is over', () => {
  const room = new Room();
  const { sk } = room;
  const changes = (['highSeq', 'prrDelivered', 'prrOut', 'priorCwnd'] as const).map(
    (field) => () =>
      room.differsBy(() => {
        sk[field]++;
      }),
  );
  const inState = (state: number): boolean[] => {
    sk.caState = state;
    return changes.map((change) => change());
  };
  expect(inState(CaState.OPEN)).toEqual([false, false, false, false]);
  expect(inState(CaState.DISORDER)).toEqual([false, false, false, false]);
  expect(inState(CaState.LOSS)).toEqual([true, false, false, false]);
  expect(inState(CaState.RECOVERY)).toEqual([true, true, true, true]);
});

test('which fault a packet met', () => {
  const room = new Room();
  const faults = room.cell.k.deviceFaults;
  const meets = (n: number): boolean =>
    room.differsBy(() => {
      faults.set(DeviceFault.DROP, n);
    });
  expect(meets(0)).toBe(false);
  expect(meets(1)).toBe(true);
  expect(room.differsBy(() => faults.set(DeviceFault.BUSY, 1))).toBe(true);
});

test('how long things took: where the clock stands still no ACK measures anything', () => {
  const room = new Room();
  const { srtt, rto } = room.sk;
  const una = room.sk.sndUna;
  for (let n = 0; n < 40 && room.sk.sndUna === una; n++) room.cell.clock();
  expect(room.sk.sndUna).not.toBe(una);
  expect([room.sk.srtt, room.sk.rto]).toEqual([srtt, rto]);
  expect(srtt).toBeGreaterThan(0);
});
