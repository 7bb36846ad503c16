// What the readers share: a list of events that is made line by line.
import type { Range, RecordedEvent, Recording, Sighting, Tool, Unread } from '../events.ts';

/** As the kernel prints a pointer: 16 hexadecimal digits; null for a null pointer. */
export function address(text: string): string | null {
  const digits = text.replace(/^0x/, '').toLowerCase().replace(/^0+/, '');
  return digits === '' ? null : digits.padStart(16, '0');
}

/** Does it point into the kernel's half? */
export function isPointer(text: string): boolean {
  return /^(?:0x)?[f][0-9a-f]{15}$/i.test(text);
}

/** No tool prints longer ones, but for objects on a line. */
const LINE_MAX = 1 << 12;
const OBJECT_MAX = 1 << 20;

/** The lines of a file; one that is longer than any is none, so that nobody looks for fields in it. */
export function linesOf(text: string): string[] {
  return text.split('\n').map((line) => {
    const most = line.startsWith('{') ? OBJECT_MAX : LINE_MAX;
    return line.length <= most ? line : `…${line.slice(0, 8)}`;
  });
}

export const MAX_SKB_FRAGS = 17;
/** A frag of a compound page may be longer than a page, none is longer than a packet. */
const FRAG_MAX = 1 << 20;

/** null: no entry of frags[] can look so. */
export function rangeOf(page: string, size: number, offset: number): Range | null {
  if (!isPointer(page) || size <= 0 || size > FRAG_MAX || offset < 0 || offset > FRAG_MAX)
    return null;
  return { page: address(page)!, size, offset };
}

export class Lines {
  private readonly events: RecordedEvent[] = [];
  private readonly unread: Unread[] = [];
  lost = 0;
  blind = 0;
  /** Where the heads of these end. */
  readonly ends = new Set<number>();

  add(event: RecordedEvent): void {
    this.events.push(event);
  }

  /** Replaces the last one: its entries have come. */
  amend(event: Sighting, by: Sighting): void {
    const at = this.events.lastIndexOf(event);
    this.events[at] = by;
  }

  skip(line: number, text: string, why: string): void {
    this.unread.push({ line, text: text.slice(0, 120), why });
  }

  done(tool: Tool, lines: number): Recording {
    const { unread, lost, blind } = this;
    const ends = [...this.ends].sort((a, b) => a - b);
    const events = this.events.toSorted((a, b) =>
      a.ns === b.ns ? a.line - b.line : a.ns < b.ns ? -1 : 1,
    );
    return {
      tool,
      lines,
      events,
      unread: unread.toSorted((a, b) => a.line - b.line),
      lost,
      blind,
      ends,
    };
  }
}
