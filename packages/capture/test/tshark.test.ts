// An independent analyser looks at the same captures, segment by segment. Without tshark on the
// machine these tests are skipped; the counts in files.test.ts stand for them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyse, followTcp, Mark, readCapture } from '../src/index.ts';
import { ACK, FIN_ACK, pcap, random, SYN, SYN_ACK, talk, u16, type Said } from './build.ts';
import { sample } from '../../../scripts/tier.ts';

const version = spawnSync('tshark', ['--version'], { encoding: 'utf8' }).stdout ?? '';
/** The rules change between series; these are those of 4.0. */
const available = /^TShark \(Wireshark\) 4\.0\./m.test(version);
const data = join(import.meta.dirname, '../data');

const FIELDS: readonly (readonly [field: string, mark: number])[] = [
  ['tcp.analysis.retransmission', Mark.RETRANSMISSION],
  ['tcp.analysis.fast_retransmission', Mark.FAST],
  ['tcp.analysis.spurious_retransmission', Mark.SPURIOUS],
  ['tcp.analysis.out_of_order', Mark.OUT_OF_ORDER],
  ['tcp.analysis.duplicate_ack', Mark.DUP_ACK],
  ['tcp.analysis.lost_segment', Mark.LOST_SEGMENT],
  ['tcp.analysis.ack_lost_segment', Mark.ACKED_UNSEEN],
  ['tcp.analysis.window_full', Mark.WINDOW_FULL],
  ['tcp.analysis.window_update', Mark.WINDOW_UPDATE],
  ['tcp.analysis.zero_window', Mark.ZERO_WINDOW],
  ['tcp.analysis.zero_window_probe', Mark.ZERO_WINDOW_PROBE],
  ['tcp.analysis.zero_window_probe_ack', Mark.ZERO_WINDOW_PROBE_ACK],
  ['tcp.analysis.keep_alive', Mark.KEEP_ALIVE],
  ['tcp.analysis.keep_alive_ack', Mark.KEEP_ALIVE_ACK],
];
const PLAIN_FIELDS = ['frame.number', 'tcp.stream', 'tcp.len', 'tcp.window_size'];

/** One line per frame, in the same words for both: number, stream, length, window, marks. */
function seenByTshark(path: string): string[] {
  const fields = [...PLAIN_FIELDS, ...FIELDS.map(([field]) => field)].flatMap((f) => ['-e', f]);
  const ran = spawnSync('tshark', ['-r', path, '-n', '-T', 'fields', ...fields], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const columns = line.split('\t');
      const marks = FIELDS.filter((_, i) => (columns[PLAIN_FIELDS.length + i] ?? '') !== '');
      return [...columns.slice(0, PLAIN_FIELDS.length), ...marks.map(([field]) => field)].join(' ');
    });
}

function seenByUs(path: string): string[] {
  const lines: string[] = [];
  for (const connection of followTcp(readCapture(readFileSync(path), path))) {
    const { marks } = analyse(connection);
    for (const [i, segment] of connection.segments.entries()) {
      const set = FIELDS.filter(([, mark]) => ((marks[i] ?? 0) & mark) !== 0).map(([f]) => f);
      const { frame, length, window } = segment;
      lines[frame - 1] = [frame, connection.id, length, window, ...set].join(' ');
    }
  }
  return lines;
}

describe.skipIf(!available)('tshark 4.0 marks every segment as we do', () => {
  test.each(
    sample(
      readdirSync(data)
        .filter((name) => name.includes('.pcap'))
        .sort(),
      3,
    ),
  )('%s', (file) => {
    const path = join(data, file);
    expect(seenByUs(path)).toEqual(seenByTshark(path));
  });

  test('in connections that lose, repeat, reorder, probe and reuse their ports', () => {
    const directory = mkdtempSync(join(tmpdir(), 'capture-'));
    try {
      for (const seed of sample(SEEDS, 5)) {
        const path = join(directory, `${seed}.pcap`);
        writeFileSync(path, pcap(talk(trouble(seed)), { magic: 0xa1b23c4d }));
        expect(seenByUs(path), `seed ${seed}`).toEqual(seenByTshark(path));
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

const SEEDS = Array.from({ length: 15 }, (_, i) => i + 1);

/** Segments that no sane stack would send in this order, from one seed. */
function trouble(seed: number): Said[] {
  const chance = random(seed);
  const pick = <T>(...of: T[]): T => of[chance(of.length)] as T;
  const said: Said[] = [];
  let us = 0;
  for (let round = 0; round < 2; round++) {
    const isn = [
      pick(1, 0xffff0000, chance(0xfffffff0)) + round,
      pick(1, 0xfffff000, chance(0xfffffff0)) + round,
    ];
    const scale = [2, 4, ...u16(1460), 3, 3, chance(9), 1];
    const hello = chance(4);
    const offered = [hello === 1 ? [] : scale, hello === 2 ? [] : scale];
    const next = [((isn[0] ?? 0) + 1) >>> 0, ((isn[1] ?? 0) + 1) >>> 0];
    const acked = [next[1] ?? 0, next[0] ?? 0];
    const windows = [64240, 500];
    const say = (from: 0 | 1, seq: number, more: Partial<Said>): void => {
      us += pick(1, 50, 900, 2500, 12_000, 25_000, 400_000);
      const window = windows[from] ?? 0;
      const ack = acked[from] ?? 0;
      said.push({ from, us, seq: seq >>> 0, ack: ack >>> 0, window, flags: ACK, ...more });
    };
    if (hello !== 3) {
      say(0, isn[0] ?? 0, { flags: SYN, ack: 0, options: offered[0] ?? [] });
      say(1, isn[1] ?? 0, { flags: SYN_ACK, options: offered[1] ?? [] });
      say(0, next[0] ?? 0, {});
    }
    for (let step = 0; step < 120; step++) {
      const from = pick<0 | 1>(0, 0, 0, 1);
      const to = from === 0 ? 1 : 0;
      const seq = next[from] ?? 0;
      const data = pick(1, 2, 100, 1448);
      switch (chance(12)) {
        case 0: // lost before the capture
          next[from] = seq + data;
          break;
        case 1:
        case 2:
        case 3:
          say(from, seq, { data });
          next[from] = seq + data;
          break;
        case 4: // again, or overtaken
          say(from, seq - pick(1, 100, 1448, 2896, 5000), { data });
          break;
        case 5:
          acked[to] = seq;
          say(to, next[to] ?? 0, {});
          break;
        case 6: // acknowledges less, or what was never sent
          acked[to] = seq + pick(-1448, -100, 0, 3000);
          say(to, next[to] ?? 0, {});
          break;
        case 7: // duplicate ACKs, then what they ask for
          for (let i = chance(5); i >= 0; i--) say(to, next[to] ?? 0, {});
          say(from, acked[to] ?? 0, { data });
          break;
        case 8:
          windows[to] = pick(0, 0, 1, 11, 64240, 500);
          say(to, next[to] ?? 0, {});
          break;
        case 9: // keep-alive, probe and their answers
          say(from, seq - pick(0, 1), { data: pick(0, 1) });
          say(to, next[to] ?? 0, {});
          break;
        case 10:
          say(from, seq, { data: pick(500, 64240 - 1, 500 * 4) });
          break;
        default:
          say(from, seq, { flags: pick(ACK, ACK, ACK, ACK, FIN_ACK, 20), data: pick(0, 10) });
      }
    }
  }
  return said;
}
