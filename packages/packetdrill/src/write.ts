// A connection that somebody has watched, as a script. Its calls, its peer's packets and the notes stand as they happened;
// what the host sends is what mainline's TCP sends to that, so the script passes where it was written for.
import type { Design, Era } from '@lastref/kernel';
import type { TcpSegment } from './ast.ts';
import { parse } from './parser.ts';
import { printSeconds, printSegment } from './print.ts';
import type { SocketFile } from './run/descriptors.ts';
import { Player } from './run/play.ts';

/** A packet of the peer without payload. Bytes of the stream count from 0. */
export interface Arrival {
  readonly ack: number;
  readonly sacks: readonly (readonly [number, number])[];
  /** In bytes. */
  readonly window: number;
  readonly reset: boolean;
  /** How many packets the sender had sent again when it came. */
  readonly retransmits: number;
}

export type Happening =
  | { readonly kind: 'send'; readonly tick: number; readonly bytes: number }
  | ({ readonly kind: 'arrives'; readonly tick: number } & Arrival)
  | { readonly kind: 'note'; readonly tick: number; readonly text: string };

export interface Story {
  /** What stands above the script. */
  readonly title: readonly string[];
  /** Calls are send(MSG_ZEROCOPY), and the error queue is read as soon as it has something; else sendfile. */
  readonly zerocopy: boolean;
  /** Ticks from the SYN to its answer. */
  readonly handshake: number;
  /** The peer's window in bytes when the connection begins. */
  readonly window: number;
  readonly happenings: readonly Happening[];
}

const FILE = '/tmp/lastref-packetdrill';
const SOCKET = 4;
/** Of the peer's window. */
const SCALE = 8;
/** What the kernel has for a send buffer unless more is needed. */
const WMEM = 262_144;
/** How long something that the peer has seen sent again is waited for. */
const PATIENCE = 10_000_000;
/** Rounds in which the peer acknowledges what is left when the story ends. */
const ROUNDS_MAX = 1000;

/** The script of `story`, as it passes on `era`. */
export function writeScript(story: Story, design: Design, era: Era): string {
  const writer = new Writer(story, design, era);
  writer.open();
  for (const happening of story.happenings) writer.happens(happening);
  writer.finish();
  return writer.text;
}

class Writer {
  private readonly story: Story;
  private readonly player: Player;
  private readonly lines: string[] = [];
  /** When the last line was played. */
  private last = 0;
  /** When the last thing of the story happened, there. */
  private tick: number | null = null;
  /** One behind the last byte that was sent, in the script's numbers. */
  private edge = 1;
  /** Packets with payload that were sent. */
  private readonly sent: { readonly seq: number; readonly end: number }[] = [];
  /** Holes that the peer has told of, with how many packets the sender had sent again then. */
  private readonly holes = new Map<number, number>();
  private window: number;
  private over = false;

  constructor(story: Story, design: Design, era: Era) {
    this.story = story;
    this.window = story.window;
    const total = story.happenings.reduce((sum, h) => sum + (h.kind === 'send' ? h.bytes : 0), 0);
    const most = Math.max(0, ...story.happenings.map((h) => (h.kind === 'send' ? h.bytes : 0)));
    const wmem = Math.max(WMEM, 4 * total);
    const commands = [
      './defaults.sh',
      'sysctl -q net.ipv4.tcp_timestamps=0',
      `sysctl -q net.ipv4.tcp_wmem="4096 ${wmem} ${wmem}"`,
      ...(story.zerocopy ? [] : [`dd bs=1 count=${most} if=/dev/zero of=${FILE} status=none`]),
    ];
    const head = `\`${commands.join('\n')}\``;
    const socket = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = ${SOCKET}`;
    this.lines.push(...story.title.map((line) => `// ${line}`), head, '', `    ${socket}`);
    this.player = new Player(parse(`${head}\n${socket}\n`), design, era);
    this.player.run();
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  /** The connection, opened from here. */
  open(): void {
    const { handshake, window, zerocopy } = this.story;
    if (zerocopy) this.plays(`setsockopt(${SOCKET}, SOL_SOCKET, SO_ZEROCOPY, [1], 4) = 0`);
    else this.plays(`open("${FILE}", O_RDONLY) = ${SOCKET + 1}`);
    this.plays(`connect(${SOCKET}, ..., ...) = 0`, handshake);
    this.player.feed(parse('+0 > S 0:0(0) <...>\n').events[0]!);
    this.lines.push('   +0 > S 0:0(0) <...>');
    this.elapse(this.player.machine.now + handshake);
    const win = Math.min(window, 65_535);
    this.plays(`< S. 0:0(0) ack 1 win ${win} <mss 1460,nop,nop,sackOK,nop,wscale ${SCALE}>`);
    this.settle();
  }

  happens(happening: Happening): void {
    if (happening.kind === 'note') {
      this.lines.push(`// ${happening.text}`);
      return;
    }
    if (this.over) return;
    this.elapse(this.player.machine.now + happening.tick - (this.tick ?? happening.tick));
    this.tick = happening.tick;
    if (happening.kind === 'send') this.send(happening.bytes);
    else this.arrives(happening);
    this.settle();
    this.readErrors();
  }

  /** The peer acknowledges what is left, round by round. */
  finish(): void {
    if (this.over) return;
    const { sk } = this.file;
    const left = (): number => (sk!.writeSeq - sk!.sndUna) | 0;
    if (left() > 0) this.lines.push('// the story ends here; what is left is acknowledged');
    for (let round = 0; left() > 0 && round < ROUNDS_MAX; round++) {
      this.elapse(this.player.machine.now + Math.max(1, this.story.handshake));
      this.plays(`< . 1:1(0) ack ${this.edge} win ${Math.max(1, this.window >> SCALE)}`);
      this.settle();
      this.readErrors();
    }
  }

  private get file(): SocketFile {
    return this.player.ctx.fds.get(SOCKET) as SocketFile;
  }

  private send(bytes: number): void {
    this.plays(
      this.story.zerocopy
        ? `send(${SOCKET}, ..., ${bytes}, MSG_ZEROCOPY) = ${bytes}`
        : `sendfile(${SOCKET}, ${SOCKET + 1}, [0], ${bytes}) = ${bytes}`,
    );
  }

  private arrives(packet: Arrival): void {
    this.waitForRetransmissions(packet);
    // this TCP may have sent less so far: then the peer cannot have seen more
    const ack = Math.min(packet.ack + 1, this.edge);
    const blocks = packet.sacks
      .map(([a, b]) => [a + 1, Math.min(b + 1, this.edge)] as const)
      .filter(([a, b]) => a >= ack && b > a);
    this.window = packet.window;
    const win = Math.min(65_535, packet.window > 0 ? Math.max(1, packet.window >> SCALE) : 0);
    const sack = blocks.map(([a, b]) => `${a}:${b}`).join(' ');
    const options = sack === '' ? '' : ` <nop,nop,sack ${sack}>`;
    const flags = packet.reset ? 'R.' : '.';
    this.plays(`< ${flags} 1:1(0) ack ${ack} win ${win}${options}`);
    this.over = packet.reset;
    for (const seq of this.holes.keys()) if (seq < ack) this.holes.delete(seq);
    let hole = ack;
    for (const [a, b] of blocks.toSorted((x, y) => x[0] - y[0])) {
      if (a > hole && !this.holes.has(hole)) this.holes.set(hole, packet.retransmits);
      hole = Math.max(hole, b);
    }
  }

  /** A hole that the peer has told of is closed: by what was sent again, if something was. */
  private waitForRetransmissions({ ack, retransmits }: Arrival): void {
    for (const [seq, before] of this.holes) {
      if (seq >= Math.min(ack + 1, this.edge) || retransmits === before) continue;
      const limit = this.player.machine.now + PATIENCE;
      while (this.timesSent(seq) < 2 && this.elapseOnce(limit)) continue;
    }
  }

  private timesSent(seq: number): number {
    return this.sent.filter((s) => s.seq <= seq && seq < s.end).length;
  }

  /** An event that happens now. `until`: it comes back so many ticks later. */
  private plays(event: string, until?: number): void {
    const back = until === undefined ? '' : `...${printSeconds(until)}`;
    this.player.feed(parse(`+0${back} ${event}\n`).events[0]!);
    const since = this.player.machine.now - this.last;
    const due = until === undefined ? '' : `...${printSeconds(since + until)}`;
    this.line(`${since === 0 ? '+0' : `+${printSeconds(since)}`}${due}`, event);
  }

  private line(time: string, event: string): void {
    this.lines.push(`${time.padStart(5)} ${event}`);
    this.last = this.player.machine.now;
  }

  /** What takes no time. */
  private settle(): void {
    this.elapse(this.player.machine.now);
  }

  /** Lets time pass up to `tick`; what is sent meanwhile is expected when it is sent. */
  private elapse(tick: number): void {
    while (this.elapseOnce(tick)) continue;
  }

  /** The same up to the first packet; false: there was none. */
  private elapseOnce(tick: number): boolean {
    const { machine } = this.player;
    machine.runUntil(tick, () => machine.sent.length > 0);
    return this.takeSent();
  }

  /** The packets that the host has just sent; false: none. */
  private takeSent(): boolean {
    const waiting = this.player.wire.waiting().map(({ segment }) => segment);
    for (const s of waiting) {
      if (s.payload === 0) continue;
      this.sent.push({ seq: s.seq, end: s.end });
      this.edge = Math.max(this.edge, s.end);
    }
    for (const segment of together(waiting)) {
      const text = `> ${printSegment({ ...segment, window: null })}`;
      const { action } = parse(`+0 ${text}\n`).events[0]!;
      if (action.kind === 'packet') this.player.wire.expect(action, () => false);
      const since = this.player.machine.now - this.last;
      this.line(`+${printSeconds(since)}`, text);
    }
    return waiting.length > 0;
  }

  /** What the error queue has, as soon as it has it. */
  private readErrors(): void {
    const { errors } = this.file;
    for (let range = errors?.range; range !== null && range !== undefined; range = errors!.range) {
      const code = range.copied ? 'SO_EE_CODE_ZEROCOPY_COPIED' : '0';
      const data = `{ee_errno=0, ee_origin=SO_EE_ORIGIN_ZEROCOPY, ee_type=0, ee_code=${code}, ee_info=${range.lo}, ee_data=${range.hi}}`;
      const control = `{cmsg_level=CMSG_LEVEL_IP, cmsg_type=CMSG_TYPE_RECVERR, cmsg_data=${data}}`;
      this.plays(
        `recvmsg(${SOCKET}, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE, msg_control=[${control}]}, MSG_ERRQUEUE) = 0`,
      );
    }
  }
}

/** A packet's payload, as packetdrill takes it. */
const PACKET_MAX = 65_000;

/** Segments that follow each other as one packet, as packetdrill takes them: up to a PSH, of one size but the last. */
function together(segments: readonly TcpSegment[]): TcpSegment[] {
  const found: TcpSegment[] = [];
  let size = 0;
  let open = false;
  for (const s of segments) {
    const previous = found.at(-1);
    const joins =
      open &&
      previous !== undefined &&
      s.payload > 0 &&
      s.payload <= size &&
      s.end - previous.seq <= PACKET_MAX &&
      s.seq === previous.end &&
      s.ack === previous.ack &&
      s.flags.replace('P', '') === previous.flags;
    if (joins) {
      const { seq } = previous;
      found[found.length - 1] = { ...s, seq, payload: s.end - seq };
    } else {
      found.push(s);
      size = s.payload;
    }
    open = s.flags === '.' && s.payload === size && s.payload > 0;
  }
  return found;
}
