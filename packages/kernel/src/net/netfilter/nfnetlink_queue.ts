// Packets that wait for a program's verdict, for as long as it likes, and the messages that tell it of them.
import { SingleStep, type StepSource } from '../../agenda.ts';
import { expectNoMemory } from '../../errors.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Context, Reader } from '../../probe.ts';
import { probeReads } from '../core/datagram.ts';
import type { NetDevice } from '../core/dev.ts';
import { allocSkb, copySkbHeader, skbPut } from '../core/skb_alloc.ts';
import { skbCopyBits } from '../core/skb_clone.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { skbZerocopy } from '../core/skb_private.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import { skbSegment } from '../core/skb_segment.ts';
import { Checksum, skbHeadlen, type SkBuff } from '../core/skbuff.ts';
import { checksumHelp } from '../ipv4/checksum.ts';
import { ipId } from '../ipv4/ip_header.ts';
import { fixSegmentHeader } from '../ipv4/tcp_header.ts';
import { segmentsKeepOwner } from '../ipv4/tcp_offload.ts';
import { declareState } from '../../state.ts';

/** What the program says of a packet: verbs of its step. @kernel include/linux/netfilter.h NF_ACCEPT, NF_DROP */
export const Verdict = { ACCEPT: 0, DROP: 1 } as const;

export interface NfQueueConfig {
  /** Bytes of each packet that the program wants to see; 0: only that there is one. */
  readonly copyRange: number;
  /** The program takes packets as they are, large and not summed. @kernel NFQA_CFG_F_GSO (3.10) */
  readonly takesGso?: boolean;
  /** Packets that may wait. */
  readonly maxLength?: number;
  /** Ticks from a message to its being read, and from there to the verdict. */
  readonly readTicks: number;
}

class MessageStep extends SingleStep {
  private readonly queue: NfQueue;

  constructor(queue: NfQueue) {
    super(`${queue.name} listener`, 'reads of a packet');
    this.queue = queue;
  }

  take(): boolean {
    return this.queue.readMessage();
  }
}

declareState(MessageStep, {
  state: 'queue',
});

class VerdictStep implements StepSource {
  readonly name: string;
  readonly verbs = ['accepts the oldest packet', 'drops the oldest packet'] as const;
  place = -1;
  private readonly queue: NfQueue;

  constructor(queue: NfQueue) {
    this.name = `${queue.name} verdict`;
    this.queue = queue;
  }

  item(): number {
    return 0;
  }

  choices(out: number[]): void {
    out.push(Verdict.ACCEPT, 0, Verdict.DROP, 0);
  }

  take(verb: number): boolean {
    return this.queue.verdict(verb);
  }
}

declareState(VerdictStep, {
  state: 'queue',
  constant: 'name verbs place',
});

/** @kernel net/netfilter/nfnetlink_queue.c nfqnl_enqueue_packet, nfqnl_recv_verdict (2.6.24, 3.8, 3.18) */
export class NfQueue implements Holder {
  readonly k: Kernel;
  readonly name: string;
  readonly messageStep: MessageStep;
  readonly verdictStep: VerdictStep;
  /** Packets that found the queue full, or no memory. */
  drops = 0;
  private readonly config: NfQueueConfig;
  /** Where packets go on: the rest of the way to a device. */
  private readonly device: NetDevice;
  private readonly parked = new SkBuffHead();
  private readonly messages = new SkBuffHead();
  /** Packets that the program knows of. */
  private known = 0;

  constructor(k: Kernel, name: string, device: NetDevice, config: NfQueueConfig) {
    this.k = k;
    this.name = name;
    this.device = device;
    this.config = config;
    this.messageStep = new MessageStep(this);
    this.verdictStep = new VerdictStep(this);
    k.agenda.add(this.messageStep);
    k.agenda.add(this.verdictStep);
    k.holders.push(this);
  }

  /** Takes a packet out of its way. A large one is cut first, unless the program takes it so: without scatter and gather, its bytes are copied. */
  enqueue(skb: SkBuff): void {
    const { k } = this;
    if (skb.shinfo.gsoSize === 0 || this.config.takesGso === true) {
      this.park(skb);
      return;
    }
    let segments: SkBuff | null = null;
    try {
      segments = skbSegment(k, skb, false);
      segmentsKeepOwner(k, skb, segments);
    } catch (error) {
      expectNoMemory(error);
      this.drops++;
    }
    let id = ipId(k.mem, skb.data);
    while (segments !== null) {
      const { next }: SkBuff = segments;
      const { data, len, seq } = segments;
      segments.next = null;
      if (skb.headers > 0) fixSegmentHeader(k.mem, data, len, seq, id++ & 0xffff, next === null);
      this.park(segments);
      segments = next;
    }
    kfreeSkb(k, skb);
  }

  private drop(skb: SkBuff): void {
    this.drops++;
    kfreeSkb(this.k, skb);
  }

  private park(skb: SkBuff): void {
    if (this.parked.qlen >= (this.config.maxLength ?? 1024)) {
      this.drop(skb);
      return;
    }
    try {
      if (this.config.copyRange > 0) this.messages.push(this.message(skb));
      else this.known++;
    } catch (error) {
      expectNoMemory(error);
      this.drop(skb);
      return;
    }
    this.parked.push(skb);
    this.arm(this.messageStep, this.messages.qlen);
    this.arm(this.verdictStep, this.known);
  }

  /** A netlink message with the packet's first bytes: copied, or from 3.10 on its pages. @kernel nfqnl_build_packet_message */
  private message(skb: SkBuff): SkBuff {
    const { k } = this;
    const takesGso = this.config.takesGso === true;
    if (!takesGso && skb.ipSummed === Checksum.PARTIAL && skb.headers > 0) {
      checksumHelp(k, skb);
      skb.ipSummed = Checksum.NONE;
    }
    if (k.era.nfqueueZerocopy) return skbZerocopy(k, skb);
    const size = Math.min(this.config.copyRange, skb.len);
    const message = allocSkb(k, size, false);
    copySkbHeader(message, skb); // Model: what an observer knows it by; its control block is its own
    message.cb = null;
    message.headers = Math.min(skb.headers, size);
    skbCopyBits(k, skb, 0, skbPut(message, size), size);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += Math.max(0, skbHeadlen(message) - skb.headers);
    return message;
  }

  private arm(step: StepSource, waiting: number): void {
    const { agenda } = this.k;
    if (waiting === 0) agenda.disarm(step.place);
    else if (!agenda.isArmed(step.place))
      agenda.arm(step.place, agenda.now + this.config.readTicks);
  }

  /** The program reads one message. */
  readMessage(): boolean {
    const { k } = this;
    const message = this.messages.shift();
    if (message === null) return false;
    k.context = Context.PROCESS;
    probeReads(k, message, Reader.TAP);
    kfreeSkb(k, message);
    this.known++;
    k.agenda.disarm(this.messageStep.place);
    this.arm(this.messageStep, this.messages.qlen);
    this.arm(this.verdictStep, this.known);
    return true;
  }

  /** @kernel net/netfilter/nf_queue.c nf_reinject */
  verdict(verb: number): boolean {
    const { k } = this;
    if (this.known === 0) return false;
    const skb = this.parked.shift();
    if (skb === null) return false;
    k.context = Context.PROCESS;
    this.known--;
    k.agenda.disarm(this.verdictStep.place);
    this.arm(this.verdictStep, this.known);
    if (verb === Verdict.ACCEPT) this.device.queueXmit(skb);
    else kfreeSkb(k, skb);
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.parked.first, visitor, 'nfqueue');
    visitList(this.messages.first, visitor, 'netlink queue');
  }
}

declareState(NfQueue, {
  state: 'messageStep verdictStep device parked messages known',
  count: 'drops',
  constant: 'k name config',
});
