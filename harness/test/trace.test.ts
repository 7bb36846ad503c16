// A finding opened in the tools that people have: Perfetto's format checked by its rules, packets by Wireshark's
// own dissectors.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareSchema, faultsOf, moversSchema } from '@lastref/report';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { printed } from './house/reference.ts';
import { lastref } from './run-cli.ts';
import { sample } from '../../scripts/tier.ts';

const reference = compareSchema.parse(
  JSON.parse(readFileSync(new URL('../../results/compare.json', import.meta.url), 'utf8')),
);

/** The finding of a cell that needs the most steps. */
function token(design: string, workload: string): string {
  const row = reference.rows.find((r) => r.design === design && r.workload === workload)!;
  return faultsOf(row).reduce((a, b) => (a.step > b.step ? a : b)).token;
}

function traced(of: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-trace-'));
  const ran = lastref('replay', of, '--trace', dir);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain(`Written to ${dir}: trace.json`);
  return dir;
}

const base = { pid: z.literal(1), tid: z.number().int(), name: z.string() };
const timed = { ...base, ts: z.number().nonnegative() };
const event = z.discriminatedUnion('ph', [
  z.strictObject({ ...base, ph: z.literal('M'), args: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    ...timed,
    ph: z.literal('X'),
    cat: z.string(),
    dur: z.number().positive(),
    args: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ ...timed, ph: z.literal('i'), cat: z.string(), s: z.literal('t') }),
  z.strictObject({ ...timed, ph: z.literal('s'), cat: z.string(), id: z.number() }),
  z.strictObject({
    ...timed,
    ph: z.literal('f'),
    cat: z.string(),
    id: z.number(),
    bp: z.literal('e'),
  }),
  z.strictObject({ ...timed, ph: z.literal('C'), args: z.record(z.string(), z.number()) }),
]);
const traceSchema = z.strictObject({ traceEvents: z.array(event) });

describe('trace.json', () => {
  let traceEvents: z.infer<typeof event>[];
  let slices: Extract<z.infer<typeof event>, { ph: 'X' }>[];

  beforeAll(() => {
    const dir = traced(token('splice-pipe-release', 'loopback-slow-reader'));
    const text = readFileSync(`${dir}/trace.json`, 'utf8');
    ({ traceEvents } = traceSchema.parse(JSON.parse(text)));
    slices = traceEvents.filter((e) => e.ph === 'X');
  });

  test('has a named track for every holder, and slices on one track never overlap', () => {
    const names = new Map(
      traceEvents.flatMap((e) =>
        e.ph === 'M' && e.name === 'thread_name' ? [[e.tid, String(e.args['name'])]] : [],
      ),
    );
    expect([...names.values()]).toEqual([
      'steps',
      'producer',
      'write queue',
      'backlog',
      'receive queue',
      'application',
    ]);
    for (const tid of names.keys()) {
      const own = slices.filter((e) => e.tid === tid).sort((a, b) => a.ts - b.ts);
      for (let i = 1; i < own.length; i++)
        expect(own[i]!.ts).toBeGreaterThanOrEqual(own[i - 1]!.ts + own[i - 1]!.dur - 0.0011);
    }
    for (const e of traceEvents) expect(names.has(e.tid) || e.tid === 0).toBe(true);
  });

  test('flows go from a slice to a slice, and references reach the receive queue', () => {
    const starts = traceEvents.filter((e) => e.ph === 's');
    const ends = new Map(traceEvents.filter((e) => e.ph === 'f').map((e) => [e.id, e]));
    expect(starts.length).toBeGreaterThan(0);
    expect(ends.size).toBe(starts.length);
    const around = (e: { tid: number; ts: number }): boolean =>
      slices.some((s) => s.tid === e.tid && s.ts <= e.ts && e.ts <= s.ts + s.dur);
    for (const start of starts) {
      const end = ends.get(start.id)!;
      expect(around(start)).toBe(true);
      expect(around(end)).toBe(true);
      expect(end.ts).toBeGreaterThan(start.ts);
    }
  });

  test('counters, the completion and the fatal read are there, in the order of the story', () => {
    const at = (name: string): number =>
      traceEvents.findIndex((e) => e.ph === 'i' && e.name === name);
    expect(at('lends')).toBeGreaterThan(0);
    expect(at('is told')).toBeGreaterThan(at('lends'));
    expect(at('written anew')).toBeGreaterThan(at('is told'));
    expect(at('READS CHANGED BYTES')).toBeGreaterThan(at('written anew'));
    const counters = new Set(traceEvents.filter((e) => e.ph === 'C').map((e) => e.name));
    expect([...counters]).toEqual(['page references', "the design's count"]);
  });
});

test('an operation on a stage meets no device: there is no wire to show', () => {
  const args = ['--designs', 'naive-sendpage', '--era', '3.18', '--json'];
  const { rows } = moversSchema.parse(JSON.parse(printed('movers', ...args)));
  const dir = traced(rows.find((r) => r.mover === 'skb_clone')!.cells['naive-sendpage']!.token!);
  expect(existsSync(`${dir}/trace.json`)).toBe(true);
  expect(existsSync(`${dir}/wire.pcapng`)).toBe(false);
});

const { stdout: version } = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
const fields = [
  'frame.interface_name',
  'ip.checksum.status',
  'tcp.checksum.status',
  'tcp.len',
  'frame.comment',
  '_ws.malformed',
  'nfs.status3',
  'nfs.count3',
];

/** One row per packet. */
function dissected(dir: string): Record<string, string>[] {
  const { stdout, status, stderr } = spawnSync(
    'tshark',
    [
      '-n',
      `-r${dir}/wire.pcapng`,
      '-Tfields',
      '-Eseparator=|',
      '-oip.check_checksum:TRUE',
      '-otcp.check_checksum:TRUE',
      ...fields.flatMap((f) => ['-e', f]),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  expect(status, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => Object.fromEntries(line.split('|').map((v, i) => [fields[i]!, v])));
}

describe.skipIf(version === null || version === '')('tshark (skipped where it is missing)', () => {
  test.each(
    sample(
      [
        ['rpc-reply', 'nfs-odirect'],
        ['naive-sendpage', 'no-sg'],
        ['naive-sendpage', 'capture'],
        ['splice-pipe-release', 'loopback-slow-reader'],
      ],
      4,
    ),
  )('finds every frame of %s on %s well formed, every checksum right', (design, workload) => {
    const packets = dissected(traced(token(design, workload)));
    expect(packets.length).toBeGreaterThan(20);
    for (const p of packets) {
      expect(p['_ws.malformed'] ?? '').toBe('');
      expect([p['ip.checksum.status'], p['tcp.checksum.status']]).toEqual(['1', '1']);
    }
  });

  test('reads each answer of the server as that to a WRITE, of all that was asked', () => {
    const answers = dissected(traced(token('rpc-reply', 'nfs-odirect'))).filter(
      (p) => p['nfs.status3'] !== '',
    );
    expect(answers.length).toBeGreaterThan(3);
    for (const answer of answers)
      expect([answer['nfs.status3'], answer['nfs.count3']]).toEqual(['0', '32768']);
  });

  test('a comment stands on the packets with changed bytes, and on no other', () => {
    const dir = traced(token('rpc-reply', 'nfs-odirect'));
    const packets = dissected(dir);
    const said = packets.filter((p) => p['frame.comment'] !== '');
    expect(said.length).toBeGreaterThan(0);
    expect(said.length).toBeLessThan(packets.length / 2);
    for (const p of said) {
      expect(p['frame.interface_name']).toBe('nic a');
      expect(p['frame.comment']).toMatch(/^CHANGED BYTES: \d+ bytes are not those of loan \d+/);
      expect(Number(/: (\d+) bytes/.exec(p['frame.comment']!)![1])).toBeLessThanOrEqual(
        Number(p['tcp.len']),
      );
    }
    const clean = dissected(traced(token('evgeniy-partial', 'nfs-odirect')));
    expect(clean.filter((p) => p['frame.comment'] !== '')).toEqual([]);
  });
});
