// What retis prints (1.5 to 1.7): `retis print` (an event is a line with time, processor, program and probe, and more behind it
// or on lines set in), or its file of JSON objects. The tracking section has the sk_buff and the head that it had first; no
// collector of retis records a page [retis.readthedocs.io: Core events, SKB tracking].
import type { Recording, Sighting } from '../events.ts';
import { Lines, address, isPointer } from './lines.ts';

const EVENT =
  /^(\S.*?) \((\d+)\) \[([^\]]{0,64})\] (\d+)(?:\/\d+)? \[(tp|k|kr|u)\] (?:\w+:)?([\w.]+)/;
const TRACKING = /#([0-9a-f]{16,32}) \(skb ([0-9a-f]+|\d+)\)/;

export function isRetis(line: string): boolean {
  return EVENT.test(line) || /"(?:skb_tracking|skb-tracking|startup)"\s*:/.test(line);
}

export function readRetis(lines: readonly string[]): Recording {
  const out = new Lines();
  let open: Omit<Sighting, 'skb'> | null = null;
  lines.forEach((text, i) => {
    const line = i + 1;
    if (text.trim() === '' || /^Retis version |\[(?:INFO|WARN|ERROR)\]/.test(text)) return;
    if (text.trimStart().startsWith('{')) {
      const seen = ofJson(text, line);
      if (seen === null) out.skip(line, text, 'no event of retis');
      else if (seen !== 'other') out.add(seen);
      return;
    }
    const event = EVENT.exec(text);
    if (event !== null) {
      const [, time, cpu, comm, pid, , site] = event;
      const ns = /^\d+$/.test(time!) ? BigInt(time!) : BigInt(line);
      open = {
        kind: 'skb',
        line,
        ns,
        cpu: Number(cpu),
        task: `${comm}-${pid}`,
        site: site!,
        role: 'only',
        head: null,
        ubuf: null,
        frags: null,
        device: null,
      };
    }
    const tracking = TRACKING.exec(text);
    if (tracking !== null && open !== null) {
      const skb = hexOf(tracking[2]!);
      const head = tracking[1]!.padStart(32, '0').slice(-16);
      if (skb === null) out.skip(line, text, 'the sk_buff is no address of the kernel');
      else out.add({ ...open, skb, head: isPointer(head) ? address(head) : null });
      open = null;
    } else if (event === null && !/^\s+\S/.test(text)) {
      out.skip(line, text, 'no line of retis print');
    }
  });
  return out.done('retis', lines.length);
}

/** An address, in hexadecimal or (in some versions) decimal digits. */
function hexOf(text: string): string | null {
  if (isPointer(text)) return address(text);
  const hex = /^\d{19,20}$/.test(text) ? BigInt(text).toString(16) : '';
  return isPointer(hex) ? hex : null;
}

/** `other`: an event without an sk_buff. */
function ofJson(text: string, line: number): Sighting | 'other' | null {
  let o: unknown;
  try {
    // addresses are larger than what a number holds to the last digit
    o = JSON.parse(text.replace(/:\s*(\d{16,})/g, ':"$1"'));
  } catch {
    return null;
  }
  if (typeof o !== 'object' || o === null) return null;
  const event = o as Record<string, Record<string, unknown> | undefined>;
  const tracking = event['skb-tracking'] ?? event['skb_tracking'];
  const kernel = event['kernel'];
  const common = event['common'];
  if (common === undefined && event['startup'] === undefined) return null;
  if (tracking === undefined || kernel === undefined || common === undefined) return 'other';
  const skb = hexOf(String(tracking['skb']));
  const site = kernel['symbol'];
  if (skb === null || typeof site !== 'string') return null;
  const task = (common['task'] ?? {}) as Record<string, string | number | undefined>;
  const time = String(common['timestamp']);
  return {
    kind: 'skb',
    line,
    ns: /^\d+$/.test(time) ? BigInt(time) : BigInt(line),
    cpu: Number(common['smp_id'] ?? 0),
    task: `${task['comm'] ?? '?'}-${task['pid'] ?? '?'}`,
    site: site.replace(/^\w+:/, ''),
    role: 'only',
    skb,
    head: hexOf(String(tracking['orig_head'])),
    ubuf: null,
    frags: null,
    device: null,
  };
}
