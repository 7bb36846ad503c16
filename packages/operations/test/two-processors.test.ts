// Two processors on the stage of the operations: one of the holders lets go inside the operation, or inside another one's
// letting go.
import { GetPutPage, eraOf, type Design, type Loan } from '@lastref/kernel';
import { Cell } from '@lastref/search';
import { TracePicker } from '@lastref/workloads';
import { decodeToken } from '@lastref/runner';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as readsThenPuts } from '../../../strategies/evgeniy-partial.ts';
import { design as asksPages } from '../../../strategies/sock-wfree-asks-pages.ts';
import { design as txCount } from '../../../strategies/tx-count.ts';
import {
  matrixOperations,
  operationWorkload,
  orders,
  runMatrixCell,
  type Situation,
} from '../src/index.ts';

const era = eraOf('7.2.13')!;
const operation = (id: string) => matrixOperations().find((o) => o.id === id)!;
const inputOf = (design: Design, id: string, situation: Situation) => {
  const workload = operationWorkload(operation(id), situation);
  return { design, workload, era, seed: 1 };
};
/** A reference of the reply's own: it is dropped by a locked operation, at which somebody may come in. */
class DropsAtReply extends GetPutPage {
  override released(loan: Loan): void {
    this.k.hold(loan);
    this.k.drop(loan);
  }
  override replied(loan: Loan): void {
    this.k.drop(loan);
  }
}
const dropsAtReply: Design = {
  ...perFrag,
  id: 'drops-at-reply',
  create: (k) => new DropsAtReply(k),
};

const names = (design: Design, id: string, situation: Situation, processors: 1 | 2) =>
  [...orders({ ...inputOf(design, id, situation), processors })].map((o) => o.name);

describe('a design that reads a count and then puts', () => {
  const copies = operation('skb_copy_ubufs');

  test('loses a loan when an ACK comes in between, and never on one processor', () => {
    const one = runMatrixCell(readsThenPuts, copies, era);
    const two = runMatrixCell(readsThenPuts, copies, era, { processors: 2 });
    expect([one.verdict, two.verdict, two.property]).toEqual(['copied', 'refuted', 'lost']);
  });

  test('in a run that its token plays again, to the last step, on a machine that knows nothing of it', () => {
    const { token } = runMatrixCell(readsThenPuts, copies, era, { processors: 2 });
    const { trace, workload } = decodeToken(token!);
    const cell = new Cell({ ...inputOf(readsThenPuts, 'skb_copy_ubufs', 'shared') });
    expect(workload).toBe(cell.input.workload.id);
    cell.prepare(trace);
    const picker = new TracePicker(trace);
    const told: string[] = [];
    while (picker.step(cell.k.agenda)) {
      told.push(picker.describe!);
      cell.judge.afterStep();
    }
    expect(picker.skipped).toBe(0);
    expect(
      told.filter((line) => line.includes('the other processor, ack of the first')),
    ).toHaveLength(1);
    expect(cell.over().findings.map((f) => f.property)).toContain('lost');
  });

  test('while one that counts with one locked operation holds in all of many more orders', () => {
    const one = runMatrixCell(perFrag, copies, era);
    const two = runMatrixCell(perFrag, copies, era, { processors: 2 });
    expect([two.verdict, two.properties]).toEqual([one.verdict, one.properties]);
    expect(two.runs).toBeGreaterThan(2 * one.runs);
  });
});

describe('the orders with a second processor', () => {
  test('are all of one, and others, each of them once', () => {
    for (const situation of ['shared', 'sole owner'] as const) {
      const [one, two] = [1, 2].map((n) => names(perFrag, 'skb_clone', situation, n as 1 | 2));
      expect(new Set(two).size).toBe(two!.length);
      expect(two).toEqual(expect.arrayContaining(one!));
      expect(two!.length).toBeGreaterThan(one!.length);
    }
  });

  test('have an ACK inside a letting go, and inside no operation on the write queue', () => {
    const all = [
      ...names(perFrag, 'skb_shift', 'shared', 2),
      ...names(perFrag, 'skb_split', 'sole owner', 2),
    ];
    expect(all.some((name) => /\back of[^,]* inside tx ring/.test(name))).toBe(true);
    expect(all.filter((name) => /\back of[^,]* inside the operation/.test(name))).toEqual([]);
  });

  test('have others inside what comes up through the socket, and no ACK, which waits for its lock', () => {
    const all = names(dropsAtReply, 'skb_clone', 'shared', 2);
    expect(all.some((name) => /packet [^,]* inside the reply/.test(name))).toBe(true);
    expect(all.filter((name) => /\back of[^,]* inside (ack|the reply)/.test(name))).toEqual([]);
  });

  test('have the device read a fragment of a packet while the next one is made', () => {
    const inside = (id: string) =>
      names(perFrag, id, 'shared', 2).filter((name) =>
        /\btx ring [^,]* inside the operation/.test(name),
      );
    expect(inside('ip_fragment (slow)').length).toBeGreaterThan(5);
    expect(inside('pskb_copy')).toEqual([]); // it hands nothing to a device
  });

  test('have nobody let go of what the operation works on before that is over', () => {
    const all = names(perFrag, 'skb_copy_ubufs', 'sole owner', 2);
    expect(all.filter((name) => /\bpacket [^,]* inside the operation/.test(name))).toEqual([]);
  });

  test('have an ACK inside what the stack does with a packet below the socket', () => {
    const all = names(perFrag, 'skb_copy_ubufs', 'shared', 2);
    expect(all.some((name) => /ack of the first skb .*inside the operation/.test(name))).toBe(true);
  });
});

test('a sender is told while its queue is looked through, and an ACK on the other processor looks through it, too', () => {
  for (const id of ['control', 'tcp_fragment']) {
    const two = runMatrixCell(txCount, operation(id), era, { processors: 2 });
    expect([id, two.verdict]).toEqual([id, 'proven']);
  }
});

test('who looks through a queue of requests on two processors tells each of them once', () => {
  for (const id of ['control', 'skb_clone', 'tcp_mtu_probe (copy)']) {
    const { verdicts } = runMatrixCell(asksPages, operation(id), eraOf('2.6.24')!, {
      processors: 2,
    });
    expect([id, verdicts.double, verdicts.lost]).toEqual([id, 'holds', 'holds']);
  }
});
