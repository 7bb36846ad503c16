// lastref recording, as it is typed: an answer, a document by its schema, and one line for what is no recording.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedSide, recordingSchema } from '@lastref/report';
import { expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const LEAK = new URL('../../packages/recording/data/bpftrace-leak.txt', import.meta.url).pathname;

test('who still holds it: the packet socket', () => {
  const { code, stdout } = lastref('recording', LEAK, '--designs', 'tcp-ack-callback');
  expect(code).toBe(0);
  expect(stdout).toContain('Still readable at the end: tap');
  expect(stdout).toMatch(/tcp-ack-callback +would tell too early/);
});

test('the document fits its schema, and the diagrams take it', () => {
  const { stdout } = lastref('recording', LEAK, '--designs', 'msg-zerocopy', '--json');
  const doc = recordingSchema.parse(JSON.parse(stdout));
  const side = recordedSide(doc.buffers[0]!, 'as recorded');
  expect([side.lanes[0], side.lanes.at(-1)]).toEqual(['producer', 'tap']);
  expect(side.steps.at(-1)!.holdings.map((h) => side.lanes[h.lane])).toEqual(['tap']);
});

test('what is no recording gets one line', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  try {
    const file = join(dir, 'notes.txt');
    writeFileSync(file, 'GET / HTTP/1.1\n');
    for (const args of [
      [file],
      [join(dir, 'none')],
      [LEAK, '--page', 'x'],
      [LEAK, '--cut'],
      [LEAK, '--page', '12'],
    ]) {
      const { code, stderr, stdout } = lastref('recording', ...args);
      expect([args.length, code, stdout]).toEqual([args.length, 2, '']);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
