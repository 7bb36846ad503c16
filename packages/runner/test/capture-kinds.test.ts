// Kinds of traffic that no shipped capture shows, built by hand: NFS READ at the server, a transfer without ACKs.
import { CaptureError, followTcp, logOf, readCapture } from '@lastref/capture';
import { Cell } from '@lastref/search';
import { flowWorkload, planCapture, type CaptureWorkload } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import {
  FIN_ACK,
  handshake,
  pcap,
  ramp,
  random,
  RST,
  talk,
  u32,
  type Packet,
  type Said,
} from '../../capture/test/build.ts';
import { allDesigns, find, findEra } from '../src/index.ts';
import { LONG, sample } from '../../../scripts/tier.ts';

const designs = (await allDesigns()).map(({ design }) => design);

function workloadOf(packets: readonly Packet[], driverTicks = 5): CaptureWorkload {
  const capture = readCapture(pcap(packets), 'built.pcap');
  const log = logOf(followTcp(capture)[0]!);
  const options = { id: 'capture', file: 'built.pcap', driverTicks, side: null, warnings: [] };
  return flowWorkload(log, options);
}

function run(workload: CaptureWorkload, id: string) {
  const design = find('design', designs, (d) => d.id, id);
  return new Cell({ design, workload, era: findEra(undefined), seed: 1 }).runByClock();
}

/** Cuts packets as a snap length does; the IP header still says how long they were. */
function cut(packets: readonly Packet[], snap: number): Packet[] {
  return packets.map(({ ns, data }) => ({
    ns,
    data: data.subarray(0, snap),
    original: data.length,
  }));
}

describe('NFS READ, captured at the server', () => {
  const READ = 6;
  const CALLS = 6;
  const READ_BYTES = 8192;
  const MSS = 1448;
  const ports: [number, number] = [900, 2049];
  const record = (body: readonly number[] | Uint8Array): Uint8Array =>
    Uint8Array.from([...u32(0x80000000 + body.length), ...body]);
  const call = (xid: number): Uint8Array =>
    record([xid, 0, 2, 100003, 3, READ, 0, 0, 0, 0, 0, 0].flatMap(u32));
  const reply = (xid: number): Uint8Array =>
    record([...[xid, 1, 0, 0, 0, 0].flatMap(u32), ...ramp(READ_BYTES)]);

  /** One call after the other. Part of the third reply goes again before it is acknowledged. */
  function reads(): Said[] {
    const said: Said[] = [];
    let [client, server] = [1001, 9001];
    for (let i = 0; i < CALLS; i++) {
      const asks = call(77 + i);
      said.push({ seq: client, ack: server, data: asks });
      client += asks.length;
      const answer = reply(77 + i);
      const parts: Said[] = [];
      for (let at = 0; at < answer.length; at += MSS)
        parts.push({ from: 1, seq: server + at, ack: client, data: answer.subarray(at, at + MSS) });
      said.push(...parts);
      if (i === 2) said.push(...parts.slice(1, 3));
      server += answer.length;
      said.push({ seq: client, ack: server });
    }
    return said.map((one) => ({ ...one, ports }));
  }
  const opening = handshake().map((said) => ({ ...said, ports }));
  const whole = talk([...opening, ...reads()]);
  const late = whole.slice(opening.length + 3); // in the middle of the first reply

  test.each([
    ['whole', whole, CALLS],
    ['snaplen 128', cut(whole, 128), CALLS],
    ['snaplen 96', cut(whole, 96), CALLS],
    ['no SYN, from the middle of a reply on', late, CALLS - 1],
    ['the same with snaplen 128', cut(late, 128), CALLS - 1],
    ['the same with snaplen 96', cut(late, 96), CALLS - 1],
  ])('%s: the replies lend', (_, packets, replies) => {
    const workload = workloadOf(packets);
    const { plan } = workload;
    // Without a SYN the client is who was seen first.
    expect([plan.client, plan.server][plan.side]).toBe('10.7.0.2:2049');
    expect([plan.unit, plan.retransmissions]).toEqual(['replies', 2]);
    const lent = plan.operations.filter(({ key }) => key >= 0);
    expect(lent.map(({ lentFrom, end }) => end - lentFrom)).toEqual(
      Array<number>(replies).fill(READ_BYTES),
    );
    const reply = run(workload, 'rpc-reply');
    expect([reply.judgement.findings, reply.notJudged]).toEqual([
      [],
      'the data go in replies, which nobody answers',
    ]);
    const { judgement, notJudged } = run(workload, 'ian-frag-destructor');
    expect([judgement.findings, judgement.loans, notJudged]).toEqual([[], replies, '']);
    expect(run(workload, 'naive-sendpage').judgement.verdicts.corrupt).toBe('refuted');
  });
});

describe('a capture at two interfaces has each packet twice', () => {
  const segments = Array.from({ length: 8 }, (_, i): Said[] => [
    { us: 30_000 + 1000 * i, seq: 1001 + 1000 * i, ack: 9001, data: 1000 },
    { us: 30_500 + 1000 * i, from: 1, seq: 9001, ack: 2001 + 1000 * i },
  ]).flat();
  const resent: Said = { us: 38_200, seq: 8001, ack: 9001, data: 1000 };
  const twice = (packets: readonly Packet[]): Packet[] =>
    packets.flatMap((p) => [p, { ...p, ns: p.ns + 3000n }]);
  const counts = ({ plan }: CaptureWorkload): number[] => [
    plan.segments,
    plan.retransmissions,
    plan.twice,
  ];

  test('it drives what the capture at one of them drives', () => {
    const once = talk([...handshake(), ...segments]);
    const [a, b] = [workloadOf(once), workloadOf(twice(once))];
    expect([counts(a), counts(b)]).toEqual([
      [8, 0, 0],
      [8, 0, 8],
    ]);
    expect(b.warnings).toContainEqual(expect.stringMatching(/^8 segments are there twice/));
    for (const id of ['naive-sendpage', 'tcp-ack-callback', 'ian-frag-destructor'])
      expect(run(b, id).judgement.findings, id).toEqual(run(a, id).judgement.findings);
  });

  test('what the sender sent twice has another number, and is sent twice', () => {
    const packets = talk([...handshake(), ...segments, resent]);
    expect(counts(workloadOf(twice(packets)))).toEqual([9, 1, 9]);
  });

  test('a sender that gives each packet the same number tells nothing by it', () => {
    const same = [...handshake(), ...segments, resent].map((said) => ({ ...said, ipId: 1 }));
    expect(counts(workloadOf(talk(same)))).toEqual([9, 1, 0]);
  });

  test('nor does IPv6', () => {
    const packets = talk(
      [...handshake(), ...segments, resent].map((said) => ({ ...said, v6: true })),
    );
    expect(counts(workloadOf(packets))).toEqual([9, 1, 0]);
  });
});

describe('the answer to a transfer that is not RPC is that the other side closes', () => {
  const END = 1001 + 5 * 1000;
  const data = Array.from({ length: 5 }, (_, i): Said => ({
    seq: 1001 + 1000 * i,
    ack: 9001,
    data: 1000,
  }));
  const acked: Said = { from: 1, seq: 9001, ack: END };
  const closed: Said = { ...acked, flags: FIN_ACK };
  const cases: readonly (readonly [what: string, judged: boolean, said: readonly Said[]])[] = [
    ['it closes after it has all', true, [...data, acked, closed]],
    ['its FIN acknowledges the last of it', true, [...data, closed]],
    ['it had closed its own direction before', false, [{ ...closed, ack: 1001 }, ...data, acked]],
    [
      'it closes in the middle',
      false,
      [...data.slice(0, 3), { ...closed, ack: 4001 }, ...data.slice(3), acked],
    ],
    ['it resets', false, [...data, acked, { ...acked, flags: RST }]],
    [
      'it has sent what may be an answer',
      false,
      [...data, { ...acked, data: 9 }, { ...closed, seq: 9010 }],
    ],
    ['the capture ends', false, [...data, acked]],
  ];

  test.each(cases)('%s: rpc-reply judged: %s', (_, judged, said) => {
    const { judgement, notJudged } = run(workloadOf(talk([...handshake(), ...said])), 'rpc-reply');
    expect([judgement.findings, notJudged === '']).toEqual([[], judged]);
    expect(judgement.verdicts.corrupt).toBe(judged ? 'holds' : 'not-judged');
  });

  test('what was sent again just before it, and still waits, reads what the producer has written since', () => {
    const said = [...handshake(), ...data, { ...data[2]!, us: 21_000 }, { ...closed, us: 21_010 }];
    expect(run(workloadOf(talk(said), 1000), 'rpc-reply').judgement.verdicts).toMatchObject({
      early: 'refuted',
      corrupt: 'refuted',
    });
    expect(run(workloadOf(talk(said), 1000), 'ian-frag-destructor').judgement.findings).toEqual([]);
  });
});

test.each([54, 68, 80])('RPC that a snap length of %i hides: not judged, and why', (snap) => {
  const words = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap(u32));
  const asks = words(0x80000028, 7, 0, 2, 100003, 3, 7, 0, 0, 0, 0);
  const says = words(0x80000018, 7, 1, 0, 0, 0, 0);
  const said: Said[] = [
    ...handshake(),
    { seq: 1001, ack: 9001, data: asks },
    { from: 1, seq: 9001, ack: 1045, data: says },
    { from: 1, seq: 9029, ack: 1045, flags: FIN_ACK },
  ];
  // 14 bytes of Ethernet are not there.
  const { notJudged } = run(workloadOf(cut(talk(said), snap - 14)), 'rpc-reply');
  expect(notJudged).toBe('the snap length leaves too little of it to read RPC');
  expect(run(workloadOf(cut(talk(said), 96 - 14)), 'rpc-reply').notJudged).toBe('');
});

describe('a transfer without an ACK costs about what it costs with ACKs', () => {
  const SEGMENTS = LONG ? 14_000 : 7000;
  const MSS = 1000;
  const START = 1001;
  const ack = (to: number, ...blocks: number[]): Said => {
    const options =
      blocks.length === 0 ? [] : [1, 1, 5, 2 + 4 * blocks.length, ...blocks.flatMap(u32)];
    return { from: 1, seq: 9001, ack: to, options };
  };
  const transfer = (answer: (start: number, end: number, i: number) => Said[]): CaptureWorkload => {
    const said = Array.from({ length: SEGMENTS }, (_, i): Said[] => {
      const start = START + i * MSS;
      return [{ seq: start, ack: 9001, data: MSS }, ...answer(start, start + MSS, i)];
    });
    return workloadOf(cut(talk([...handshake(), ...said.flat()]), 64));
  };

  /** CPU of one run, in ms. */
  function cpu(workload: CaptureWorkload): number {
    const before = process.cpuUsage();
    run(workload, 'ian-frag-destructor');
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  /** The fastest of three runs of each, in turns: what else the machine does slows both. */
  function ratio(asked: CaptureWorkload, usual: CaptureWorkload): number {
    const best = [Infinity, Infinity];
    for (let i = 0; i < 3; i++) {
      best[0] = Math.min(best[0]!, cpu(usual));
      best[1] = Math.min(best[1]!, cpu(asked));
    }
    return best[1]! / best[0]!;
  }
  const usual = (): CaptureWorkload => transfer((_, end, i) => (i % 2 === 1 ? [ack(end)] : []));

  // A walk through all that is not acknowledged takes 6 times the CPU where each ACK does it, 24 where each segment does.
  const kinds: [string, (start: number, end: number, i: number) => Said[]][] = [
    ['no ACK', () => []],
    [
      'the first segment lost: one block that grows',
      (_, end, i) => (i > 0 ? [ack(START, START + MSS, end)] : []),
    ],
    [
      'every second one lost: a block for each that came',
      (start, end, i) => (i % 2 === 1 ? [ack(START, start, end)] : []),
    ],
  ];
  test.each(sample(kinds, 3, 1))('%s', { timeout: 120_000 }, (_, answer) => {
    expect(ratio(transfer(answer), usual())).toBeLessThan(5);
  });
});

test('damaged captures are planned and driven, or refused with one clear line', () => {
  const whole = pcap(
    talk([
      ...handshake(),
      ...Array.from({ length: 20 }, (_, i): Said[] => [
        { seq: 1001 + i * 500, ack: 9001, data: 500 },
        {
          from: 1,
          seq: 9001,
          ack: 1001 + i * 500,
          options: [1, 1, 5, 10, ...u32(1501), ...u32(2001 + i * 500)],
        },
      ]).flat(),
    ]),
  );
  const captures = LONG ? 300 : 100;
  let driven = 0;
  const bad: string[] = [];
  for (let seed = 1; seed <= captures; seed++) {
    const below = random(seed);
    const bytes = Uint8Array.from(whole);
    for (let n = 1 + below(12); n > 0; n--) bytes[40 + below(bytes.length - 40)] = below(256);
    try {
      for (const { steps, drained } of driveAll(bytes)) {
        driven++;
        if (!drained || steps >= 2000) bad.push(`seed ${seed}: ${steps} steps`);
      }
    } catch (error) {
      const clear = error instanceof CaptureError && !error.message.includes('\n');
      if (!clear) bad.push(`seed ${seed}: ${String((error as Error).stack)}`);
    }
  }
  expect(bad).toEqual([]);
  expect(driven).toBeGreaterThan(LONG ? 200 : 50);
});

function driveAll(bytes: Uint8Array) {
  const logs = followTcp(readCapture(bytes, 'built.pcap')).map(logOf);
  const options = { id: 'capture', file: 'built.pcap', driverTicks: 5, side: null, warnings: [] };
  return logs
    .filter((log) => planCapture(log).segments > 0)
    .map((log) => run(flowWorkload(log, options), 'ian-frag-destructor'));
}
