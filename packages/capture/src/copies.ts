// Goal: tell a packet that was captured twice, at two interfaces (tcpdump -i any, a bridge and its port, both sides of
// lo), from a segment that was sent twice. A sender numbers its IPv4 packets (RFC 6864; Linux counts on for each socket,
// @kernel net/ipv4/ip_output.c __ip_queue_xmit, ip_select_ident), so what it sends again has another number.
// Non-goal: IPv6, which has no number; packets that an interface behind the first one has cut into segments.
import type { Side } from './connections.ts';
import type { TcpHeader } from './tcp.ts';

/** Whatever lies between two interfaces of one machine, a queueing discipline among it, takes less. */
const APART_NS_MAX = 1_000_000_000n;
const PLACES = 4096;

interface Packet {
  readonly connection: number;
  readonly from: Side;
  readonly id: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly length: number;
  readonly ns: bigint;
}

/** What each side of one connection numbers its packets like. */
export class Numbering {
  private readonly last: [number, number] = [-1, -1];
  private readonly constant: [boolean, boolean] = [false, false];

  /** Another packet of this side: one that gives two packets the same number does not number them. */
  next(from: Side, id: number): void {
    if (this.last[from] === id) this.constant[from] = true;
    this.last[from] = id;
  }

  tells(from: Side): boolean {
    return !this.constant[from];
  }
}

/** The latest packets of a capture, by number: memory and time do not depend on how many there are. */
export class Copies {
  private readonly recent: (Packet | undefined)[] = Array<undefined>(PLACES).fill(undefined);

  /** Is this packet one that was captured just before? */
  isCopy(
    { id: connection, numbering }: { readonly id: number; readonly numbering: Numbering },
    from: Side,
    id: number,
    { seq, ack, flags, length }: TcpHeader,
    ns: bigint,
  ): boolean {
    if (id <= 0) return false; // IPv6, or a sender that leaves out the number of what may not be fragmented
    const place = (id ^ Math.imul(connection + 1, 0x9e37)) & (PLACES - 1);
    const known = this.recent[place];
    const copy =
      known !== undefined &&
      known.id === id &&
      known.connection === connection &&
      known.from === from &&
      known.seq === seq &&
      known.ack === ack &&
      known.flags === flags &&
      known.length === length &&
      ns - known.ns < APART_NS_MAX &&
      known.ns - ns < APART_NS_MAX;
    if (copy) return numbering.tells(from);
    numbering.next(from, id);
    this.recent[place] = { connection, from, id, seq, ack, flags, length, ns };
    return false;
  }
}
