// The eight captures in data/ were counted by an independent analyser (data/README.md). What this
// package says of them must be the same, from general rules.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyse, Flag, followTcp, readCapture, segmentsSent, type Capture } from '../src/index.ts';

const read = (file: string): Capture =>
  readCapture(readFileSync(join(import.meta.dirname, '../data', file)), file);

// prettier-ignore
const counted: [file: string, ...counts: number[]][] = [
  // file              frames streams retx plain fast spurious dupAck ooo lost full truncated
  ['01-bulk-loss-sender.pcap',   5485, 1, 10,  0, 10,  0, 496, 26,  0, 1, 3657],
  ['01-bulk-loss-receiver.pcap', 5449, 1, 31,  0, 31,  0, 496,  5, 35, 0, 3621],
  ['03-late-ack-sender.pcapng',  1495, 1, 18, 18,  0,  0,  18,  0,  0, 0,  869],
  ['03-late-ack-receiver.pcap',  1495, 1, 18,  0,  0, 18,  18,  0,  0, 0,  869],
  ['04-rpc-write-client.pcap',   1764, 1,  5,  0,  5,  0,  48,  1,  0, 0,    0],
  ['04-rpc-write-server.pcap',   1758, 1,  5,  0,  5,  0,  48,  1,  6, 0, 1148],
  ['06-gso-sender.pcap',         2064, 1,  0,  0,  0,  0,   0,  0,  0, 1,  212],
  ['06-gso-receiver.pcap',       7647, 1,  0,  0,  0,  0,   0,  0,  0, 0, 5795],
];

/** Retransmissions that the sending kernel counted itself (TcpRetransSegs). */
const kernel: [file: string, retransmissions: number][] = [
  ['01-bulk-loss-sender.pcap', 36],
  ['03-late-ack-sender.pcapng', 18],
  ['04-rpc-write-client.pcap', 6],
  ['06-gso-sender.pcap', 0],
];

describe('each capture shows what was counted in it', () => {
  test.each(counted.map(([file, ...counts]) => ({ file, counts })))('$file', ({ file, counts }) => {
    const capture = read(file);
    const connections = followTcp(capture);
    const totals = analyse(connections[0]!).totals;
    expect([
      capture.frames.length,
      connections.length,
      totals.retransmissions,
      totals.plain,
      totals.fast,
      totals.spurious,
      totals.dupAcks,
      totals.outOfOrder,
      totals.lostSegments,
      totals.windowFull,
      totals.truncated,
    ]).toEqual(counts);
    expect(totals.frames).toBe(capture.frames.length);
    expect(totals).toMatchObject({ keepAlives: 0, zeroWindows: 0, ackedUnseen: 0 });
    expect(capture.warnings).toEqual([]);
    expect(connections[0]).toMatchObject({ complete: true, windowScaled: true, dataSender: 0 });
    expect(connections[0]!.client.address).toBe('10.7.0.1');
  });
});

describe('sequence numbers alone count what the sending kernel counted', () => {
  test.each(kernel)('%s: %i retransmissions', (file, expected) => {
    const [connection] = followTcp(read(file));
    const sent = segmentsSent(connection!, 0);
    const again = sent.filter((segment) => segment.retransmission);
    expect(again).toHaveLength(expected);
    // Whole segments were resent, none beside new data.
    expect(again.every((segment) => segment.firstBytes === 0)).toBe(true);
  });
});

test('both ends of the bulk transfer see the same 5 MiB', () => {
  for (const file of ['01-bulk-loss-sender.pcap', '01-bulk-loss-receiver.pcap']) {
    const [connection] = followTcp(read(file));
    const bytes = segmentsSent(connection!, 0).reduce((sum, sent) => sum + sent.firstBytes, 0);
    expect(bytes).toBe(5 * 1024 * 1024);
  }
});

test('offloaded segments have the lengths of the IP header, far beyond the MTU', () => {
  const [connection] = followTcp(read('06-gso-sender.pcap'));
  const sent = segmentsSent(connection!, 0);
  expect(Math.max(...sent.map(({ segment }) => segment.length))).toBe(65160);
  expect(sent.at(-1)!.end).toBe(8 * 1024 * 1024);
  expect(sent.every(({ segment }) => segment.payload.length <= 128)).toBe(true);
});

test('the handshake gives segment size, window scale and timestamps', () => {
  const [connection] = followTcp(read('01-bulk-loss-sender.pcap'));
  const [syn, synAck, ack] = connection!.segments;
  expect(syn).toMatchObject({ from: 0, flags: Flag.SYN, tick: 0, mss: 1460, wscale: 10 });
  expect(synAck).toMatchObject({ from: 1, flags: Flag.SYN | Flag.ACK, window: 65160 });
  expect(ack).toMatchObject({ mss: -1, wscale: -1, windowRaw: 63, window: 64512 });
  expect(ack!.tsEcr).toBe(synAck!.tsVal);
  expect(connection!.isn).toEqual([syn!.seq, synAck!.seq]);
});

test('late ACKs: the receiver reports all 18 resent segments as duplicates (RFC 2883)', () => {
  const [connection] = followTcp(read('03-late-ack-sender.pcapng'));
  const { sack, ack } = connection!.segments.find((segment) => segment.sack.length > 0)!;
  expect(((ack - sack[1]!) | 0) >= 0).toBe(true); // the block lies below the cumulative ACK
  const dsacks = connection!.segments.filter((segment) => segment.sack.length > 0);
  expect(dsacks).toHaveLength(18);
});

test('a capture of 7647 frames is read and followed in well under a second', () => {
  const started = performance.now();
  const [connection] = followTcp(read('06-gso-receiver.pcap'));
  analyse(connection!);
  expect(performance.now() - started).toBeLessThan(1000);
});
