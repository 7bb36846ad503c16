// Somebody who was told too early, by where the reader is that was left: on small machines, one place at a time.
import { Pipe, TcpSock, allocSkb, kfreeSkb } from '@lastref/kernel';
import { wholePages, type SetOptions } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { type Finding } from '../src/index.ts';
import { byHand, complete, readersOf, sceneOf, type Scene } from './machine.ts';

const SOFTWARE_GSO = { sg: true, csum: true, tso: false, gso: true };

/** Findings as 'property harm where'. */
function said(findings: readonly Finding[]): string[] {
  return findings.map((f) => `${f.property} ${f.harm} ${f.where}`);
}

/** The socket that received something. */
function receiver({ k }: Scene): TcpSock {
  const all = k.holders.filter((h) => h instanceof TcpSock);
  return all.find((sk) => sk.receiveQueue.qlen + sk.outOfOrder.qlen > 0)!;
}

interface Place {
  readonly where: string;
  readonly options?: SetOptions;
  /** Which operation's page ends up there. */
  readonly op?: number;
  /** Brings the page there, and leaves it nowhere else. */
  readonly arrange: (scene: Scene) => void;
  /** The next thing that happens takes it away. */
  readonly gone: (scene: Scene) => void;
}

const PLACES: readonly Place[] = [
  {
    where: 'write queue',
    arrange: ({ cast: { acks, writer } }) => {
      acks.areHeldBack();
      writer.lends();
    },
    gone: ({ cast: { acks } }) => acks.arrive(),
  },
  {
    where: 'qdisc',
    options: { ringSize: 1, operations: [wholePages(1, 0), wholePages(1, 1)] },
    op: 1,
    arrange: ({ cast: { nic, writer } }) => {
      nic.stalls();
      writer.lends(0);
      writer.lends(1);
      writer.resets();
    },
    gone: ({ cast: { nic } }) => nic.resumes(),
  },
  {
    where: 'gso list',
    options: { ringSize: 1, features: SOFTWARE_GSO },
    arrange: ({ cast: { nic, driver, writer } }) => {
      nic.stalls();
      driver.isLate();
      writer.lends();
      writer.resets();
      nic.reads();
    },
    gone: ({ cast: { nic, driver } }) => {
      nic.resumes();
      driver.frees();
    },
  },
  {
    where: 'tx ring',
    arrange: ({ cast: { nic, writer } }) => {
      nic.stalls();
      writer.lends();
      writer.resets();
    },
    gone: ({ cast: { nic } }) => nic.reads(),
  },
  {
    where: 'tap',
    options: { tap: true },
    arrange: ({ cast: { tap, writer } }) => {
      tap.sleeps();
      writer.lends();
    },
    gone: ({ cast: { tap } }) => tap.reads(),
  },
  {
    where: 'backlog',
    options: { loopback: true },
    arrange: ({ cast: { loopback, writer } }) => {
      loopback.stalls();
      writer.lends();
      writer.resets();
    },
    gone: ({ cast: { loopback } }) => loopback.resumes(),
  },
  {
    where: 'receive queue',
    options: { loopback: true },
    arrange: ({ cast: { reader, writer } }) => {
      reader.sleeps();
      writer.lends();
    },
    gone: ({ cast: { reader } }) => reader.reads(),
  },
  {
    where: 'out-of-order queue',
    options: { loopback: true },
    arrange: (scene) => {
      scene.cast.reader.sleeps();
      scene.cast.writer.lends();
      const sk = receiver(scene);
      sk.outOfOrder.push(sk.receiveQueue.shift()!);
    },
    gone: (scene) => kfreeSkb(scene.k, receiver(scene).outOfOrder.shift()!),
  },
  {
    where: 'pipe',
    arrange: ({ k, writer, cast }) => {
      cast.writer.lends();
      new Pipe(k).push(writer.pages[0]!, 0, 4096);
    },
    gone: ({ k }) => (k.holders.at(-1) as Pipe).consume(4096),
  },
];

describe('early: a reader is left', () => {
  test.each(PLACES)('in the $where', ({ where, options = {}, op = 0, arrange, gone }) => {
    const scene = sceneOf(byHand, options);
    arrange(scene);
    expect(readersOf(scene.k, scene.writer.pages[op]!)).toEqual([where]);
    complete(scene, op);
    expect(said(scene.judge.findings)).toEqual([`early hazard ${where}`]);

    const after = sceneOf(byHand, options);
    arrange(after);
    gone(after);
    expect(readersOf(after.k, after.writer.pages[op]!)).toEqual([]);
    complete(after, op);
    expect(after.judge.findings).toEqual([]);
    after.judge.finish(false);
    expect(after.judge.judgement().verdicts.early).toBe('holds');
  });

  test('not what the application has read of a packet that is still queued', () => {
    const operations = [[{ page: 0, offset: 0, size: 1000 }], [{ page: 1, offset: 0, size: 1000 }]];
    const scene = sceneOf(byHand, { loopback: true, operations });
    const { cast, writer, k } = scene;
    cast.reader.sleeps();
    cast.loopback.stalls();
    cast.writer.lendsWithMore(0);
    cast.writer.lends(1); // both in one packet
    cast.loopback.resumes();
    const sk = receiver(scene);
    expect(sk.receiveQueue.qlen).toBe(1);
    sk.copiedSeq = (sk.copiedSeq + 1000) | 0;
    expect(readersOf(k, writer.pages[0]!)).toEqual([]);
    expect(readersOf(k, writer.pages[1]!)).toEqual(['receive queue']);
    complete(scene, 0);
    expect(scene.judge.findings).toEqual([]);
    complete(scene, 1);
    expect(said(scene.judge.findings)).toEqual(['early hazard receive queue']);
  });

  test('two loans of one page are told apart by their place in the stream', () => {
    const scene = sceneOf(byHand, { operations: [wholePages(1), wholePages(1)] });
    const { nic, writer } = scene.cast;
    writer.lends(0); // sent, read, acknowledged
    nic.stalls();
    writer.lends(1); // the same page, later in the stream
    expect(readersOf(scene.k, scene.writer.pages[0]!).sort()).toEqual(['tx ring', 'write queue']);
    complete(scene, 0);
    expect(scene.judge.findings).toEqual([]);
    complete(scene, 1);
    expect(scene.judge.findings.map((f) => [f.property, f.loan])).toEqual([['early', 2]]);
  });
});

describe('early: a reader without a stream', () => {
  test('is told apart by the part of the page that it can read', () => {
    const half = (offset: number) => [{ page: 0, offset, size: 2048 }];
    const scene = sceneOf(byHand, { operations: [half(0), half(2048)] });
    scene.cast.writer.lends(0);
    scene.cast.writer.lends(1);
    new Pipe(scene.k).push(scene.writer.pages[0]!, 2048, 2048);
    complete(scene, 0);
    expect(scene.judge.findings).toEqual([]);
    complete(scene, 1);
    expect(said(scene.judge.findings)).toEqual(['early hazard pipe']);
  });

  test('is found in the frag list of a packet', () => {
    const scene = sceneOf(byHand, {});
    const { k, writer, cast } = scene;
    cast.writer.lends();
    const parent = allocSkb(k, 64, false);
    const member = allocSkb(k, 64, false);
    k.fillPageDesc(member, writer.pages[0]!, 0, 4096);
    parent.shinfo.fragList = member;
    k.holders.push({ forEachReader: (visitor) => visitor.skb(parent, 'frag list', parent.seq) });
    complete(scene);
    expect(said(scene.judge.findings)).toEqual(['early hazard frag list']);
  });
});
