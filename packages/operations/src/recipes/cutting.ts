// Operations that take bytes out of an skb, or cut it in two or many.
import {
  Context,
  SingleStep,
  declareState,
  kfreeSkb,
  type Kernel,
  pskbExtract,
  skbCopyUbufs,
  skbCowData,
  pskbMayPull,
  pskbTrim,
  segmentsKeepOwner,
  skbLinearize,
  skbSegment,
  skbShift,
  type SkBuff,
  skbHeadlen,
  setTsoSegs,
  tcpFragment,
  tcpTrimHead,
  CHANGES,
  PAGE_SIZE,
} from '@lastref/kernel';
import {
  DATA,
  ENTRY_AND_MARKER,
  ENTRY_MARKER_LATE,
  HANDED_OVER,
  WHOLE,
  type Operation,
  type OperationBench,
  SKBUFF,
  handedOver,
  received,
  SKBUFF_H,
  TCP_OUTPUT,
  WRITE_QUEUE,
  withHeaders,
  SENDER,
} from '../operation.ts';

const SHIFT = {
  meets: WRITE_QUEUE,
  joins: true,
  feeds: 'esp_input',
  file: SKBUFF,
  since: CHANGES.skbShift,
  until: null,
  refs: 'moved; +1 straddled, -1 merged whole',
  carries: ENTRY_MARKER_LATE,
} as const satisfies Omit<Operation, 'id' | 'who' | 'apply'>;

/** A message that RDS takes out of the stream that it has received: nobody else calls it. @kernel net/rds/tcp_recv.c rds_tcp_data_recv */
const CARVE = {
  file: SKBUFF,
  since: '4.7',
  until: null,
  refs: '+1 per frag that is kept; a block copy of the shared info',
  carries: DATA,
} as const satisfies Omit<Operation, 'id' | 'who' | 'apply'>;

/** A place in `skb` that is in its second page, where the design let one in. */
function intoSecondPage(skb: SkBuff): number {
  return Math.min(PAGE_SIZE + 100, skb.len - 100);
}

export const CUTTING: readonly Operation[] = [
  {
    id: '__pskb_pull_tail',
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag eaten',
    carries: WHOLE,
    apply: (b) => {
      const packet = b.packet(b.first);
      pskbMayPull(b.k, packet, skbHeadlen(packet) + 4096 + 100);
    },
  },
  {
    id: 'skb_linearize',
    who: SENDER,
    file: SKBUFF_H,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag, all',
    carries: [],
    apply: (b) => skbLinearize(b.k, b.packet(b.first)),
  },
  {
    id: 'skb_cow_data',
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag, all',
    carries: [],
    apply: (b) => skbCowData(b.k, b.packet(b.first)),
  },
  {
    id: 'skb_copy_ubufs',
    who: SENDER,
    file: SKBUFF,
    since: '3.1',
    until: null,
    refs: 'old -1 per frag, new pages',
    carries: [],
    apply: (b) => skbCopyUbufs(b.k, b.packet(b.first)),
  },
  {
    id: '___pskb_trim',
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag behind the cut',
    carries: WHOLE,
    apply: (b) => {
      const packet = b.packet(b.first);
      pskbTrim(b.k, packet, packet.headers + PAGE_SIZE + 100); // more than skb_condense would take into a head
    },
  },
  {
    id: 'pskb_carve_inside_header',
    onHost: true,
    who: SENDER,
    ...CARVE,
    apply: (b) =>
      b.hold(pskbExtract(b.k, withHeaders(received(b, b.packet(b.first))), 20, 6000), 'message'),
  },
  {
    id: 'pskb_carve_inside_nonlinear',
    onHost: true,
    who: SENDER,
    ...CARVE,
    // Up to the middle of an entry: a page is left out, and one begins later.
    apply: (b) => {
      const packet = received(b, b.packet(b.first));
      const off = packet.headers + intoSecondPage(b.first);
      b.hold(pskbExtract(b.k, packet, off, Math.min(4096, packet.len - off)), 'message');
    },
  },
  {
    id: '__pskb_trim_head',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag before the cut',
    carries: WHOLE,
    apply: (b) => {
      b.inFlight(b.first);
      tcpTrimHead(b.sk, b.first, intoSecondPage(b.first));
      setTsoSegs(b.sk, b.first);
    },
  },
  {
    id: 'skb_split',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    feeds: 'esp_input',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'moved; +1 for the straddled one',
    carries: ENTRY_AND_MARKER,
    apply: (b) => {
      const rest = tcpFragment(b.sk, b.first, intoSecondPage(b.first)); // as tso_fragment does with what was never sent
      b.inFlight(rest);
    },
  },
  {
    id: 'tso_fragment',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    file: TCP_OUTPUT,
    since: '2.6.13',
    until: null,
    refs: 'as skb_split: never sent, so never shared',
    carries: ENTRY_AND_MARKER,
    apply: (b) => {
      tcpFragment(b.sk, b.second, 1000);
      b.inFlight(b.first);
    },
  },
  {
    id: 'tcp_fragment',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: 'un-shares, then as skb_split',
    carries: ENTRY_AND_MARKER,
    apply: (b) => {
      b.inFlight(b.first);
      tcpFragment(b.sk, b.first, Math.min(PAGE_SIZE, b.first.len - 100));
    },
  },
  {
    id: 'skb_shift',
    who: 'remote peer',
    ...SHIFT,
    apply: (b) => {
      const { first, second, k } = b;
      b.inFlight(second);
      if (skbShift(k, first, second, second.len) === 0) return;
      first.endSeq = second.endSeq; // as tcp_shifted_skb does, with an skb that is empty now
      first.pcount += second.pcount;
      b.dequeue(second);
    },
  },
  {
    id: 'skb_shift (part)',
    who: 'remote peer',
    ...SHIFT,
    // Up to the middle of an entry, which both packets have afterwards.
    apply: (b) => {
      const { first, second, k } = b;
      b.inFlight(second);
      const moved = skbShift(k, first, second, 3000);
      first.endSeq = (first.endSeq + moved) | 0;
      second.seq = (second.seq + moved) | 0;
    },
  },
  {
    id: 'skb_segment',
    who: SENDER,
    feeds: 'esp_input',
    file: SKBUFF,
    since: '2.6.18',
    until: null,
    refs: '+1 per segment and frag',
    carries: ENTRY_AND_MARKER,
    // Two segments, and a page that both have a part of.
    apply: (b) => segments(b, b.packet(b.first), 6000),
  },
  {
    id: 'skb_segment (handed over)',
    who: SENDER,
    meets: HANDED_OVER,
    effect: 'lends',
    file: SKBUFF,
    since: '2.6.18',
    until: null,
    refs: '+1 per segment and frag',
    carries: ENTRY_AND_MARKER,
    // A packet that nobody has cloned on the way, as a guest's is: CVE-2014-0131.
    apply: (b) => segments(b, handedOver(b), 2048),
  },
];

/**
 * Cuts `packet` up as a device without segmentation has it done, and somebody holds each segment. Whoever calls skb_segment lets go
 * of the packet itself, which goes nowhere. One of TCP comes there by tcp_gso_segment alone, which hands its charge on.
 * @kernel net/core/dev.c dev_hard_start_xmit (2.6.28, 3.17), validate_xmit_skb (3.18, 7.2), include/net/udp.h udp_rcv_segment (5.10);
 * net/core/gso.c skb_mac_gso_segment, net/ipv4/tcp_offload.c tcp_gso_segment (7.2)
 */
function segments(b: OperationBench, packet: SkBuff, gsoSize: number): void {
  packet.shinfo.gsoSize = gsoSize;
  const list = skbSegment(b.k, packet, b.sk.route.sg);
  segmentsKeepOwner(b.k, packet, list);
  let n = 0;
  for (let s: SkBuff | null = list; s !== null;) {
    const { next }: SkBuff = s;
    s.next = null;
    b.hold(s, `segment ${++n}`);
    s = next;
  }
  if (b.k.era.changes.has(CHANGES.validateXmit)) b.used(packet);
  else b.watch(new CutUp(b, packet), 'dev_hard_start_xmit');
}

/**
 * Up to 3.17 the sender has the packet until its device has taken the last segment, which it may have read by then. Nobody reads the
 * packet itself.
 * @kernel net/core/dev.c dev_hard_start_xmit (2.6.28, 3.17)
 */
class CutUp extends SingleStep {
  private readonly k: Kernel;
  private packet: SkBuff | null;

  constructor(b: OperationBench, packet: SkBuff) {
    super('the sender', 'frees what was cut up');
    this.k = b.k;
    this.packet = packet;
    b.gone(packet);
    this.k.agenda.add(this);
    this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  take(): boolean {
    const { k, packet } = this;
    if (packet === null) return false;
    k.agenda.disarm(this.place);
    k.context = Context.SOFTIRQ;
    this.packet = null;
    kfreeSkb(k, packet);
    return true;
  }
}

declareState(CutUp, {
  state: 'packet',
  constant: 'k',
});
