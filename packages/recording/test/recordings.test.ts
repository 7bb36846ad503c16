// What Debian's 6.12 did in the lab's guest, as bpftrace and trace-cmd recorded it (lastref lab --record): the answer that
// somebody who hunts such a thing would want.
import { expect, test } from 'vitest';
import { RECORDINGS, recordingText, told } from './fixtures.ts';

const of = (scenario: string) => RECORDINGS.filter((name) => name.includes(scenario));
const words = (doc: ReturnType<typeof told>) =>
  new Set(doc.buffers.map((b) => b.designs.map((d) => `${d.design} ${d.says}`).join(', ')));

test('both tools have recorded something', () => {
  expect(RECORDINGS.length).toBeGreaterThan(3);
  for (const tool of ['bpftrace', 'trace-cmd'])
    expect(RECORDINGS.some((name) => name.startsWith(tool))).toBe(true);
});

test.each(of('leak'))('%s: who still holds it? A packet socket that nobody reads', (name) => {
  const doc = told(recordingText(name));
  expect(doc.notJudged).toBeNull();
  expect(doc.buffers.filter((b) => b.lent)).toHaveLength(4);
  for (const { atEnd, last, kernel, steps } of doc.buffers) {
    expect(atEnd.map((h) => h.where)).toEqual(['tap']);
    expect(last).toMatchObject({ where: 'tap', until: null });
    expect(kernel.says).toBe('nobody is told');
    expect(steps[0]).toMatchObject({ marks: ['lent'], holders: [{ where: 'write queue' }] });
  }
  // an ACK says nothing about the tap, a counted fragment waits for it, MSG_ZEROCOPY gives it a copy
  expect([...words(doc)]).toEqual([
    'naive-sendpage early, rpc-reply not-judged, ian-frag-destructor untold, msg-zerocopy holds, tcp-ack-callback early',
  ]);
});

test('trace-cmd-blind.txt: the script looked at the wrong place of every head, which is said and not guessed over', () => {
  const doc = told(recordingText('trace-cmd-blind.txt'));
  expect(doc.buffers).toEqual([]);
  expect(doc.notJudged).toContain('ENDS="320"');
});

test.each(of('late'))('%s: the last of sixteen pages leaves the write queue late', (name) => {
  const doc = told(recordingText(name));
  expect(doc.notJudged).toBeNull();
  expect(doc.buffers).toHaveLength(16);
  for (const { atEnd, last, kernel } of doc.buffers) {
    expect(atEnd).toEqual([]);
    expect(last?.where).toBe('write queue');
    expect(kernel.says).toBe('holds');
    expect(kernel.told).toBeGreaterThanOrEqual(last!.until!);
  }
  // the reader sleeps for 200 ms: what its socket had no room for waited as long
  const until = doc.buffers.map((b) => b.last!.until!);
  expect(Math.max(...until) - Math.min(...until)).toBeGreaterThan(100_000);
});

test.each(of('mtu-probe'))('%s: the kernel announces a page that a probe still has', (name) => {
  const doc = told(recordingText(name));
  const early = doc.buffers.filter((b) => b.kernel.says === 'early');
  // by page, not by send: both pages of the sends that the probe took
  expect(early.length).toBeGreaterThan(0);
  for (const { kernel, last, designs } of early) {
    expect([...kernel.readers, ...kernel.after].map((h) => h.where)).toContain('write queue');
    expect(last!.until).toBeGreaterThan(kernel.told!);
    expect(designs.find((d) => d.design === 'msg-zerocopy')?.says).toBe('early');
    expect(designs.find((d) => d.design === 'ian-frag-destructor')?.says).toBe('holds');
  }
});
