// A script as a tree: what the parser makes of the text, and `print` makes text of again.
import type { Place } from './errors.ts';

export interface Script {
  readonly options: readonly Option[];
  /** Shell in front of the first event, and behind the last one. */
  readonly init: Shell | null;
  readonly events: readonly ScriptEvent[];
  readonly cleanup: Shell | null;
}

/** `--name=value`, or `--name`. */
export interface Option {
  readonly name: string;
  readonly value: string | null;
  readonly at: Place;
}

export interface ScriptEvent {
  readonly time: Time;
  readonly action: Packet | Call | Shell | Code;
  readonly at: Place;
}

/** In ticks (µs). `until`: the end of a range, else null. Any: whenever it likes. */
export type Time =
  | { readonly kind: 'any' }
  | {
      readonly kind: 'absolute' | 'relative';
      readonly from: number;
      readonly until: number | null;
    };

/** Text between backquotes. Nobody runs it. */
export interface Shell {
  readonly kind: 'shell';
  readonly text: string;
  readonly at: Place;
}

/** Text between %{ and }%. Nobody runs it. */
export interface Code {
  readonly kind: 'code';
  readonly text: string;
}

export interface Packet {
  readonly kind: 'packet';
  readonly direction: 'in' | 'out';
  /** What stands in [ ] before the flags, its words: ect0, noecn, tos 0x2; none. */
  readonly ip: readonly string[];
  /** Ports, where the packet names them. */
  readonly ports: readonly [number, number] | null;
  readonly body: TcpSegment | Foreign;
}

/** Numbers are those of the script: both sides start at 0. */
export interface TcpSegment {
  readonly protocol: 'tcp';
  /** Letters of SFRPEWUAN in the script's order, `.` for ACK; empty: none. */
  readonly flags: string;
  readonly seq: number;
  readonly end: number;
  readonly payload: number;
  readonly ack: number | null;
  readonly window: number | null;
  readonly urgent: number | null;
  /** Null: not looked at (`<...>`). */
  readonly options: readonly TcpOption[] | null;
}

export type TcpOption =
  | { readonly kind: 'nop' | 'eol' | 'sackOK' }
  | { readonly kind: 'mss' | 'wscale'; readonly value: number }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  | { readonly kind: 'TS'; readonly val: number; readonly ecr: number }
  /** An option that is known by name alone: FO, FOEXP, md5, ECN. */
  | { readonly kind: 'other'; readonly name: string; readonly words: readonly string[] };

/** ICMP and UDP: as words, nothing behind them is understood. */
export interface Foreign {
  readonly protocol: 'icmp' | 'udp';
  readonly words: readonly string[];
}

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  /** It blocks, until this tick behind its start (or the script's). */
  readonly until: number | null;
  readonly result: Expression;
  readonly errno: string | null;
}

export type Expression =
  | { readonly kind: 'integer'; readonly value: number; readonly hex: boolean }
  | { readonly kind: 'word'; readonly name: string }
  | { readonly kind: 'string'; readonly text: string }
  /** `...`: whatever it is. */
  | { readonly kind: 'any' }
  | { readonly kind: 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'apply'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'struct'; readonly members: readonly Member[] };

/** `name=value`, `name(count)=value`, or a bare value. */
export interface Member {
  readonly name: string | null;
  readonly count: Expression | null;
  readonly value: Expression;
}
