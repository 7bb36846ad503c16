// What has a type of Ethernet, or carries what has one: Ethernet, LLC, PPP, MPLS.
import { be16 } from '../bytes.ts';
import { IpWalk } from './ip.ts';
import { Ether } from './numbers.ts';
import type { Answer } from './walk.ts';

export abstract class EthernetWalk extends IpWalk {
  /** By destination and source address, then a type or a length. */
  protected ethernet(at: number): Answer {
    if (at + 14 > this.data.length) return this.cut();
    return this.etherType(be16(this.data, at + 12), at + 14);
  }

  /** What a type that comes from Ethernet says of the bytes at `at`; up to 1500 it is a length. */
  protected etherType(type: number, at: number): Answer {
    const { data } = this;
    if (this.tooDeep()) return this.deep();
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

  private etherTypeAt(at: number): Answer {
    return this.etherType(be16(this.data, at), at + 2);
  }

  /** Its length in words stands in it. RFC 8300, section 2.2 */
  protected serviceHeader(at: number): Answer {
    const next = this.data[at + 3] ?? 0;
    const inner = at + 4 * ((this.data[at + 1] ?? 0) & 0x3f);
    if (inner <= at) return 'other';
    return next === 3 ? this.ethernet(inner) : next <= 2 ? this.ip(inner) : 'other';
  }

  /** IEEE 802.2, with or without a SNAP header. */
  protected llc(at: number): Answer {
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
  protected nlpid(id: number, at: number): Answer {
    if (id === 0xcc || id === 0x8e) return this.ip(at);
    if (id !== 0x80) return 'other';
    const type = be16(this.data, at + 3);
    return type > 1500 ? this.etherType(type, at + 5) : 'other';
  }

  /** With or without address and control bytes; an odd first byte is a protocol of one byte. RFC 1661, section 6.5 */
  protected ppp(from: number): Answer {
    const { data } = this;
    if (this.tooDeep()) return this.deep();
    const at = data[from] === 0xff && data[from + 1] === 0x03 ? from + 2 : from;
    const short = ((data[at] ?? 0) & 1) !== 0;
    const protocol = short ? (data[at] ?? 0) : be16(data, at);
    const next = at + (short ? 1 : 2);
    if (protocol === 0x21 || protocol === 0x57) return this.ip(next);
    if (protocol === 0x281 || protocol === 0x283) return this.mpls(next);
    return 'other';
  }

  /** Labels up to the bottom of the stack; what follows says itself what it is. RFC 4928 */
  protected mpls(from: number): Answer {
    const { data } = this;
    let at = from;
    for (; ((data[at + 2] ?? 0) & 1) === 0; at += 4) {
      if (this.tooDeep()) return this.deep();
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
}
