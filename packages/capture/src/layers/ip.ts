// IP of both versions, and what it carries: TCP, or a tunnel.
import { be16 } from '../bytes.ts';
import { EXTENSIONS, Ether, Ip, Port } from './numbers.ts';
import { Walk, type Answer } from './walk.ts';

/** A packet that segmentation offload hands to the capture. @kernel include/linux/netdevice.h GSO_MAX_SIZE (8 × 64 KiB) */
const PACKET_BYTES_MAX = 8 * 65536;

export abstract class IpWalk extends Walk {
  protected ipCut(): 'fault' {
    return this.fault('the IP header is cut or damaged');
  }

  protected ip(at: number): Answer {
    if (this.tooDeep()) return this.deep();
    const version = (this.data[at] ?? 0) >> 4;
    if (version === 4) return this.ipv4(at);
    if (version === 6) return this.ipv6(at);
    return 'other';
  }

  private ipv4(at: number): Answer {
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

  private ipv6(at: number): Answer {
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
  private transport(protocol: number, at: number, end: number): Answer {
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
        if (this.tooDeep()) return this.deep();
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
  private gre(from: number): Answer {
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

  private udp(from: number): Answer {
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
  private l2tp(from: number): Answer {
    const flags = be16(this.data, from);
    if ((flags & 0x8000) !== 0 || (flags & 15) !== 2) return 'other'; // control, another version
    let at = from + ((flags & 0x4000) !== 0 ? 8 : 6);
    if ((flags & 0x0800) !== 0) at += 4;
    if ((flags & 0x0200) !== 0) at += 2 + be16(this.data, at);
    return this.ppp(at);
  }

  /** User data of mobile networks. 3GPP TS 29.281, section 5 */
  private gtp(from: number): Answer {
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
