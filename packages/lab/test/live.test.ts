// Runs of real sockets beside the model: what counts as agreeing, and that what was kept does.
import { readFileSync } from 'node:fs';
import { liveSchema } from '@lastref/report';
import { ROOT, allDesigns, runtimes } from '@lastref/runner';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  LabError,
  SCENARIOS,
  liveFormOf,
  modelOf,
  runScenarios,
  runsOf,
  sumOf,
  verdictOf,
  type Designs,
  type Guest,
} from '../src/index.ts';
import { sample } from '../../../scripts/tier.ts';

let designs: Designs;
beforeAll(async () => {
  const files = [...(await allDesigns()), ...(await runtimes())];
  designs = new Map(files.map(({ design }) => [design.id, design]));
});

const probed = (n: number, early: number, delivered: number): string =>
  `run ${n} mss 1024 posted 400 announced 400 copied 398 early ${early} retransmitted 6 delivered ${delivered}\n`;
const line = (n: number, wire: number, delivered: number): string =>
  `run ${n} told 1 wire ${wire} delivered ${delivered}\n`;

/** A guest of `era` that says `of(words)` to each command line. */
function guest(era: string, of: (words: string) => string): Guest {
  return {
    id: era,
    version: era,
    sha256: '0',
    era,
    play: (script) => {
      const answers = script.trimEnd().split('\n');
      return Promise.resolve(`# linux x\n${answers.map((l) => `${l}\n${of(l)}`).join('')}# done\n`);
    },
  };
}

async function rowsOf(id: string, era: string, of: (words: string) => string): Promise<string[]> {
  const scenarios = SCENARIOS.filter((s) => s.id === id);
  const { rows } = await runScenarios(scenarios, guest(era, of), 2, designs, '2026-01-01');
  return rows.map(
    (r) => `${r.cell?.design ?? 'control'} ${r.wire ?? '-'} ${r.delivered} ${r.verdict}`,
  );
}

test('a line of a run is read, and one that breaks off is not', () => {
  expect(
    runsOf(`# linux 7.2\n${probed(1, 2, 1023)}# a note\n${line(2, 7, 0)}run 3 told 1`),
  ).toEqual([
    { told: 400, early: 2, wire: null, delivered: 1023 },
    { told: 1, early: null, wire: 7, delivered: 0 },
  ]);
});

test('who reads what the model does not find contradicts it, whatever else was seen', () => {
  expect(verdictOf([], [])).toBe('agrees');
  expect(verdictOf(['wire'], ['wire', 'delivered'])).toBe('agrees');
  expect(verdictOf([], ['wire'])).toBe('not seen');
  expect(verdictOf(['wire', 'delivered'], ['wire'])).toBe('contradicts');
});

test('a moment that is taken for the end stands beside the row of its design', async () => {
  const early = / (sendfile (return|acked)|zerocopy return|uring return)$/;
  const rows = await rowsOf('slow-reader', '6.1.192', (words) =>
    early.test(words) ? line(1, 0, 65536) + line(2, 0, 65536) : line(1, 0, 0) + line(2, 0, 0),
  );
  expect(rows).toEqual([
    'copy-always 0 0 agrees',
    'naive-sendpage 0 2 agrees',
    'tcp-ack-callback 0 2 agrees',
    'msg-zerocopy 0 0 agrees',
    'mzc-send-returns 0 2 agrees',
    'sendzc-first-cqe 0 2 agrees',
    'sendzc-owner 0 0 agrees',
  ]);
});

test('a kernel without io_uring sends plays the other arms, beside workloads and operations', async () => {
  for (const id of ['slow-reader', 'veth']) {
    const rows = await rowsOf(id, '5.10.223', () => line(1, 0, 0) + line(2, 0, 0));
    expect(rows.filter((row) => row.startsWith('sendzc'))).toEqual([]);
    expect(rows).toContain('naive-sendpage 0 0 not seen');
  }
});

test('who is left that can read may read changed bytes, though nobody does in the matrix', async () => {
  const rows = await rowsOf('slow-pipe', '6.1.192', (words) =>
    words.includes(' sendfile ') ? line(1, 0, 9) + line(2, 0, 9) : line(1, 0, 0) + line(2, 0, 0),
  );
  expect(rows).toContain('naive-sendpage 0 2 agrees');
  expect(rows).toContain('tcp-ack-callback 0 2 agrees');
});

test('a program that NFQUEUE asks may read changed bytes of sendfile, and none of MSG_ZEROCOPY', async () => {
  const rows = await rowsOf('nfqueue', '6.1.192', () => line(1, 9, 0) + line(2, 0, 0));
  expect(rows).toContain('rpc-reply 1 0 agrees');
  expect(rows).toContain('msg-zerocopy 1 0 contradicts');
  expect(rows).toContain('copy-always 1 0 contradicts');
});

describe('MTU probes', () => {
  const quiet = probed(1, 0, 0) + probed(2, 0, 0);
  const harm = probed(1, 3, 1023) + probed(2, 1, 0);
  const early = probed(1, 3, 0) + probed(2, 0, 0);
  const verdicts = (era: string, text: string): Promise<string[]> =>
    rowsOf('mtu-probe', era, (words) => (words.endsWith(' 2') ? text : quiet));

  test('deliver changed bytes where the matrix says so', async () => {
    expect(await verdicts('7.2.13', harm)).toEqual([
      'msg-zerocopy - 1 agrees',
      'control - 0 agrees',
    ]);
    expect(await verdicts('7.2.13', early)).toContain('msg-zerocopy - 0 not seen');
  });

  test('contradict a kernel that copies, if they do; told before the ACK alone is no proof', async () => {
    expect(await verdicts('6.1.192', early)).toContain('msg-zerocopy - 0 agrees');
    expect(await verdicts('6.1.192', harm)).toContain('msg-zerocopy - 1 contradicts');
  });

  test('are not judged by runs that came to nothing, or in which nobody was told', async () => {
    await expect(verdicts('7.2.13', probed(1, 0, 0))).rejects.toThrow(LabError);
    const never = () => 'run 1 told 0 wire 0 delivered 0\n'.repeat(2);
    await expect(rowsOf('loss', '7.2.13', never)).rejects.toThrow('nobody was told in 2 of 2 runs');
  });
});

describe('a token', () => {
  test('is played by the arm of its design, beside the control', () => {
    const form = liveFormOf({ design: 'rpc-reply', workload: 'iscsi-write~2' });
    expect(typeof form === 'string' ? form : form.arms.map((a) => a.name)).toEqual([
      'sendfile, at the reply',
      'send, at return',
    ]);
    const probe = { design: 'msg-zerocopy', workload: 'operation-tcp_clone_payload-shared' };
    expect(liveFormOf(probe)).toMatchObject({ id: 'mtu-probe' });
  });

  test('of an operation is played by the scenario of that very operation', () => {
    const formOf = (operation: string): unknown =>
      liveFormOf({ design: 'tcp-ack-callback', workload: `operation-${operation}-shared` });
    expect(formOf('tpacket_rcv-copy_thresh')).toMatchObject({ id: 'small-ring' });
    expect(formOf('veth_xmit')).toMatchObject({ id: 'veth' });
    expect(formOf('nf_queue')).toMatchObject({ id: 'nfqueue' });
    expect(formOf('nf_queue-sums')).toMatchObject({ id: 'nfqueue-sums' });
    expect(formOf('tpacket_rcv')).toContain('no kernel has tcp-ack-callback: on');
    expect(formOf('skb_morph')).toContain('no live form');
  });

  test('of what no kernel has says so in a line', () => {
    expect(liveFormOf({ design: 'sock-wfree', workload: 'bulk-loss' })).toBe(
      'no kernel has sock-wfree: on bulk-loss there are live forms of copy-always, naive-sendpage, tcp-ack-callback, msg-zerocopy',
    );
    expect(liveFormOf({ design: 'rpc-reply', workload: 'dst-replicas' })).toContain('no live form');
  });
});

describe('what is kept in results/live.json', () => {
  const doc = liveSchema.parse(JSON.parse(readFileSync(`${ROOT}results/live.json`, 'utf8')));
  const asked = sample(doc.kernels, 4, 3);

  test('stands beside the cells as the model computes them now', () => {
    const rows = doc.rows.filter((row) => asked.some((k) => k.id === row.kernel));
    for (const row of sample(rows, 3)) {
      const { era } = asked.find((k) => k.id === row.kernel)!;
      const scenario = SCENARIOS.find((s) => s.id === row.scenario)!;
      const arm = scenario.arms.find((a) => a.name === row.arm)!;
      const { cell, finds } = modelOf(arm, era, designs)!;
      const seen = (['wire', 'delivered'] as const).filter((by) => (row[by] ?? 0) > 0);
      expect({ cell: row.cell, finds: row.finds, verdict: row.verdict }).toEqual({
        cell,
        finds,
        verdict: verdictOf(seen, finds),
      });
    }
    expect(doc.sum).toEqual(sumOf(doc.rows));
  });

  test('has every arm of every kernel, each in at least 30 runs', () => {
    for (const { id, era } of asked) {
      const arms = SCENARIOS.flatMap((s) =>
        s.arms.filter((a) => modelOf(a, era, designs) !== null).map((a) => `${s.id}: ${a.name}`),
      );
      const rows = doc.rows.filter((r) => r.kernel === id);
      expect(rows.map((r) => `${r.scenario}: ${r.arm}`).sort()).toEqual(arms.sort());
      expect(Math.min(...rows.map((r) => r.runs))).toBeGreaterThanOrEqual(30);
    }
  });

  test('shows nothing that the model rules out, two thirds of the harm that it finds, and the found bug', () => {
    expect(doc.rows.filter((r) => r.verdict === 'contradicts')).toEqual([]);
    expect(doc.sum.seen * 3).toBeGreaterThanOrEqual(doc.sum.harmful * 2);
    const bug = doc.rows.filter((r) => r.scenario === 'mtu-probe' && r.finds.length > 0);
    expect(bug.length).toBeGreaterThan(0);
    expect(bug.filter((r) => r.delivered === 0)).toEqual([]);
  });
});
