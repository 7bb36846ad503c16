// The model against a live kernel. Each row was measured on Linux 6.18 (loopback, and a TUN device with a peer in
// user space; the same in 10 to 20 runs each): an application sends, waits for something, overwrites the memory,
// and the bytes that somebody then reads with their new content are counted. By reference means sendfile, splice
// and vmsplice, which tell nobody; copied means send(). Sizes follow the model where it differs: a segment has
// 1448 bytes of payload here (timestamps) and had 1460 there; a NIC's ring stands for the TUN queue.
import { NoProbe, Reader as By, READER_NAMES, type Design, type Page } from '@lastref/kernel';
import { wholePages, type Range, type SetOptions } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { Judge } from '../src/index.ts';
import { allDesigns, sceneOf, type Scene } from './machine.ts';

const MSS = 1448;

/** Counts the stream bytes that each reader got with new content: the top bit tells the versions apart. */
class Counter extends NoProbe {
  #scene: Scene | null = null;
  readonly #changed = READER_NAMES.map(() => new Set<number>());

  /** The scene to listen to. Before anything is sent. */
  attach(scene: Scene): void {
    this.#scene = scene;
  }

  override read(
    reader: By,
    flow: number,
    seq: number,
    size: number,
    address: number,
    page: Page | null,
  ): void {
    const { mem } = this.#scene!.k;
    if (flow !== 1) return; // the writer's stream; statuses come on the other
    for (let i = 0; i < size; i++) {
      if (mem[address + i]! >= 0x80) this.#changed[reader]!.add((seq + i) | 0);
    }
  }

  changed(reader: By): number {
    return this.#changed[reader]!.size;
  }
}

const designs = await allDesigns();
const byReference = designs.find((d) => d.id === 'naive-sendpage')!;
const copied = designs.find((d) => d.id === 'copy-always')!;

interface Row {
  readonly path: string;
  /** What was counted there, by reference; copied it was always 0. */
  readonly measured: string;
  readonly reader: By;
  readonly changed: number;
  readonly options: SetOptions;
  /** `overwrite` lets the writer rewrite the memory, which it would do at the return of sendpage. */
  readonly script: (scene: Scene, overwrite: () => void, counter: Counter) => void;
}

/** `bytes` bytes from the start of page 0. */
function bytes(count: number): Range[] {
  const ranges = wholePages(Math.floor(count / 4096));
  if (count % 4096 > 0) ranges.push({ page: ranges.length, offset: 0, size: count % 4096 });
  return ranges;
}

const ROWS: readonly Row[] = [
  {
    path: 'loopback, 64 KB sent, the receiver has read nothing, overwritten at return',
    measured: '65536',
    reader: By.APPLICATION,
    changed: 65536,
    options: { loopback: true, operations: [bytes(65536)] },
    script({ cast: { reader, writer } }, overwrite) {
      reader.sleeps();
      writer.lends();
      overwrite();
      reader.reads();
    },
  },
  {
    path: 'loopback, 1 MB sent, the window is closed, overwritten at return',
    measured: '1048576',
    reader: By.APPLICATION,
    changed: 1 << 20,
    options: { loopback: true, operations: [bytes(1 << 20)], rcvbuf: 128 << 10 },
    script({ cast: { reader, writer } }, overwrite) {
      reader.sleeps();
      writer.lends();
      overwrite();
      reader.reads();
    },
  },
  {
    path: 'the first copy is lost, never acknowledged; retransmitted by timer',
    measured: '8192',
    reader: By.APPLICATION,
    changed: 8192,
    options: { operations: [bytes(8192)] },
    script({ cast: { wire, tcp, writer } }, overwrite) {
      wire.stalls();
      writer.lends();
      wire.drops(Math.ceil(8192 / MSS));
      overwrite();
      tcp.retransmits();
      wire.resumes();
    },
  },
  {
    path: 'one segment is lost, SACK, fast retransmission',
    measured: '1460, one segment',
    reader: By.APPLICATION,
    changed: MSS,
    options: { operations: [bytes(8 * MSS)] },
    script({ cast: { wire, acks, writer } }, overwrite) {
      wire.stalls();
      acks.areHeldBack();
      writer.lends();
      wire.drops(1);
      wire.delivers(7);
      overwrite();
      acks.arrive();
      wire.resumes();
    },
  },
  {
    path: 'a late ACK, the retransmission waits in the device queue, overwritten when acknowledged',
    // There, 8192 with TSO: it retransmits several segments at once, which the kernels modelled here do not.
    measured: '1460, one segment',
    reader: By.NIC,
    changed: MSS,
    options: { operations: [bytes(MSS)] },
    script({ cast: { acks, nic, tcp, writer } }, overwrite) {
      acks.areHeldBack();
      writer.lends();
      nic.stalls();
      tcp.retransmits();
      acks.arrive();
      overwrite();
      nic.resumes();
    },
  },
  {
    path: 'the same, and the application at the other end: its duplicate is thrown away',
    measured: '0',
    reader: By.APPLICATION,
    changed: 0,
    options: { operations: [bytes(MSS)] },
    script({ cast: { acks, nic, tcp, writer } }, overwrite) {
      acks.areHeldBack();
      writer.lends();
      nic.stalls();
      tcp.retransmits();
      acks.arrive();
      overwrite();
      nic.resumes();
    },
  },
  {
    path: 'the same on a device without scatter/gather',
    measured: '0',
    reader: By.NIC,
    changed: 0,
    options: {
      operations: [bytes(MSS)],
      features: { sg: false, csum: false, tso: false, gso: false },
      staleRoute: true,
    },
    script({ cast: { acks, nic, tcp, writer } }, overwrite) {
      acks.areHeldBack();
      writer.lends();
      nic.stalls();
      tcp.retransmits();
      acks.arrive();
      overwrite();
      nic.resumes();
    },
  },
  {
    path: 'a tap without a ring calls recv() after the overwrite',
    measured: '8192, and the wire was right',
    reader: By.TAP,
    changed: 8192,
    options: { tap: true, operations: [bytes(8192)] },
    script({ cast: { tap, writer } }, overwrite, counter) {
      tap.sleeps();
      writer.lends();
      overwrite();
      expect(counter.changed(By.NIC)).toBe(0);
      tap.reads();
    },
  },
  {
    path: 'RPC: the second copy of a 32 KB call is unread when the reply to the first arrives',
    measured: '32768',
    reader: By.APPLICATION,
    changed: 32768,
    options: { loopback: true, operations: [bytes(32768), bytes(32768)] },
    script({ cast: { stage, reader, writer } }, overwrite) {
      stage.wait('reader answer');
      writer.lends(0);
      reader.sleeps();
      writer.lends(1);
      stage.goOn('reader answer');
      stage.settle();
      overwrite();
      reader.reads();
    },
  },
];

function counted(design: Design, row: Row): { scene: Scene; counter: Counter } {
  const counter = new Counter();
  const scene = sceneOf(design, row.options, new Judge(), counter);
  counter.attach(scene);
  return { scene, counter };
}

function countOf(design: Design, row: Row): number {
  const { scene, counter } = counted(design, row);
  const { stage } = scene.cast;
  stage.wait('writer reuse');
  const overwrite = (): void =>
    stage.deed('the writer overwrites the memory', () => stage.goOn('writer reuse'));
  row.script(scene, overwrite, counter);
  stage.end();
  return counter.changed(row.reader);
}

describe.each(ROWS)('$path', (row) => {
  test(`by reference: ${row.measured}`, () => {
    expect(countOf(byReference, row)).toBe(row.changed);
  });

  test('copied: 0', () => {
    expect(countOf(copied, row)).toBe(0);
  });
});

test('a page that is copied on its way out of the qdisc is private from there on', () => {
  const row = ROWS.find((r) => r.path.includes('without scatter/gather'))!;
  const { scene, counter } = counted(byReference, row);
  const { stage, nic, writer, file } = scene.cast;
  stage.wait('writer reuse');
  nic.stalls();
  writer.lends();
  file.isWritten();
  nic.resumes();
  expect(counter.changed(By.NIC)).toBe(0);
});
