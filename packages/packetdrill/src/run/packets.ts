// Packets between the script's numbers and the machine's: what is sent in, and what came out beside what was expected.
import { MainHeader } from '@lastref/kernel';
import type { Foreign, Packet, TcpOption, TcpSegment } from '../ast.ts';
import { Differs, NotKnown } from '../errors.ts';
import { printSegment } from '../print.ts';
import { BIND_PORT, LOCAL, REMOTE, type Machine, type Sent } from './machine.ts';

const FLAG: Readonly<Record<string, number>> = {
  F: 1,
  S: 2,
  R: 4,
  P: 8,
  '.': 16,
  U: 32,
  E: 64,
  W: 128,
};
const FIN = 1;
const SYN = 2;
const PSH = 8;
const ACK = 16;
/** Where the peer's numbers begin in the machine. */
const REMOTE_ISN = 0x2000_0000;

/** A connection as the script sees it: both sides count from 0. */
export interface Connection {
  readonly localPort: number;
  readonly remotePort: number;
  localIsn: number | null;
  /** The script's first time stamp of ours, and what it was; those seen since. */
  firstStamp: readonly [script: number, live: number] | null;
  readonly stamps: Map<number, number>;
}

function flagBits(flags: string): number {
  let bits = 0;
  for (const letter of flags) {
    const bit = FLAG[letter];
    if (bit === undefined) throw new NotKnown(`the flag ${letter}`);
    bits |= bit;
  }
  return bits;
}

export class Wire {
  private readonly machine: Machine;
  private readonly connections: Connection[] = [];
  private nextRemotePort = 40_000;
  /** Ticks of one count of a time stamp; 0: stamps are not looked at. */
  tsTick = 0;
  /** Segments must be as the script has them, not only their sum. */
  strict = false;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** A packet of the script arrives at the host. */
  inject(packet: Packet): void {
    if (packet.body.protocol !== 'tcp') {
      this.injectForeign(packet.body);
      return;
    }
    if (packet.ip.length > 0 && packet.ip.join(' ') !== 'noecn')
      throw new NotKnown(`the IP header [${packet.ip.join(' ')}]`);
    const { body } = packet;
    const flags = flagBits(body.flags);
    if ((flags & (64 | 128)) !== 0) throw new NotKnown('ECN');
    const to = this.target(flags, packet);
    const h = new MainHeader();
    h.source = REMOTE;
    h.dest = LOCAL;
    h.sourcePort = packet.ports?.[0] ?? to.remotePort;
    h.destPort = packet.ports?.[1] ?? to.localPort;
    h.flags = flags;
    h.seq = (body.seq + REMOTE_ISN) | 0;
    h.ack = (flags & ACK) === 0 ? 0 : ((body.ack ?? 0) + (to.localIsn ?? 0)) | 0;
    h.window = body.window ?? 0;
    h.urgent = body.urgent ?? 0;
    this.machine.inject(h, optionBytes(body, to), body.payload);
  }

  /** `icmp unreachable frag_needed mtu N [seq:…]`: the one message of ICMP that TCP takes here. */
  private injectForeign({ protocol, words }: Foreign): void {
    const m = /^unreachable frag_needed mtu (\d+) \[ (-?\d+) : /.exec(words.join(' '));
    const to = this.connections.at(-1);
    if (protocol !== 'icmp' || m === null || to === undefined)
      throw new NotKnown(`${protocol} ${words.join(' ')}`);
    const seq = (Number(m[2]) + (to.localIsn ?? 0)) | 0;
    this.machine.host.fragNeeded(to.localPort, to.remotePort, seq, Number(m[1]));
  }

  /** Whose packet it is: a SYN from outside opens a connection, others go to the youngest. */
  private target(flags: number, packet: Packet): Connection {
    const isOpening = (flags & (SYN | ACK)) === SYN;
    const youngest = this.connections.at(-1);
    const waits = youngest !== undefined && youngest.localIsn !== null && !isOpening;
    if (youngest !== undefined && (waits || !isOpening)) return youngest;
    if (!isOpening) throw new NotKnown('a packet of no connection');
    const again = youngest !== undefined && youngest.localIsn === null;
    if (again) return youngest;
    return this.open(packet.ports?.[1] ?? BIND_PORT, packet.ports?.[0] ?? this.nextRemotePort++);
  }

  private open(localPort: number, remotePort: number): Connection {
    const made: Connection = {
      localPort,
      remotePort,
      localIsn: null,
      firstStamp: null,
      stamps: new Map(),
    };
    this.connections.push(made);
    return made;
  }

  private of(sent: Sent): Connection | undefined {
    const { sourcePort, destPort } = sent.header;
    return this.connections.findLast(
      (c) => c.localPort === sourcePort && c.remotePort === destPort,
    );
  }

  /** What was sent over the youngest connection and not taken yet, in the script's numbers, each with its time. */
  waiting(): { readonly ticks: number; readonly segment: TcpSegment }[] {
    const c = this.connections.at(-1);
    if (c === undefined) return [];
    const of = this.machine.sent.filter((sent) => this.of(sent) === c);
    return of.map((sent) => ({ ticks: sent.ticks, segment: segmentOf(sent, c) }));
  }

  /** The first packet that was sent and belongs to a connection; a SYN opens one. Null: none waits. */
  private next(): { sent: Sent; connection: Connection } | null {
    const { sent } = this.machine;
    for (;;) {
      const first = sent.shift();
      if (first === undefined) return null;
      const { header } = first;
      let connection = this.of(first);
      if ((header.flags & SYN) !== 0) {
        connection ??= this.open(header.sourcePort, header.destPort);
        connection.localIsn ??= header.seq;
      }
      // as packetdrill has it: what other connections send is not looked at
      if (connection !== undefined && connection === this.connections.at(-1))
        return { sent: first, connection };
    }
  }

  /**
   * Takes what was sent, as many segments as make up the payload that is expected, and compares. Returns when the last
   * of them was sent. `wait`: lets the machine go on until something is sent; false: nothing came.
   */
  expect(packet: Packet, wait: () => boolean): number {
    const { body } = packet;
    if (body.protocol !== 'tcp') throw new NotKnown(`a packet of ${body.protocol}`);
    if (packet.ip.length > 0 && packet.ip.join(' ') !== 'noecn')
      throw new NotKnown(`the IP header [${packet.ip.join(' ')}]`);
    const parts: Sent[] = [];
    let connection: Connection | null = null;
    let payload = 0;
    do {
      const found = this.next() ?? (wait() ? this.next() : null);
      if (found === null) throw new Differs(nothing(body, parts, connection));
      connection ??= found.connection;
      if (found.connection !== connection)
        throw new Differs(`a packet of another connection: ${shown(found.sent, found.connection)}`);
      const previous = parts.at(-1);
      if (previous !== undefined) this.follows(body, previous, found.sent, payload, connection);
      parts.push(found.sent);
      payload += found.sent.payload;
    } while (payload < body.payload && !this.strict);
    const whole = joined(parts, payload);
    this.compare(body, whole, connection);
    return whole.ticks;
  }

  /** Segments that are taken together are alike, and all but the last of one size. */
  private follows(body: TcpSegment, a: Sent, b: Sent, before: number, c: Connection): void {
    const { header: x } = a;
    const { header: y } = b;
    const same = y.seq === ((x.seq + a.payload) | 0) && y.ack === x.ack;
    const flags = ((x.flags ^ y.flags) & ~(FIN | PSH)) === 0;
    const size = b.payload >= body.payload - before || b.payload === a.payload;
    if (!same || !flags || !size)
      throw new Differs(`expected ${printSegment(body)}, got ${shown(a, c)} and ${shown(b, c)}`);
  }

  private compare(body: TcpSegment, sent: Sent, c: Connection): void {
    const actual = segmentOf(sent, c);
    const differ = (what: string): never => {
      throw new Differs(
        `${what} differs: expected ${printSegment(body)}, got ${printSegment(actual)}`,
      );
    };
    if (flagBits(body.flags) !== flagBits(actual.flags)) differ('flags');
    if (body.seq !== actual.seq || body.end !== actual.end) differ('the range of bytes');
    if (body.payload !== actual.payload) differ('the payload');
    if ((body.ack ?? 0) !== (actual.ack ?? 0)) differ('ack');
    if (body.window !== null && body.window !== actual.window) differ('win');
    if ((body.urgent ?? 0) !== (actual.urgent ?? 0)) differ('urg');
    if (body.options === null) {
      learnStamps(null, actual, c);
      return;
    }
    const wanted = body.options;
    const seen = actual.options!;
    learnStamps(body, actual, c);
    if (wanted.length !== seen.length) differ('the list of options');
    wanted.forEach((option, i) => {
      if (!this.sameOption(option, seen[i]!, c)) differ(`option ${i + 1}`);
    });
  }

  private sameOption(a: TcpOption, b: TcpOption, c: Connection): boolean {
    if (a.kind !== b.kind) return false;
    if (a.kind === 'mss' || a.kind === 'wscale') return a.value === (b as typeof a).value;
    if (a.kind === 'sack') {
      const { blocks } = b as typeof a;
      return (
        a.blocks.length === blocks.length &&
        a.blocks.every(([x, y], i) => x === blocks[i]![0] && y === blocks[i]![1])
      );
    }
    if (a.kind === 'other') throw new NotKnown(`the option ${a.name}`);
    if (a.kind !== 'TS') return true;
    const other = b as typeof a;
    if (a.ecr !== other.ecr) return false;
    if (this.tsTick === 0 || c.firstStamp === null) return true;
    const mapped = c.firstStamp[0] + (other.val - c.firstStamp[1]);
    return Math.abs(mapped - a.val) * this.tsTick <= this.tsTolerance();
  }

  tolerance = 4000;

  private tsTolerance(): number {
    return Math.max(this.tolerance, this.machine.now / 8);
  }
}

/** Remembers which stamp of ours the script calls what. */
function learnStamps(body: TcpSegment | null, actual: TcpSegment, c: Connection): void {
  const of = (s: TcpSegment | null): number | undefined => {
    const found = s?.options?.find((o) => o.kind === 'TS');
    return found?.kind === 'TS' ? found.val : undefined;
  };
  const script = of(body);
  const live = of(actual);
  if (script === undefined || live === undefined) return;
  c.firstStamp ??= [script, live];
  c.stamps.set(script, live);
}

function nothing(body: TcpSegment, parts: readonly Sent[], c: Connection | null): string {
  const got =
    parts.length === 0 || c === null
      ? 'nothing was sent'
      : `only ${parts.map((p) => shown(p, c)).join(', ')} was sent`;
  return `expected ${printSegment(body)}, but ${got}`;
}

function shown(sent: Sent, c: Connection): string {
  return printSegment(segmentOf(sent, c));
}

/** Headers of the last, numbers of the first. */
function joined(parts: readonly Sent[], payload: number): Sent {
  const last = parts.at(-1)!;
  if (parts.length === 1) return last;
  const header = Object.assign(new MainHeader(), last.header, { seq: parts[0]!.header.seq });
  return { ticks: last.ticks, header, options: last.options, payload };
}

/** What was sent, in the script's numbers. */
function segmentOf({ header: h, options, payload }: Sent, c: Connection): TcpSegment {
  const seq = (h.seq - (c.localIsn ?? 0)) | 0;
  let flags = '';
  for (const [letter, bit] of Object.entries(FLAG)) if ((h.flags & bit) !== 0) flags += letter;
  if (flags.includes('.')) flags = `${flags.replace('.', '')}.`;
  return {
    protocol: 'tcp',
    flags,
    seq,
    end: seq + payload,
    payload,
    ack: (h.flags & ACK) !== 0 ? (h.ack - REMOTE_ISN) | 0 : null,
    window: h.window,
    urgent: h.urgent === 0 ? null : h.urgent,
    options: optionsOf(options),
  };
}

function optionsOf(bytes: Uint8Array): TcpOption[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: TcpOption[] = [];
  for (let o = 0; o < bytes.length;) {
    const kind = bytes[o]!;
    const size = kind < 2 ? 1 : bytes[o + 1]!;
    if (kind === 0) found.push({ kind: 'eol' });
    else if (kind === 1) found.push({ kind: 'nop' });
    else if (kind === 2) found.push({ kind: 'mss', value: view.getUint16(o + 2) });
    else if (kind === 3) found.push({ kind: 'wscale', value: bytes[o + 2]! });
    else if (kind === 4) found.push({ kind: 'sackOK' });
    else if (kind === 8)
      found.push({ kind: 'TS', val: view.getUint32(o + 2), ecr: view.getUint32(o + 6) });
    else if (kind === 5) {
      const blocks: [number, number][] = [];
      for (let b = o + 2; b < o + size; b += 8)
        blocks.push([(view.getInt32(b) - REMOTE_ISN) | 0, (view.getInt32(b + 4) - REMOTE_ISN) | 0]);
      found.push({ kind: 'sack', blocks });
    } else found.push({ kind: 'other', name: String(kind), words: [] });
    o += Math.max(1, size);
  }
  return found;
}

/** The options of a packet that arrives, byte for byte. */
function optionBytes({ options, flags }: TcpSegment, c: Connection): Uint8Array {
  if (options === null) throw new NotKnown('<...> in a packet that arrives');
  const bytes: number[] = [];
  const word = (v: number): void =>
    void bytes.push((v >>> 24) & 255, (v >>> 16) & 255, (v >>> 8) & 255, v & 255);
  for (const o of options) {
    if (o.kind === 'nop') bytes.push(1);
    else if (o.kind === 'eol') bytes.push(0);
    else if (o.kind === 'sackOK') bytes.push(4, 2);
    else if (o.kind === 'mss') bytes.push(2, 4, (o.value >> 8) & 255, o.value & 255);
    else if (o.kind === 'wscale') bytes.push(3, 3, o.value & 255);
    else if (o.kind === 'TS') {
      bytes.push(8, 10);
      word(o.val);
      word(flags.includes('.') ? echo(o.ecr, c) : o.ecr);
    } else if (o.kind === 'sack') {
      bytes.push(5, 2 + 8 * o.blocks.length);
      for (const [a, b] of o.blocks) {
        word(a + (c.localIsn ?? 0));
        word(b + (c.localIsn ?? 0));
      }
    } else if (o.kind === 'other') throw new NotKnown(`the option ${o.name}`);
  }
  while (bytes.length % 4 !== 0) bytes.push(0);
  if (bytes.length > 40) throw new NotKnown(`${bytes.length} bytes of options in one packet`);
  return Uint8Array.from(bytes);
}

/** The stamp of ours that the script means by `ecr`. */
function echo(ecr: number, c: Connection): number {
  const exact = c.stamps.get(ecr);
  if (exact !== undefined) return exact;
  if (c.firstStamp === null) return ecr;
  return c.firstStamp[1] + (ecr - c.firstStamp[0]);
}
