// What a capture drives: the same traffic gives the same findings, however it was captured.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cell } from '@lastref/search';
import type { CaptureWorkload } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import {
  allDesigns,
  captureOfToken,
  captureToken,
  chooseFlows,
  find,
  findEra,
  keepInput,
  loadCapture,
} from '../src/index.ts';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../capture/test/inputs/${name}`, import.meta.url));
const load = (name: string, driverTicks = 5): Promise<CaptureWorkload> =>
  loadCapture({ file: file(name), driverTicks, flows: null });
const designs = (await allDesigns()).map(({ design }) => design);

/** Property, harm and count of each finding, and the verdicts. */
function drive(workload: CaptureWorkload, id: string) {
  const design = find('design', designs, (d) => d.id, id);
  const result = new Cell({ design, workload, era: findEra(undefined), seed: 1 }).runByClock();
  const { findings, verdicts, loans } = result.judgement;
  return {
    found: findings.map((f) => `${f.property}/${f.harm} ${f.count}`),
    verdicts,
    loans,
    notJudged: result.notJudged,
  };
}

describe('five calls of which one was sent twice', () => {
  const seen = {
    found: ['early/hazard 1', 'corrupt/wire 6', 'corrupt/delivered 6'],
    loans: 1,
    notJudged: '',
  };

  test("their pages may be a file system's: who waits for the end of writeback waits for the reply", async () => {
    const workload = await load('rpc-resend.pcap');
    const firstStep = (id: string): number => {
      const design = find('design', designs, (d) => d.id, id);
      const cell = new Cell({ design, workload, era: findEra(undefined), seed: 1 });
      return cell.runByClock().judgement.findings[0]!.step;
    };
    expect(firstStep('stable-pages')).toBe(firstStep('rpc-reply'));
    expect(firstStep('stable-pages')).toBeGreaterThan(firstStep('naive-sendpage'));
  });

  test.each([
    'rpc-resend.pcap',
    'rpc-resend-arp-36min-before.pcap',
    'rpc-resend-no-syn.pcap',
    'rpc-resend-snaplen-128.pcap',
    'rpc-resend-cut-in-last-record.pcap',
  ])('%s', async (name) => {
    const workload = await load(name);
    expect(drive(workload, 'rpc-reply')).toMatchObject(seen);
    expect(drive(workload, 'ian-frag-destructor').found).toEqual([]);
    expect([workload.plan.unit, workload.plan.calls, workload.plan.replies]).toEqual([
      'calls',
      4,
      4,
    ]);
  });
});

test('an xid that is used again is another call, with pages of its own', async () => {
  const workload = await load('xid-reused-larger.pcap');
  expect(drive(workload, 'rpc-reply')).toMatchObject({ found: [], loans: 3 });
});

describe('bytes that nobody captured', () => {
  test.each([
    ['gap-1200MB.pcap', 200, 1_258_291_100],
    ['sampled-5GB.pcap', 23_822, 5_416_642_848],
  ])('%s: %i bytes are lent, %i cost nothing', async (name, bytes, unseen) => {
    const { plan, frames } = await load(name);
    expect([plan.streamBytes, plan.unseenBytes]).toEqual([bytes, unseen]);
    expect(frames).toBeLessThan(1100);
  });
});

describe('the connection goes on behind the end of a capture', () => {
  // sock-wfree looks through its queue when sock_wfree runs; the clone of the last segment is freed before its ACK.
  test.each(['gap-1200MB.pcap', 'sampled-5GB.pcap', 'xid-reused-larger.pcap'])(
    '%s: a callback in sock_wfree would be told by the next segment, which nobody captured',
    async (name) => {
      expect(drive(await load(name), 'sock-wfree-asks-pages')).toMatchObject({
        found: [],
        verdicts: { lost: 'holds' },
      });
    },
  );

  test('one loan, acknowledged by the last ACK: nothing in the file could refute', async () => {
    const { found, verdicts } = drive(await load('bulk-whole.pcap'), 'evgeniy-partial');
    expect([found, verdicts.lost]).toEqual([[], 'not-exercised']);
  });

  test('what was over before the last segment went, and was never told, is lost', async () => {
    const workload = await load('rpc-resend.pcap');
    const { found } = drive(workload, 'evgeniy-partial');
    expect(found.filter((f) => f.startsWith('lost'))).toHaveLength(1);
    expect(drive(await load('xid-reused-larger.pcap'), 'evgeniy-partial').found).toEqual([
      'lost/hazard 2',
    ]);
  });
});

describe('an ACK proves that the device had read', () => {
  test.each([
    ['ack-after-4us.pcap', 5],
    ['ack-after-4us.pcap', 1_000_000],
    ['bulk-whole.pcap', 1000],
    ['bulk-whole.pcap', 999_999_999],
  ])(
    '%s with a driver delay of %i µs: nothing was sent twice, nothing is found',
    async (name, ticks) => {
      const workload = await load(name, ticks);
      for (const id of [
        'tcp-ack-callback',
        'splice-pipe-release',
        'ian-frag-destructor',
        'copy-always',
      ])
        expect(drive(workload, id).found, id).toEqual([]);
    },
  );
});

describe('a transfer that is not RPC is answered by the other side closing after it had all', () => {
  test.each([
    'bulk-whole.pcap',
    'bulk-whole.pcap.zst',
    'ack-after-4us.pcap',
    'tcp-in-vxlan.pcap',
    'tcp-in-gre.pcap',
    'tcp-in-ipip.pcap',
    'tcp-in-mpls.pcap',
    'tcp-in-ppp9.pcap',
    'tcp-in-chdlc104.pcap',
    'two-interfaces-one-usb.pcapng',
    'cut-short.pcap.gz',
    'gap-1200MB.pcap',
    'sampled-5GB.pcap',
  ])('%s: rpc-reply holds', async (name) => {
    const { found, verdicts, notJudged } = drive(await load(name), 'rpc-reply');
    expect([found, notJudged]).toEqual([[], '']);
    expect(verdicts).toMatchObject({ corrupt: 'holds', early: 'holds' });
  });
});

test('where no reply can be seen, what waits for one is not judged', async () => {
  const workload = await load('bulk-ends-unacked.pcap');
  const { found, verdicts, notJudged } = drive(workload, 'rpc-reply');
  expect([found, notJudged]).toEqual([[], expect.stringMatching(/^no RPC was read in it, and /)]);
  expect(new Set(Object.values(verdicts))).toEqual(new Set(['not-judged']));
  expect(drive(workload, 'tcp-ack-callback')).toMatchObject({ notJudged: '' });
});

test('a path that is not there is misuse; what the system refuses is not', async () => {
  const names = async (path: string): Promise<string> => {
    const error = await loadCapture({ file: path, driverTicks: 5, flows: null }).catch(
      (e: unknown) => e,
    );
    expect((error as Error).message).toMatch(/^[^\n]*: cannot be read: [^\n]*\(E[A-Z]+\)$/);
    return (error as Error).name;
  };
  expect(await names(file('no-such.pcap'))).toBe('UsageError');
  expect(await names(file('.'))).toBe('UsageError');
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  symlinkSync('loop.pcap', join(dir, 'loop.pcap'));
  expect(await names(join(dir, 'loop.pcap'))).toBe('CouldNot');
  rmSync(dir, { recursive: true });
});

test('a token names the connection', async () => {
  const source = { file: file('rpc-resend.pcap'), driverTicks: 7, flows: null };
  const [whole, server] = [captureToken('capture', source), await chooseFlows(source, '0/server')];
  expect(captureOfToken(whole)).toMatchObject({ driverTicks: 7, flows: null });
  expect(captureOfToken(captureToken('capture', server))).toMatchObject({
    flows: [{ id: 0, side: 1 }],
  });
});

describe('--flow', () => {
  const source = { file: file('rpc-resend.pcap'), driverTicks: 5, flows: null };
  test.each(['all', 'rpc', 'port 2049', 'host 10.0.0.1 and port 900', '10.0.0.2:2049'])(
    '%s',
    async (text) => {
      expect((await chooseFlows(source, text)).flows).toEqual([{ id: 0, side: null }]);
    },
  );
  test('a connection that is named twice is driven once', async () => {
    const { flows } = await chooseFlows(source, '0, 0/server, 0,0/server');
    expect(flows).toEqual([
      { id: 0, side: null },
      { id: 0, side: 1 },
    ]);
  });
  test.each(['port 80', 'host 10.0.0.9'])('%s: no such connection', async (text) => {
    await expect(chooseFlows(source, text)).rejects.toThrow(/no connection with data is/);
  });
  test.each(['tcp.port == 80', 'src 1', ''])("'%s' is not understood", async (text) => {
    await expect(chooseFlows(source, text)).rejects.toThrow(/--flow does not know/);
  });
});

test('a pipe is kept: a capture is read more than once', { timeout: 20_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const pipe = join(dir, 'pipe.pcap');
  execFileSync('mkfifo', [pipe]);
  const bytes = readFileSync(file('bulk-whole.pcap'));
  const [kept] = await Promise.all([keepInput(pipe), writeFile(pipe, bytes)]);
  rmSync(dir, { recursive: true });
  expect(readFileSync(kept).equals(bytes)).toBe(true);
  expect(await keepInput(file('bulk-whole.pcap'))).toBe(file('bulk-whole.pcap'));
});
