// What pwru prints (1.0): columns whose first line names them, or an object a line (--output-json). With
// --output-skb-shared-info the shared info follows in the kernel's own words for a struct, and with it the pages
// [cilium/pwru internal/pwru/output.go; pull request 364 shows the struct]. skb->head comes with --output-skb.
import type { Range, Recording, Sighting } from '../events.ts';
import { Lines, address, isPointer, rangeOf } from './lines.ts';

const HEADER = /^\s*SKB\s.*\bFUNC\b/;
const ROW = /^\s*(0x[0-9a-f]{8,16})\s+(\d+)\s+(\S.*?:\d+\]?|\[.*?\]|<empty>\S*|\d+)\s+(.*)$/;
const NOISE =
  /^(?:\d{4}\/\d\d\/\d\d .*|\d+ \/ \d+ \[.*|Listening for events.*|Attaching .*|Detaching .*|\s*)$/;

export function isPwru(line: string): boolean {
  return HEADER.test(line) || /^\{.*"skb":\s*"0x.*"func":/.test(line);
}

export function readPwru(lines: readonly string[]): Recording {
  const out = new Lines();
  const columns =
    lines
      .find((l) => HEADER.test(l))
      ?.trim()
      .split(/\s+/) ?? [];
  let last: Sighting | null = null;
  let block: string[] = [];
  let blockAt = 0;
  const close = (): void => {
    if (block.length > 0 && last !== null) {
      const more = ofStruct(block);
      if (more === null)
        out.skip(blockAt, block[0]!, 'a struct that is neither an sk_buff nor a shared info');
      else out.amend(last, (last = { ...last, ...more }));
    } else if (block.length > 0) {
      out.skip(blockAt, block[0]!, 'a struct of no packet before it');
    }
    block = [];
  };
  lines.forEach((text, i) => {
    const line = i + 1;
    if (/^\(struct \w+\)\{/.test(text) || (block.length > 0 && /^[\s}\](]/.test(text))) {
      if (text.startsWith('(struct')) {
        close();
        blockAt = line;
      }
      block.push(text);
      return;
    }
    close();
    if (NOISE.test(text) || HEADER.test(text)) return;
    const seen = text.startsWith('{') ? ofJson(text, line) : ofRow(text, line, columns);
    if (seen === null) out.skip(line, text, 'no line of pwru');
    else out.add((last = seen));
  });
  close();
  return out.done('pwru', lines.length);
}

/** pwru prints no time unless it is asked for; the order of its lines stands for it. */
function sighting(line: number, skb: string, cpu: number, task: string, site: string): Sighting {
  return {
    kind: 'skb',
    line,
    ns: BigInt(line),
    cpu,
    task,
    site,
    role: 'only',
    skb: address(skb)!,
    head: null,
    ubuf: null,
    frags: null,
    device: null,
  };
}

function ofJson(text: string, line: number): Sighting | null {
  let o: unknown;
  try {
    o = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof o !== 'object' || o === null) return null;
  const { skb, cpu, process, func } = o as Record<string, unknown>;
  if (typeof skb !== 'string' || !isPointer(skb) || typeof func !== 'string') return null;
  return sighting(
    line,
    skb,
    typeof cpu === 'number' ? cpu : 0,
    typeof process === 'string' ? process : '?',
    bare(func),
  );
}

/** FUNC is the last column but for a tuple that stands behind it in older versions, or a caller in newer ones. */
function ofRow(text: string, line: number, columns: readonly string[]): Sighting | null {
  const seen = ROW.exec(text);
  if (seen === null || !isPointer(seen[1]!)) return null;
  const words = seen[4]!.trim().split(/\s+/);
  const behind = columns.indexOf('FUNC') < 0 ? 0 : columns.length - 1 - columns.indexOf('FUNC');
  const names = words.filter(
    (w) => /^[a-zA-Z_][\w.]*(?:\[\w+\])?$/.test(w) && !/^\w+:\d+$/.test(w),
  );
  const site = behind === 0 ? names.at(-1) : (names.at(-1 - behind) ?? names.at(-1));
  if (site === undefined) return null;
  return sighting(line, seen[1]!, Number(seen[2]), seen[3]!, bare(site));
}

function bare(site: string): string {
  return site.replace(/\[.*$/, '').replace(/\.(?:isra|constprop|part)\.\d+$/, '');
}

/** `.head = (unsigned char *)0x…` of an sk_buff; `.frags` of a shared info. null: another struct. */
function ofStruct(block: readonly string[]): Partial<Sighting> | null {
  const text = block.join('\n');
  if (text.startsWith('(struct sk_buff)')) {
    const head = /\.head = \([^)]*\)(0x[0-9a-f]+)/.exec(text)?.[1];
    return head === undefined || !isPointer(head) ? {} : { head: address(head) };
  }
  if (!text.startsWith('(struct skb_shared_info)')) return null;
  const ubuf = /\.destructor_arg = \([^)]*\)(0x[0-9a-f]+)/.exec(text)?.[1] ?? '';
  const nr = Number(/\.nr_frags = \([^)]*\)(\d+)/.exec(text)?.[1] ?? 0);
  const frags: Range[] = [];
  const pages =
    /\.(?:netmem|bv_page) = \([^)]*\)(0x[0-9a-f]+|\d+),?\s*(?:\.(?:len|bv_len) = \([^)]*\)(\d+),?)?\s*(?:\.(?:offset|bv_offset) = \([^)]*\)(\d+))?/g;
  for (const [, page, size, offset] of text.matchAll(pages)) {
    const hex = page!.startsWith('0x') ? page! : BigInt(page!).toString(16);
    const range = rangeOf(hex, Number(size ?? 0), Number(offset ?? 0));
    if (range !== null && frags.length < nr) frags.push(range);
  }
  return {
    frags: frags.length === nr ? frags : null,
    ubuf: isPointer(ubuf) ? address(ubuf) : null,
  };
}
