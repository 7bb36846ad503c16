// Of datagrams: how they are put together, cut and joined again, over IPv4 and IPv6.
import type { Reason } from './reason.ts';

export const OF_DATAGRAMS: Readonly<Record<string, Reason>> = {
  'ip_append_data.ts ipAppendData: if (header > 0) { => if (header > 1) {': {
    of: '140b7a9a',
    equivalent: true,
    text: 'there are 8 bytes of a header or none',
  },
  'ip_append_data.ts ipAppendData: length + lent + netHeaderLen <= device.mtu && => length - lent + netHeaderLen <= device.mtu &&':
    {
      of: '140b7a9a',
      equivalent: false,
      text: 'a script lends with MSG_MORE, and such a datagram is summed as it comes, whatever its length',
    },
  'ip_append_data.ts putBytes: sk.writeSeq = (sk.writeSeq + size) | 0; => sk.writeSeq = (sk.writeSeq - size) | 0;':
    {
      of: 'be162297',
      equivalent: false,
      text: "the position in the stream is the judge's: no kernel says it",
    },
  'ip_append_page.ts appendRange: k.lifetime.merged(skb, last, size, loan); => (dropped)': {
    of: '265e2cf1',
    equivalent: false,
    text: 'the designs on whose seams scripts lend to a datagram do nothing there',
  },
  'ip_append_page.ts appendRange: sk.writeSeq = (seq + size) | 0; => sk.writeSeq = (seq + size) | 1;':
    {
      of: '265e2cf1',
      equivalent: false,
      text: 'where lent bytes stand in the stream is for the judge, which no kernel has',
    },
  'ip_append_data.ts ipAppendData: sk.corkLength = 0; => (dropped)': {
    of: '140b7a9a',
    equivalent: true,
    text: 'nothing is pending then, and whoever took the last datagram away has set it to 0 (ipFinishSkb, ipFlushPendingFrames), also after an error',
  },
  'ip_append_data.ts ipAppendData: sk.corkLength -= length; => (dropped)': {
    of: '140b7a9a',
    equivalent: true,
    text: 'after an error the caller gives the datagram up, which sets it to 0',
  },
  'ip_append_data.ts ipAppendData: sk.corkLength -= length; => sk.corkLength += length;': {
    of: '140b7a9a',
    equivalent: true,
    text: 'after an error the caller gives the datagram up, which sets it to 0',
  },
  'inet_fragment.ts is: return key.id === id && key.saddr === saddr && key.daddr === daddr && key.protocol === protocol; => return key.id === id && key.saddr === saddr || key.daddr === daddr && key.protocol === protocol;':
    {
      of: '88b49d0a',
      equivalent: false,
      text: 'the fragments of a script are all of one datagram: the same addresses, the same identification',
    },
  'inet_fragment.ts queue: if (!this.insert(queue, skb, offset, end)) return false; => if (!this.insert(queue, skb, offset, end)) return true;':
    {
      of: '8dfc0db0',
      equivalent: false,
      text: 'the fragments of a script do not overlap, so none is refused',
    },
  'inet_fragment.ts prepare: fragments[0] = { skb: last, offset: 0 }; => (dropped)': {
    of: 'b2737291',
    equivalent: false,
    text: 'the first one is looked at again only where there is no memory, and scripts always have some',
  },
  'ip_append_page.ts ipAppendPage: nextPacket(sk, 0, more); => nextPacket(sk, 1, more);': {
    of: 'edf4f7e3',
    equivalent: true,
    text: 'a head for headers alone: at most 128 bytes, of the 192 that the smallest has',
  },
  'ip_fragment.ts afterJoin: fixFragmentHeader(this.k.mem, head.data, head.len - IP_HEADER, 0, false); => fixFragmentHeader(this.k.mem, head.data, head.len - IP_HEADER, 1, false);':
    {
      of: '9c229b68',
      equivalent: true,
      text: 'an offset in bytes, of which the eights are written',
    },
  'ip_append_data.ts putBytes: sk.writeSeq = (sk.writeSeq + size) | 0; => (dropped)': {
    of: 'be162297',
    equivalent: false,
    text: "the position in the stream is the judge's: no kernel says it",
  },
  'inet_fragment.ts prepare: last.len = first.skb.len; => (dropped)': {
    of: 'b2737291',
    equivalent: true,
    text: 'skb_morph has given it the same length',
  },
  'inet_fragment.ts prepare: last.dataLen = first.skb.dataLen; => (dropped)': {
    of: 'b2737291',
    equivalent: true,
    text: 'skb_morph has given it the same length',
  },
  'ip_append_data.ts ipAppendData: length + lent + netHeaderLen <= device.mtu && => length + lent - netHeaderLen <= device.mtu &&':
    {
      of: '140b7a9a',
      equivalent: false,
      text: 'what is longer than one packet is summed when it is sent, if not before; which of the two shows in the cost alone',
    },
  'ip_append_page.ts appendRange: sk.writeSeq = seq; => (dropped)': {
    of: '265e2cf1',
    equivalent: false,
    text: 'where lent bytes stand in the stream is for the judge, which no kernel has',
  },
  'ip_output.ts slowPath: const upper = headers - netHeaderLen; => const upper = headers + netHeaderLen;':
    {
      of: '27c79acb',
      equivalent: false,
      text: 'where the bytes of a fragment stand in the stream is for the judge, which no kernel has',
    },
  'inet_fragment.ts finish: if (head.ipSummed !== skb.ipSummed) head.ipSummed = Checksum.NONE; => if (head.ipSummed === skb.ipSummed) head.ipSummed = Checksum.NONE;':
    {
      of: '4a67077f',
      equivalent: false,
      text: 'no fragment of a script leaves its sum to a device',
    },
  'inet_fragment.ts finish: skb.next = null; => (dropped)': {
    of: '4a67077f',
    equivalent: false,
    text: 'a fragment that a script lets come is in no list: its next is null already',
  },
  'inet_fragment.ts defrag: queue = new FragQueue(key, k.agenda.now + this.of.timeout); => queue = new FragQueue(key, k.agenda.now - this.of.timeout);':
    {
      of: 'df758e8a',
      equivalent: false,
      text: 'no time passes in a script: a datagram is whole, or it is never given up',
    },
  'inet_fragment.ts insert: const next = at < 0 ? undefined : fragments[at]; => const next = at <= 0 ? undefined : fragments[at];':
    {
      of: 'a5ec4b20',
      equivalent: false,
      text: 'the fragments of a script do not overlap, so none is refused',
    },
  'inet_fragment.ts insert: if (at !== 0 && prev !== undefined && prev.offset + prev.skb.len > offset) return false; => if (at !== 0 && prev !== undefined && prev.offset - prev.skb.len > offset) return false;':
    {
      of: 'a5ec4b20',
      equivalent: false,
      text: 'the fragments of a script do not overlap, so none is refused',
    },
  'inet_fragment.ts finish: if (head.ipSummed !== skb.ipSummed) head.ipSummed = Checksum.NONE; => if (!(head.ipSummed !== skb.ipSummed)) head.ipSummed = Checksum.NONE;':
    {
      of: '4a67077f',
      equivalent: false,
      text: 'no fragment of a script leaves its sum to a device',
    },
  'reassembly.ts keyOf: protocol: 0, => protocol: 1,': {
    of: '2a661c8c',
    equivalent: true,
    text: 'the same number for every fragment, whichever it is',
  },
  'reassembly.ts beforeJoin: fixIpv6Header(mem, at, 0, ip6FragNexthdr(mem, at)); => fixIpv6Header(mem, at, 1, ip6FragNexthdr(mem, at));':
    {
      of: '53eb0f0f',
      equivalent: true,
      text: 'afterJoin writes the length again',
    },
  'ip_output.ts isChainOfFragments: const room = k.era.fragmentsWantRoom ? HH_LEN : 0; => const room = k.era.fragmentsWantRoom ? HH_LEN : 1;':
    {
      of: '048d868d',
      equivalent: false,
      text: 'every kernel that runs wants room',
    },
  'ip_output.ts fastPath: m.destructor = Destructor.SOCK_WFREE; => (dropped)': {
    of: 'f63a0956',
    equivalent: false,
    text: 'the packets of scripts that are cut have no socket any more',
  },
  'ip_output.ts fastPath: if (sk !== null) { => if (sk === null) {': {
    of: 'f63a0956',
    equivalent: false,
    text: 'the packets of scripts that are cut have no socket any more',
  },
  'ip_cork.ts grow: sk.writeSeq = (sk.writeSeq + size) | 0; => sk.writeSeq = (sk.writeSeq + size) | 1;':
    {
      of: '6b9a6b35',
      equivalent: false,
      text: 'where bytes stand in the stream is for the judge, which no kernel has',
    },
  'ip_append_data.ts ipAppendData: header > 0 && => header > 1 &&': {
    of: '140b7a9a',
    equivalent: true,
    text: 'there are 8 bytes of a header or none',
  },
  'ip_cork.ts maxLastLen: return sk.af.fragHeaderLen > 0 && sk.corkLength > mtu ? maxFragLen(sk) : mtu; => return sk.af.fragHeaderLen > 1 && sk.corkLength > mtu ? maxFragLen(sk) : mtu;':
    {
      of: '2aa508a9',
      equivalent: true,
      text: 'there are 8 bytes of a fragment header or none',
    },
  'inet_fragment.ts finish: fragments.length = 0; => (dropped)': {
    of: '4a67077f',
    equivalent: true,
    text: 'its queue is forgotten already, and nobody looks at it again',
  },
  'ip_append_page.ts ipAppendPage: return 0; => return 1;': {
    of: 'edf4f7e3',
    equivalent: true,
    text: 'its one caller asks for EOPNOTSUPP and for what is below 0',
  },
  'inet_fragment.ts insert: const at = fragments.findIndex((f) => f.offset >= offset); => const at = fragments.findIndex((f) => f.offset > offset);':
    { of: 'a5ec4b20', equivalent: false, text: 'no two fragments of a script begin at one place' },
  'inet_fragment.ts insert: const prev = fragments.at(at < 0 ? -1 : at - 1); => const prev = fragments.at(at <= 0 ? -1 : at - 1);':
    {
      of: 'a5ec4b20',
      equivalent: true,
      text: 'in front of the first one is none, and none is asked for',
    },
  'inet_fragment.ts insert: const prev = fragments.at(at < 0 ? -1 : at - 1); => const prev = fragments.at(at < 1 ? -1 : at - 1);':
    {
      of: 'a5ec4b20',
      equivalent: true,
      text: 'in front of the first one is none, and none is asked for',
    },
  'inet_fragment.ts insert: const prev = fragments.at(at < 0 ? -1 : at - 1); => const prev = fragments.at(at < 0 ? -1 : at + 1);':
    {
      of: 'a5ec4b20',
      equivalent: false,
      text: 'it takes one fragment in front and two behind, and a script has three in all',
    },
  'inet_fragment.ts insert: if (at !== 0 && prev !== undefined && prev.offset + prev.skb.len > offset) return false; => if (at !== 0 && prev !== undefined && prev.offset + prev.skb.len > offset) return true;':
    { of: 'a5ec4b20', equivalent: false, text: 'no fragment of a script overlaps another' },
  'ip_cork.ts grow: sk.wmemAlloc += size; => sk.wmemAlloc -= size;': {
    of: '6b9a6b35',
    equivalent: false,
    text: 'what a socket is charged is not in the normal form, and no script fills its send buffer',
  },
  'ip_cork.ts grow: sk.wmemAlloc += size; => (dropped)': {
    of: '6b9a6b35',
    equivalent: false,
    text: 'what a socket is charged is not in the normal form, and no script fills its send buffer',
  },
  'ip_cork.ts pageFrag: if (sk.sndmsgOff + least <= PAGE_SIZE) return sndmsgPage; => if (sk.sndmsgOff + least < PAGE_SIZE) return sndmsgPage;':
    {
      of: '47e3d8ef',
      equivalent: false,
      text: 'kernels have eight pages in a row there and the model one: no script copies so much that a page ends',
    },
  'ip_output.ts fastPath: m.sk = sk; => (dropped)': {
    of: 'f63a0956',
    equivalent: false,
    text: 'sk_buffs of scripts have no socket when they are cut',
  },
};
