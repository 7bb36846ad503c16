// What `trace-cmd report` prints of the events of scripts/lastref-trace-cmd.sh (3.1 and 3.3): task-pid, [cpu], perhaps flags,
// seconds, event, and the fields as the event's format says. Tracefs' own `trace` file has the same lines.
import type { Range, Recording } from '../events.ts';
import { Lines, MAX_SKB_FRAGS, address, isPointer, rangeOf } from './lines.ts';

const LINE =
  /^\s*(\S.*?)-(\d+)\s+(?:\(\s*(?:\d+|-+)\)\s+)?\[(\d+)\]\s+(?:[\w.#!*+@>$ -]{4,6}\s+)?(\d+)\.(\d{6,9}):\s+(?:\w+:)?(\w+):\s*(.*)$/;
const OURS = /^(\w+?)(?:_(first|other))?_(?:at(\d+)|pages)$/;
const LOST = /(?:\[LOST (\d+) EVENTS\]|CPU\s?\d+: (\d+) events? lost|(?<!\d)(\d+) events? lost)/i;
const NOISE = /^(?:cpus=\d+|#.*|version = .*|CPU \d+ is empty|\s*)$/;

export function isTraceCmd(line: string): boolean {
  return LINE.test(line);
}

export function readTraceCmd(lines: readonly string[]): Recording {
  const out = new Lines();
  lines.forEach((text, i) => {
    const line = i + 1;
    if (NOISE.test(text)) return;
    const lost = LOST.exec(text);
    if (lost !== null) {
      out.lost += Number(lost[1] ?? lost[2] ?? lost[3]);
      return;
    }
    const seen = LINE.exec(text);
    if (seen === null) {
      out.skip(line, text, 'no line of trace-cmd report');
      return;
    }
    const [, comm, pid, cpu, seconds, fraction, name, rest] = seen;
    const at = {
      line,
      ns: BigInt(seconds!) * 1_000_000_000n + BigInt(fraction!.padEnd(9, '0')),
      cpu: Number(cpu),
      task: `${comm!.trim()}-${pid}`,
    };
    const field = fieldsOf(rest!);
    if (name === '__msg_zerocopy_callback') {
      const ubuf = field.get('uarg') ?? '';
      if (isPointer(ubuf)) out.add({ kind: 'told', ...at, site: name, ubuf: address(ubuf)! });
      else out.skip(line, text, 'the ubuf_info is no address of the kernel');
      return;
    }
    if (name === 'net_dev_start_xmit') {
      const skb = field.get('skbaddr') ?? '';
      const device = field.get('dev') ?? field.get('name') ?? null;
      if (!isPointer(skb)) out.skip(line, text, 'skbaddr is no address of the kernel');
      else
        out.add({
          kind: 'skb',
          ...at,
          site: name,
          role: 'only',
          skb: address(skb)!,
          head: null,
          ubuf: null,
          frags: null,
          device,
        });
      return;
    }
    const ours = OURS.exec(name!);
    const skb = field.get('skb') ?? '';
    const head = field.get('head') ?? '';
    if (ours === null || !isPointer(skb)) {
      out.skip(
        line,
        text,
        ours === null ? `no event of lastref-trace-cmd.sh: ${name}` : 'no sk_buff looks so',
      );
      return;
    }
    const [, site, role, end] = ours;
    let frags: readonly Range[] | null = null;
    if (end !== undefined) {
      frags = fragsOf(field);
      if (frags === null || !isPointer(head)) {
        out.skip(line, text, 'no entries of frags[] look so');
        return;
      }
    } else {
      out.blind++;
      out.ends.add(Number(field.get('end')));
    }
    const ubuf = field.get('ubuf') ?? '';
    out.add({
      kind: 'skb',
      ...at,
      site: site!,
      role: role === undefined ? 'only' : (role as 'first' | 'other'),
      skb: address(skb)!,
      head: isPointer(head) ? address(head) : null,
      ubuf: isPointer(ubuf) ? address(ubuf) : null,
      frags,
      device: null,
    });
  });
  return out.done('trace-cmd', lines.length);
}

/** `(ffff…) skb=0x… f0=0x…`: the address of the function in front is left out. */
function fieldsOf(text: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/(?<!\w)(\w+)=(\{[^}]*\}|"[^"]*"|[^\s,]+)/g))
    out.set(name!, value!.replaceAll('"', ''));
  return out;
}

/** f0, f1, …: a page, then offset << 32 | length, of which `nr` pairs count; null: none look so. */
function fragsOf(field: ReadonlyMap<string, string>): readonly Range[] | null {
  const nr = Number(field.get('nr') ?? -1);
  if (!Number.isInteger(nr) || nr < 0 || nr > MAX_SKB_FRAGS) return null;
  const out: Range[] = [];
  for (let i = 0; i < nr; i++) {
    const page = field.get(`f${2 * i}`) ?? '';
    const both = field.get(`f${2 * i + 1}`) ?? '';
    if (!/^0x[0-9a-f]{1,16}$/i.test(both)) return null;
    const word = BigInt(both);
    const range = rangeOf(page, Number(word & 0xffff_ffffn), Number(word >> 32n));
    if (range === null) return null;
    out.push(range);
  }
  return out;
}
