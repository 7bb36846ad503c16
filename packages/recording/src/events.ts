// What a recording says, whatever tool made it.

/** An entry of frags[]. `page` is the address of its struct page, as 16 hexadecimal digits. */
export interface Range {
  readonly page: string;
  readonly size: number;
  readonly offset: number;
}

interface At {
  /** In the file, from 1. */
  readonly line: number;
  /** Nanoseconds of the recorder's clock. */
  readonly ns: bigint;
  readonly cpu: number;
  /** Name and number of the process that ran. */
  readonly task: string;
  /** The function or trace point. */
  readonly site: string;
}

/** One sk_buff was seen. */
export interface Sighting extends At {
  readonly kind: 'skb';
  /** Of two sk_buffs of one call: the first argument, or the other one (a result, or a second argument). */
  readonly role: 'only' | 'first' | 'other';
  readonly skb: string;
  /** skb->head; null: not recorded. */
  readonly head: string | null;
  /** The ubuf_info of MSG_ZEROCOPY; null: none, or not recorded. */
  readonly ubuf: string | null;
  /** null: not recorded. */
  readonly frags: readonly Range[] | null;
  readonly device: string | null;
}

/** MSG_ZEROCOPY announces what belongs to a ubuf_info. */
export interface Telling extends At {
  readonly kind: 'told';
  readonly ubuf: string;
}

export type RecordedEvent = Sighting | Telling;

/** A line that says nothing that is known here. */
export interface Unread {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

export const TOOLS = ['bpftrace', 'trace-cmd', 'pwru', 'retis'] as const;
export type Tool = (typeof TOOLS)[number];

export interface Recording {
  readonly tool: Tool;
  readonly lines: number;
  /** In the order of time. */
  readonly events: readonly RecordedEvent[];
  readonly unread: readonly Unread[];
  /** Events that the tool itself says it has lost. */
  readonly lost: number;
  /** Packets with pages whose pages the script did not find. */
  readonly blind: number;
  /** Where their heads end. */
  readonly ends: readonly number[];
}

/** The file is no recording. One line: the place, what is wrong, what would be right. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}
