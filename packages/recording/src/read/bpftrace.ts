// The lines of scripts/lastref.bt, as bpftrace prints them (0.17 to 0.23: printf is printed as it stands).
import type { Range, Recording, Sighting } from '../events.ts';
import { Lines, MAX_SKB_FRAGS, address, isPointer, rangeOf } from './lines.ts';

const EVENT =
  /^E (\d+) (\d+) (\d+) ([\w.]+)([<>]?) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) (-?\d+) (\d+) (\S*) (.+)$/;
const FRAG = /^F (\d+) ([0-9a-f]+) (\d+) ([0-9a-f]+) (\d+) (\d+)$/;
const TOLD = /^T (\d+) (\d+) (\d+) ([\w.]+) ([0-9a-f]+) (.+)$/;
const LOST = /^Lost (\d+) events/;

/** `n`: of the line, from 0. */
export function isBpftrace(line: string, n: number): boolean {
  return /^lastref \d+ bpftrace$/.test(line) || (n === 0 && /^[EFT] \d+ /.test(line));
}

/** A sighting whose entries still come. */
interface Open {
  readonly event: Sighting;
  readonly text: string;
  readonly of: number;
  readonly frags: Range[];
}

export function readBpftrace(lines: readonly string[]): Recording {
  const out = new Lines();
  const open = new Map<number, Open>();
  const close = (cpu: number): void => {
    const now = open.get(cpu);
    open.delete(cpu);
    if (now === undefined) return;
    const whole = now.frags.length === now.of;
    if (!whole)
      out.skip(now.event.line, now.text, `${now.frags.length} of ${now.of} entries are there`);
    else if (now.of > 0) out.amend(now.event, { ...now.event, frags: now.frags });
  };
  lines.forEach((text, i) => {
    const line = i + 1;
    if (text === '' || /^Attaching \d+ probes?\.\.\.$|^lastref \d+ bpftrace$/.test(text)) return;
    const lost = LOST.exec(text);
    if (lost !== null) {
      out.lost += Number(lost[1]);
      return;
    }
    const frag = FRAG.exec(text);
    if (frag !== null) {
      const now = open.get(Number(frag[1]));
      const range = rangeOf(frag[4]!, Number(frag[5]), Number(frag[6]));
      const fits = now?.event.head === address(frag[2]!) && now?.frags.length === Number(frag[3]);
      if (now === undefined || !fits) out.skip(line, text, 'an entry of no packet before it');
      else if (range === null) out.skip(line, text, 'no entry of frags[] looks so');
      else now.frags.push(range);
      return;
    }
    const told = TOLD.exec(text);
    if (told !== null) {
      const [, ns, cpu, pid, site, ubuf, comm] = told;
      close(Number(cpu));
      if (!isPointer(ubuf!)) out.skip(line, text, 'the ubuf_info is no address of the kernel');
      else
        out.add({
          kind: 'told',
          line,
          ns: BigInt(ns!),
          cpu: Number(cpu),
          task: `${comm}-${pid}`,
          site: site!,
          ubuf: address(ubuf!)!,
        });
      return;
    }
    const seen = EVENT.exec(text);
    if (seen === null) {
      out.skip(line, text, 'no line of lastref.bt');
      return;
    }
    const [, ns, cpu, pid, site, mark, skb, head, ubuf, , nr, device, comm] = seen;
    close(Number(cpu));
    if (!isPointer(skb!) || !isPointer(head!) || Number(nr) > MAX_SKB_FRAGS) {
      out.skip(line, text, 'no sk_buff looks so');
      return;
    }
    const event: Sighting = {
      kind: 'skb',
      line,
      ns: BigInt(ns!),
      cpu: Number(cpu),
      task: `${comm}-${pid}`,
      site: site!,
      role: mark === '<' ? 'first' : mark === '>' ? 'other' : 'only',
      skb: address(skb!)!,
      head: address(head!),
      ubuf: isPointer(ubuf!) ? address(ubuf!) : null,
      frags: Number(nr) === 0 ? [] : null,
      device: device === '-' || device === '' ? null : device!,
    };
    out.add(event);
    open.set(Number(cpu), { event, text, of: Number(nr), frags: [] });
  });
  for (const cpu of open.keys()) close(cpu);
  return out.done('bpftrace', lines.length);
}
