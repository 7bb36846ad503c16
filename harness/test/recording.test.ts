// lastref recording, as it is typed: an answer, a document by its schema, and one line for what is no recording.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedSide, recordingSchema } from '@lastref/report';
import { expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const PROBE = new URL('../../packages/recording/data/bpftrace-mtu-probe-cut.txt', import.meta.url)
  .pathname;
const LEAK = new URL('../../packages/recording/data/bpftrace-leak.txt', import.meta.url).pathname;

test('who still holds it: the packet socket', () => {
  const { code, stdout } = lastref('recording', LEAK, '--designs', 'tcp-ack-callback');
  expect(code).toBe(0);
  expect(stdout).toContain('Still readable at the end: tap');
  expect(stdout).toMatch(/tcp-ack-callback +would tell too early/);
});

test('what is cut out of a recording ends as a file does, and says the same of its page', () => {
  const asked = ['--designs', 'msg-zerocopy', '--json'];
  const first = (file: string) =>
    recordingSchema.parse(JSON.parse(lastref('recording', file, ...asked).stdout)).buffers[0]!;
  const { page, atEnd, designs } = first(LEAK);
  const { stdout } = lastref('recording', LEAK, '--page', page, '--cut');
  expect(stdout).toMatch(/[^\n]\n$/);
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  try {
    const file = join(dir, 'one-page.recording');
    writeFileSync(file, stdout);
    expect(first(file)).toMatchObject({ page, atEnd, designs });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('the document fits its schema, and the diagrams take it', () => {
  const { stdout } = lastref('recording', LEAK, '--designs', 'msg-zerocopy', '--json');
  const doc = recordingSchema.parse(JSON.parse(stdout));
  const side = recordedSide(doc.buffers[0]!);
  expect([side.lanes[0], ...side.lanes.slice(-2)]).toEqual(['producer', 'tap', 'msg-zerocopy']);
  expect(side.steps.at(-1)!.holdings.map((h) => side.lanes[h.lane])).toEqual(['tap']);
});

test('a picture: the page that was told early, and where designs would have told', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  try {
    const file = join(dir, 'page.svg');
    const designs = 'msg-zerocopy,ian-frag-destructor,rpc-reply';
    const { code, stderr } = lastref('recording', PROBE, '--svg', file, '--designs', designs);
    expect([code, stderr]).toEqual([0, expect.stringContaining('page.svg')]);
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/<text class="head"[^>]*>page \w+: its owner is told at [^<]*, too early/);
    const lanes = [...svg.matchAll(/<text class="name"[^>]*>([^<]*)</g)].map((m) => m[1]);
    // rpc-reply is not judged here; nobody counted references
    expect(lanes).toEqual([
      'producer',
      'write queue',
      'qdisc',
      'ian-frag-destructor',
      'msg-zerocopy',
    ]);
    expect(svg).not.toContain('page references');
    expect(svg.match(/class="glyph found"/g)).toHaveLength(1); // msg-zerocopy, as the kernel did
    expect(svg.match(/class="glyph completed"/g)).toHaveLength(3); // the kernel's own and two
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
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
      [LEAK, '--page', '12', '--cut'],
      [LEAK, '--svg', 'page.jpeg'],
    ]) {
      const { code, stderr, stdout } = lastref('recording', ...args);
      expect([args.length, code, stdout]).toEqual([args.length, 2, '']);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
