// Goal: find TCP in a frame, behind whatever link layer and tunnels carry it, and how long it was on the wire.
// Non-goal: addresses of links and tunnels; reassembling IP fragments (of a fragmented packet only the first one is
// read); tunnels on other ports than their own.
import { be16, le16, le32 } from './bytes.ts';
import type { Frame } from './frames.ts';
import { EthernetWalk } from './layers/ethernet.ts';
import type { Found } from './layers/found.ts';
import { Ether } from './layers/numbers.ts';
import type { Answer } from './layers/walk.ts';

export { newFound, type Found } from './layers/found.ts';

/** Link types that people meet and that carry no IP, or none that is read here. */
const NOT_READ: ReadonlyMap<number, string> = new Map([
  [147, ' (user 0)'],
  [163, ' (802.11 with AVS)'],
  [187, ' (Bluetooth)'],
  [189, ' (USB)'],
  [195, ' (802.15.4)'],
  [201, ' (Bluetooth)'],
  [220, ' (USB)'],
  [227, ' (CAN)'],
  [247, ' (InfiniBand)'],
  [249, ' (USBPcap)'],
  [253, ' (netlink)'],
]);

/** Address families of loopback headers: 2 is IPv4, the others are IPv6 on various systems. */
const FAMILIES: ReadonlySet<number> = new Set([2, 10, 24, 28, 30]);

/** By the link type that the file names. */
class LinkWalk extends EthernetWalk {
  protected link(type: number, at: number): Answer {
    const { data } = this;
    switch (type) {
      case 1: // Ethernet
        return this.ethernet(at);
      case 12:
      case 14:
      case 101:
      case 228:
      case 229: // raw IP
        return this.ip(at);
      case 0:
      case 108: {
        // Loopback: four bytes in the byte order of the machine that captured; families fit into one byte.
        const family = (data[at] ?? 0) | (data[at + 3] ?? 0);
        return FAMILIES.has(family) ? this.ip(at + 4) : 'other';
      }
      case 113: // Linux cooked v1
        return this.cooked(be16(data, at + 14), at + 16);
      case 276: // Linux cooked v2: the type stands first
        return this.cooked(be16(data, at), at + 20);
      case 9:
      case 50: // PPP, PPP with HDLC framing
        return (data[at] === 0x0f || data[at] === 0x8f) && data[at + 1] === 0
          ? this.etherType(be16(data, at + 2), at + 4)
          : this.ppp(at);
      case 51: // PPPoE session
        return this.ppp(at + 6);
      case 166:
      case 204: // PPP with a byte for the direction
        return this.ppp(at + 1);
      case 104: // Cisco HDLC
        return this.etherType(be16(data, at + 2), at + 4);
      case 107: // Frame relay, with the short address
        if (data[at + 2] !== 0x03) return 'other';
        return this.nlpid(data[at + 3] ?? 0, at + 4);
      case 6: {
        // Token ring, with source routing where the source address says so
        const routed = ((data[at + 8] ?? 0) & 0x80) !== 0;
        return this.llc(at + 14 + (routed ? (data[at + 14] ?? 0) & 0x1f : 0));
      }
      case 10: // FDDI
        return this.llc(at + 13);
      case 100: // LLC on ATM
        return this.llc(at);
      case 123: // SunATM
        return this.llc(at + 4);
      case 122: // IP on Fibre Channel
        return this.llc(at + 16);
      case 7: // ARCnet as BSD has it
        return this.arcnet(data[at + 2] ?? 0, at + 3, true);
      case 129: // ARCnet as Linux has it
        return this.arcnet(data[at + 4] ?? 0, at + 5, false);
      case 239:
        return this.nflog(at);
      case 105: // 802.11
        return this.wlan(at, false);
      case 127:
        return this.radiotap(at);
      case 192: // per-packet information, then the link type
        return data.length < at + 8
          ? this.cut()
          : this.inner(le32(data, at + 4), at + le16(data, at + 2));
      case 242: // IP over InfiniBand: a global route header, then the type
        return this.etherType(be16(data, at + 40), at + 44);
      case 109: // OpenBSD's encapsulating interface
        return this.ip(at + 12);
      case 117: // OpenBSD's packet filter log
        return this.ip(at + (((data[at] ?? 0) + 3) & ~3));
      case 149:
      case 258: // Apple's packet tap: its length, then what follows, then its link type
        return data.length < at + 12
          ? this.cut()
          : this.inner(le32(data, at + 8), at + le32(data, at));
      case 197: // ERF: Ethernet records have two bytes of padding
        return ((data[at + 8] ?? 0) & 0x7f) === 2
          ? this.ethernet(at + 18 + this.erfExtensions(at))
          : 'other';
      case 240: // netANALYZER
        return this.ethernet(at + 4);
      case 274: // Ethernet with preamble
        return this.ethernet(at + 8);
      default:
        return this.fault(`link type ${type}${NOT_READ.get(type) ?? ''} is not read`);
    }
  }

  private inner(type: number, at: number): Answer {
    if (this.tooDeep()) return this.deep();
    if (at >= this.data.length) return this.cut();
    return this.link(type, at);
  }

  private erfExtensions(at: number): number {
    let more = ((this.data[at + 8] ?? 0) & 0x80) !== 0;
    let bytes = 0;
    for (let next = at + 16; more && next < this.data.length; next += 8) {
      more = ((this.data[next] ?? 0) & 0x80) !== 0;
      bytes += 8;
    }
    return bytes;
  }

  /** Cooked frames have a few types of their own for frames without any. */
  private cooked(type: number, at: number): Answer {
    return type === Ether.LLC ? this.llc(at) : type <= 1500 ? 'other' : this.etherType(type, at);
  }

  private arcnet(type: number, at: number, exceptions: boolean): Answer {
    const { data } = this;
    if (type === 0xf0) return this.ip(at); // RFC 1051
    if (type !== 0xd4 && type !== 0xc4) return 'other';
    // RFC 1201: a split flag and a sequence number; an exception packet has padding and a flag before them.
    return this.ip(exceptions && data[at] === 0xff ? at + 7 : at + 3);
  }

  /** Attributes, of which one is the packet. @kernel include/uapi/linux/netfilter/nfnetlink_log.h */
  private nflog(from: number): Answer {
    const { data } = this;
    const family = data[from] ?? 0;
    // In the byte order of the machine that captured: the one in which the first attribute fits.
    const size = le16(data, from + 4);
    const little = size >= 4 && from + 4 + size <= data.length;
    for (let at = from + 4; at + 4 <= data.length;) {
      const length = little ? le16(data, at) : be16(data, at);
      const type = (little ? le16(data, at + 2) : be16(data, at + 2)) & 0x7fff;
      if (length < 4) return 'other';
      if (type === 9) return family === 7 ? this.ethernet(at + 4) : this.ip(at + 4);
      at += (length + 3) & ~3;
    }
    return 'other';
  }

  /** Fields in front of an 802.11 frame; one of them says whether the body is aligned. */
  private radiotap(at: number): Answer {
    const { data } = this;
    const length = le16(data, at + 2);
    if (length < 8 || at + length > data.length) return this.cut();
    const present = le32(data, at + 4);
    let field = at + 8;
    for (let more = present; (more & 0x80000000) !== 0 && field < at + length; field += 4) {
      more = le32(data, field);
    }
    if ((present & 1) !== 0) field = at + (((field - at + 7) & ~7) + 8); // TSFT, aligned to 8
    const flags = (present & 2) !== 0 ? (data[field] ?? 0) : 0;
    return this.wlan(at + length, (flags & 0x20) !== 0);
  }

  private wlan(at: number, aligned: boolean): Answer {
    const { data } = this;
    const control = le16(data, at);
    if ((control & 0x000c) !== 0x0008 || (control & 0x0040) !== 0) return 'other'; // no data
    if ((control & 0x4000) !== 0) return this.fault('an encrypted 802.11 frame is left out');
    let bytes = (control & 0x0300) === 0x0300 ? 30 : 24;
    let aggregate = false;
    if ((control & 0x0080) !== 0) {
      aggregate = ((data[at + bytes] ?? 0) & 0x80) !== 0;
      bytes += 2;
      if ((control & 0x8000) !== 0) bytes += 4;
    }
    if (aligned) bytes = (bytes + 3) & ~3;
    return this.llc(at + bytes + (aggregate ? 14 : 0)); // of an aggregate, the first
  }
}

const walk = new LinkWalk();

/** Fills `found`: from the innermost headers if it answers 'tcp', its `fault` if 'fault'. 'other': no TCP is in it. */
export function findTcp(frame: Frame, found: Found): Answer {
  return walk.walk(frame, found);
}

/** An address as text: dotted IPv4, or IPv6 in the short form of RFC 5952. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => be16(bytes, 2 * i).toString(16));
  const text = groups.join(':');
  const zeros = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)];
  if (zeros.length === 0) return text;
  const longest = zeros.reduce((a, b) => (b[0].length > a[0].length ? b : a));
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}
