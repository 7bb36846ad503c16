// What is said of a capture, where there is one of a thing.
import { followTcp, logOf, readCapture } from '@lastref/capture';
import { expect, test } from 'vitest';
import { flowWorkload } from '../src/index.ts';
import { handshake, pcap, talk, type Said } from '../../capture/test/build.ts';

function saidOf(...segments: readonly Said[]): { story: string; warnings: readonly string[] } {
  const capture = readCapture(pcap(talk([...handshake(), ...segments])), 'built.pcap');
  const log = logOf(followTcp(capture)[0]!);
  const { warnings } = capture;
  return flowWorkload(log, {
    id: 'capture',
    file: 'built.pcap',
    driverTicks: 5,
    side: null,
    warnings,
  });
}

test('one segment, one byte that nobody saw, one operation without an end', () => {
  const { story, warnings } = saidOf(
    { us: 30_000, seq: 1001, ack: 9001, data: 1000 },
    { us: 30_500, from: 1, seq: 9001, ack: 2001 },
    { us: 31_000, seq: 2002, ack: 9001, data: 1000 },
  );
  expect(story).toMatch(/^2 data segments, 0 of them sent again, 1 ACK, /);
  expect(warnings).toContain('1 byte of the stream in no frame: nobody lends what was not seen');
  expect(warnings).toContain('1 operation open when the capture ended: nothing is said of the end');
});

test('one data segment', () => {
  expect(saidOf({ us: 30_000, seq: 1001, ack: 9001, data: 1000 }).story).toMatch(
    /^1 data segment, 0 of them sent again, 0 ACKs, /,
  );
});
