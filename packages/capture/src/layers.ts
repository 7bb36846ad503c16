// Goal: find TCP in a frame, behind whatever link layer and tunnels carry it, and how long it was on the wire.
// Non-goal: addresses of links and tunnels; reassembling IP fragments (of a fragmented packet only the first one is
// read); tunnels on other ports than their own.
import { be16, le16, le32 } from './bytes.ts';
import type { Frame } from './frames.ts';

/** Why a frame that may have carried TCP is left out; or null: it is something else. */
export type Fault =
  | 'the IP header is cut or damaged'
  | 'the IP length is less than its header'
  | 'a later IP fragment is left out'
  | 'its link or tunnel header is cut'
  | 'more than 16 headers stand before TCP'
  | 'an encrypted 802.11 frame is left out'
  | 'an encrypted packet (ESP) is left out'
  | 'an encrypted frame (MACsec) is left out'
  | `link type ${number}${string} is not read`;

/** Where TCP is in a frame; one object is reused for all frames. */
export interface Found {
  /** Offset of the source address in the frame; the destination follows it. */
  addresses: number;
  /** 4 or 16. */
  addressBytes: number;
  /** The sender's number for the packet; -1: IPv6 has none. */
  id: number;
  /** Offset of the TCP header in the frame. */
  tcp: number;
  /** Bytes of TCP header and payload on the wire. */
  tcpBytes: number;
  /** True for the first of several fragments. */
  fragment: boolean;
  /** Set where `findTcp` says 'fault'. */
  fault: Fault;
}

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

const HEADERS_MAX = 16;
/** A packet that segmentation offload hands to the capture. @kernel include/linux/netdevice.h GSO_MAX_SIZE (8 × 64 KiB) */
const PACKET_BYTES_MAX = 8 * 65536;

const Ether = {
  IPV4: 0x0800,
  TRANSPARENT: 0x6558,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  MPLS: 0x8847,
  MPLS_UPSTREAM: 0x8848,
  PPPOE: 0x8864,
  PPP: 0x880b,
  PROVIDER_VLAN: 0x88a8,
  ERSPAN: 0x88be,
  REDIRECTED: 0x883e,
  MACSEC: 0x88e5,
  BACKBONE: 0x88e7,
  REDUNDANCY: 0x892f,
  SERVICE_HEADER: 0x894f,
  TRILL: 0x22f3,
  QINQ: 0x9100,
  QINQ_2: 0x9200,
  QINQ_3: 0x9300,
  ERSPAN_3: 0x22eb,
  LLC: 0x0004,
} as const;

const Ip = {
  IPV4: 4,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  FRAGMENT: 44,
  GRE: 47,
  ENCRYPTED: 50,
  AUTHENTICATION: 51,
  ETHERIP: 97,
  MPLS: 137,
} as const;
/** Hop-by-hop, routing, destination options, mobility. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);

const Port = {
  L2TP: 1701,
  TEREDO: 3544,
  GTP_U: 2152,
  VXLAN: 4789,
  VXLAN_LINUX: 8472,
  VXLAN_GPE: 4790,
  GENEVE: 6081,
  MPLS: 6635,
} as const;

/** Address families of loopback headers: 2 is IPv4, the others are IPv6 on various systems. */
const FAMILIES: ReadonlySet<number> = new Set([2, 10, 24, 28, 30]);

/** Walks down one frame at a time. */
class Walk {
  frame!: Frame;
  data!: Uint8Array;
  found!: Found;
  private headers = 0;

  walk(frame: Frame, found: Found): 'tcp' | 'fault' | 'other' {
    this.frame = frame;
    this.data = frame.data;
    this.found = found;
    this.headers = 0;
    return this.link(frame.linkType, 0);
  }

  private fault(fault: Fault): 'fault' {
    this.found.fault = fault;
    return 'fault';
  }

  private cut(): 'fault' {
    return this.fault('its link or tunnel header is cut');
  }

  private link(type: number, at: number): 'tcp' | 'fault' | 'other' {
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

  private inner(type: number, at: number): 'tcp' | 'fault' | 'other' {
    if (++this.headers > HEADERS_MAX) return this.fault('more than 16 headers stand before TCP');
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

  /** By destination and source address, then a type or a length. */
  private ethernet(at: number): 'tcp' | 'fault' | 'other' {
    if (at + 14 > this.data.length) return this.cut();
    return this.etherType(be16(this.data, at + 12), at + 14);
  }

  /** What a type that comes from Ethernet says of the bytes at `at`; up to 1500 it is a length. */
  private etherType(type: number, at: number): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    if (++this.headers > HEADERS_MAX) return this.fault('more than 16 headers stand before TCP');
    if (at >= data.length && type > 1500)
      return type === Ether.IPV4 || type === Ether.IPV6 ? this.ipCut() : 'other';
    switch (type) {
      case Ether.IPV4:
      case Ether.IPV6:
        return this.ip(at);
      case Ether.VLAN:
      case Ether.PROVIDER_VLAN:
      case Ether.QINQ:
      case Ether.QINQ_2:
      case Ether.QINQ_3:
        return this.etherType(be16(data, at + 2), at + 4);
      case Ether.MPLS:
      case Ether.MPLS_UPSTREAM:
        return this.mpls(at);
      case Ether.PPPOE:
        return this.ppp(at + 6);
      case Ether.PPP:
        return this.ppp(at);
      case Ether.REDUNDANCY: // HSR: path, size and sequence number. IEC 62439-3
        return this.etherType(be16(data, at + 4), at + 6);
      case Ether.SERVICE_HEADER:
        return this.serviceHeader(at);
      case Ether.TRILL: // RFC 6325, section 3.1: the length of the options in words, then two nicknames
        return this.ethernet(at + 6 + 4 * ((be16(data, at) >> 6) & 0x1f));
      case Ether.MACSEC: // IEEE 802.1AE: its tag, with a channel identifier where the third bit says so
        return ((data[at] ?? 0) & 0x0c) !== 0
          ? this.fault('an encrypted frame (MACsec) is left out')
          : this.etherTypeAt(at + (((data[at] ?? 0) & 0x20) !== 0 ? 14 : 6));
      case Ether.BACKBONE: // a service tag of four bytes, then the customer's frame
      case Ether.TRANSPARENT:
        return this.ethernet(type === Ether.BACKBONE ? at + 4 : at);
      default:
        return type <= 1500 ? this.llc(at) : 'other';
    }
  }

  private etherTypeAt(at: number): 'tcp' | 'fault' | 'other' {
    return this.etherType(be16(this.data, at), at + 2);
  }

  /** Its length in words stands in it. RFC 8300, section 2.2 */
  private serviceHeader(at: number): 'tcp' | 'fault' | 'other' {
    const next = this.data[at + 3] ?? 0;
    const inner = at + 4 * ((this.data[at + 1] ?? 0) & 0x3f);
    if (inner <= at) return 'other';
    return next === 3 ? this.ethernet(inner) : next <= 2 ? this.ip(inner) : 'other';
  }

  /** Cooked frames have a few types of their own for frames without any. */
  private cooked(type: number, at: number): 'tcp' | 'fault' | 'other' {
    return type === Ether.LLC ? this.llc(at) : type <= 1500 ? 'other' : this.etherType(type, at);
  }

  /** IEEE 802.2, with or without a SNAP header. */
  private llc(at: number): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    if (at + 3 > data.length) return 'other';
    if (data[at] === 0xaa && data[at + 1] === 0xaa && data[at + 2] === 0x03) {
      // Organisation 0 is Ethernet's types, 0x0000f8 the same behind a bridge.
      const organisation = (be16(data, at + 3) << 8) | (data[at + 5] ?? 0);
      const known = organisation === 0 || organisation === 0xf8;
      const type = be16(data, at + 6);
      return known && type > 1500 ? this.etherType(type, at + 8) : 'other';
    }
    if (data[at] === 0x06 && data[at + 1] === 0x06 && data[at + 2] === 0x03) return this.ip(at + 3);
    if (data[at] === 0xfe && data[at + 1] === 0xfe && data[at + 2] === 0x03)
      return this.nlpid(data[at + 3] ?? 0, at + 4);
    return 'other';
  }

  /** What an OSI network layer identifier stands for. */
  private nlpid(id: number, at: number): 'tcp' | 'fault' | 'other' {
    if (id === 0xcc || id === 0x8e) return this.ip(at);
    if (id !== 0x80) return 'other';
    const type = be16(this.data, at + 3);
    return type > 1500 ? this.etherType(type, at + 5) : 'other';
  }

  /** With or without address and control bytes; an odd first byte is a protocol of one byte. RFC 1661, section 6.5 */
  private ppp(from: number): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    if (++this.headers > HEADERS_MAX) return this.fault('more than 16 headers stand before TCP');
    const at = data[from] === 0xff && data[from + 1] === 0x03 ? from + 2 : from;
    const short = ((data[at] ?? 0) & 1) !== 0;
    const protocol = short ? (data[at] ?? 0) : be16(data, at);
    const next = at + (short ? 1 : 2);
    if (protocol === 0x21 || protocol === 0x57) return this.ip(next);
    if (protocol === 0x281 || protocol === 0x283) return this.mpls(next);
    return 'other';
  }

  /** Labels up to the bottom of the stack; what follows says itself what it is. RFC 4928 */
  private mpls(from: number): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    let at = from;
    for (; ((data[at + 2] ?? 0) & 1) === 0; at += 4) {
      if (++this.headers > HEADERS_MAX) return this.fault('more than 16 headers stand before TCP');
      if (at + 8 > data.length) return this.cut();
    }
    at += 4;
    const nibble = (data[at] ?? 0) >> 4;
    if (nibble === 4 || nibble === 6) {
      // An Ethernet frame without a control word may begin so too: then no IP header stands here.
      const result = this.ip(at);
      if (result === 'tcp' || be16(data, at + 12) < 0x600) return result;
    }
    return this.ethernet(nibble === 0 ? at + 4 : at);
  }

  private arcnet(type: number, at: number, exceptions: boolean): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    if (type === 0xf0) return this.ip(at); // RFC 1051
    if (type !== 0xd4 && type !== 0xc4) return 'other';
    // RFC 1201: a split flag and a sequence number; an exception packet has padding and a flag before them.
    return this.ip(exceptions && data[at] === 0xff ? at + 7 : at + 3);
  }

  /** Attributes, of which one is the packet. @kernel include/uapi/linux/netfilter/nfnetlink_log.h */
  private nflog(from: number): 'tcp' | 'fault' | 'other' {
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
  private radiotap(at: number): 'tcp' | 'fault' | 'other' {
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

  private wlan(at: number, aligned: boolean): 'tcp' | 'fault' | 'other' {
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

  private ipCut(): 'fault' {
    return this.fault('the IP header is cut or damaged');
  }

  private ip(at: number): 'tcp' | 'fault' | 'other' {
    if (++this.headers > HEADERS_MAX) return this.fault('more than 16 headers stand before TCP');
    const version = (this.data[at] ?? 0) >> 4;
    if (version === 4) return this.ipv4(at);
    if (version === 6) return this.ipv6(at);
    return 'other';
  }

  private ipv4(at: number): 'tcp' | 'fault' | 'other' {
    const { data, found } = this;
    const headerBytes = ((data[at] ?? 0) & 15) * 4;
    if (headerBytes < 20 || at + headerBytes > data.length) return this.ipCut();
    const fragment = be16(data, at + 6);
    const protocol = data[at + 9] ?? 0;
    if ((fragment & 0x1fff) !== 0) return this.laterFragment(protocol);
    const total = this.wireBytes(at, be16(data, at + 2));
    if (total < headerBytes) return this.fault('the IP length is less than its header');
    found.fragment = (fragment & 0x2000) !== 0;
    found.addresses = at + 12;
    found.addressBytes = 4;
    found.id = be16(data, at + 4);
    return this.transport(protocol, at + headerBytes, at + total);
  }

  private ipv6(at: number): 'tcp' | 'fault' | 'other' {
    const { data, found } = this;
    if (at + 40 > data.length) return this.ipCut();
    const payload = be16(data, at + 4);
    const end = at + this.wireBytes(at, payload === 0 ? 0 : payload + 40);
    let protocol = data[at + 6] ?? 0;
    let next = at + 40;
    found.fragment = false;
    while (EXTENSIONS.has(protocol) || protocol === Ip.FRAGMENT) {
      if (next + 8 > data.length) return this.ipCut();
      const after = data[next] ?? 0;
      let bytes = 8;
      if (protocol === Ip.FRAGMENT) {
        const fragment = be16(data, next + 2);
        if (fragment >> 3 !== 0) return this.laterFragment(after);
        found.fragment = (fragment & 1) !== 0;
      } else {
        bytes = ((data[next + 1] ?? 0) + 1) * 8;
      }
      protocol = after;
      next += bytes;
    }
    if (end < next) return this.fault('the IP length is less than its header');
    found.addresses = at + 8;
    found.addressBytes = 16;
    found.id = -1;
    return this.transport(protocol, next, end);
  }

  private laterFragment(protocol: number): 'fault' | 'other' {
    return protocol === Ip.TCP ? this.fault('a later IP fragment is left out') : 'other';
  }

  /**
   * Length of the IP packet. Segmentation offload hands packets to the capture before they are split; those over
   * 64 KiB do not fit the header's 16 bits, and the kernel writes 0 there. Then, and only then, the frame's own length
   * counts (it may include link padding otherwise). @kernel include/net/ip.h iph_set_totlen
   */
  private wireBytes(at: number, claimed: number): number {
    if (claimed !== 0) return claimed;
    const seen = this.frame.originalLength - at;
    return seen <= PACKET_BYTES_MAX ? seen : 0;
  }

  /** What stands behind an IP header, from `at` up to `end` on the wire. */
  private transport(protocol: number, at: number, end: number): 'tcp' | 'fault' | 'other' {
    const { data, found } = this;
    switch (protocol) {
      case Ip.TCP:
        found.tcp = at;
        found.tcpBytes = end - at;
        return 'tcp';
      case Ip.IPV4:
      case Ip.IPV6:
        return this.ip(at);
      case Ip.GRE:
        return this.gre(at);
      case Ip.UDP:
        return this.udp(at);
      case Ip.AUTHENTICATION: {
        if (at + 12 > data.length) return this.ipCut();
        if (++this.headers > HEADERS_MAX)
          return this.fault('more than 16 headers stand before TCP');
        return this.transport(data[at] ?? 0, at + ((data[at + 1] ?? 0) + 2) * 4, end);
      }
      case Ip.ENCRYPTED:
        return this.fault('an encrypted packet (ESP) is left out');
      case Ip.ETHERIP: // RFC 3378
        return this.ethernet(at + 2);
      case Ip.MPLS:
        return this.mpls(at);
      default:
        return 'other';
    }
  }

  /** RFC 2784, 2890; version 1 is RFC 2637's. */
  private gre(from: number): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    if (from + 4 > data.length) return this.cut();
    const flags = be16(data, from);
    const type = be16(data, from + 2);
    if ((flags & 0x4000) !== 0) return 'other'; // source routes, long gone
    let at = from + 4;
    if ((flags & 0x8000) !== 0) at += 4;
    if ((flags & 0x2000) !== 0) at += 4;
    const numbered = (flags & 0x1000) !== 0;
    if (numbered) at += 4;
    if ((flags & 7) === 1 && (flags & 0x0080) !== 0) at += 4;
    if (type === Ether.REDIRECTED) return this.ip((data[at] ?? 0) >> 4 === 4 ? at : at + 4); // WCCP 1 and 2
    if (type === Ether.ERSPAN) return this.ethernet(numbered ? at + 8 : at);
    if (type === Ether.ERSPAN_3)
      return this.ethernet(at + ((be16(data, at + 10) & 1) !== 0 ? 20 : 12));
    return type > 1500 ? this.etherType(type, at) : 'other';
  }

  private udp(from: number): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    const at = from + 8;
    if (at + 4 > data.length) return 'other';
    const port = be16(data, from + 2);
    switch (port) {
      case Port.VXLAN:
      case Port.VXLAN_LINUX: // RFC 7348: without the flag there is no network identifier
        return ((data[at] ?? 0) & 0x08) !== 0 ? this.ethernet(at + 8) : 'other';
      case Port.VXLAN_GPE: {
        const next = data[at + 3] ?? 0;
        if (next === 4) return this.serviceHeader(at + 8);
        return next === 3 ? this.ethernet(at + 8) : next <= 2 ? this.ip(at + 8) : 'other';
      }
      case Port.L2TP:
        return this.l2tp(at);
      case Port.TEREDO: // RFC 4380: an IPv6 packet, as a rule with nothing before it
        return (data[at] ?? 0) >> 4 === 6 ? this.ip(at) : 'other';
      case Port.GENEVE: {
        if ((data[at] ?? 0) >> 6 !== 0) return 'other';
        const type = be16(data, at + 2);
        return type > 1500 ? this.etherType(type, at + 8 + ((data[at] ?? 0) & 0x3f) * 4) : 'other';
      }
      case Port.MPLS:
        return this.mpls(at);
      default:
        return port === Port.GTP_U || be16(data, from) === Port.GTP_U ? this.gtp(at) : 'other';
    }
  }

  /** Data messages; what is in front of the PPP frame, flags say. RFC 2661, section 3.1 */
  private l2tp(from: number): 'tcp' | 'fault' | 'other' {
    const flags = be16(this.data, from);
    if ((flags & 0x8000) !== 0 || (flags & 15) !== 2) return 'other'; // control, another version
    let at = from + ((flags & 0x4000) !== 0 ? 8 : 6);
    if ((flags & 0x0800) !== 0) at += 4;
    if ((flags & 0x0200) !== 0) at += 2 + be16(this.data, at);
    return this.ppp(at);
  }

  /** User data of mobile networks. 3GPP TS 29.281, section 5 */
  private gtp(from: number): 'tcp' | 'fault' | 'other' {
    const { data } = this;
    const flags = data[from] ?? 0;
    if (flags >> 4 !== 3 || data[from + 1] !== 0xff) return 'other';
    let at = from + 8;
    if ((flags & 7) !== 0) {
      let next = (flags & 4) !== 0 ? (data[at + 3] ?? 0) : 0;
      at += 4;
      while (next !== 0) {
        const bytes = (data[at] ?? 0) * 4;
        if (bytes === 0 || at + bytes > data.length) return this.cut();
        next = data[at + bytes - 1] ?? 0;
        at += bytes;
      }
    }
    return this.ip(at);
  }
}

const walk = new Walk();

/** An object for `findTcp` to fill. */
export function newFound(): Found {
  return {
    addresses: 0,
    addressBytes: 0,
    id: -1,
    tcp: 0,
    tcpBytes: 0,
    fragment: false,
    fault: 'the IP header is cut or damaged',
  };
}

/** Fills `found`: from the innermost headers if it answers 'tcp', its `fault` if 'fault'. 'other': no TCP is in it. */
export function findTcp(frame: Frame, found: Found): 'tcp' | 'fault' | 'other' {
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
