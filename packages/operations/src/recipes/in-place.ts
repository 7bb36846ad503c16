// A writer in place, alone and behind the operations that once left the marker of shared frags behind.
import {
  CHANGES,
  Cryptd,
  PAGE_SIZE,
  changeAt,
  espInput,
  espInputAsync,
  espOutput,
  rxkadVerifyPacket,
  isBefore,
  tcpSendpage,
  type EspInputName,
  type Since,
  type SkBuff,
} from '@lastref/kernel';
import { CUTTING } from './cutting.ts';
import { JOINING } from './joining.ts';
import {
  NOT_OF_TCP,
  TUNNELLED,
  WHOLE,
  WRITE_QUEUE,
  atGro,
  atTunnel,
  received,
  type Met,
  type Operation,
  type OperationBench,
  SENDER,
} from '../operation.ts';
import { PATHS } from './paths.ts';
import { SHARING } from './sharing.ts';

const ESP4 = 'net/ipv4/esp4.c';

/**
 * What is decrypted: whatever carries ESP. A stream of TCP does from 5.6 on; before, what TCP has lent comes to a tunnel on its way out
 * alone, and what leaves that are the bytes that ESP has written.
 * @kernel net/xfrm/espintcp.c handle_esp (5.10, not in 5.3); net/ipv4/udp.c udp_queue_rcv_skb, encap_rcv (2.6.24)
 */
const CARRIES_ESP: readonly Met[] = [
  ...NOT_OF_TCP,
  ...WRITE_QUEUE.map((lent) => ({ ...lent, since: CHANGES.espInTcp })),
];

/** Those of `meets` that carry ESP. */
function carryingEsp(meets: readonly Met[] = CARRIES_ESP): Met[] {
  return meets.map((lent) =>
    lent.over === 'tcp'
      ? { ...lent, since: later(lent.since ?? CHANGES.espInTcp, CHANGES.espInTcp) }
      : lent,
  );
}

/** The one that came to the trunk after the other. */
function later(a: Since, b: Since): Since {
  const [first, second] = [changeAt(a).mainline, changeAt(b).mainline];
  return second === null || (first !== null && isBefore(first, second)) ? b : a;
}

/** What `operation` leaves behind is decrypted; what nobody holds yet is transmitted first. */
function decrypted(operation: Operation): Operation {
  return {
    id: `${operation.id}, esp_input`,
    onHost: true,
    who: SENDER,
    file: ESP4,
    since: later(operation.since, CHANGES.espInPlace),
    until: operation.until,
    refs: 'none where it writes in place, else as skb_cow_data',
    carries: operation.carries,
    ...(operation.joins === true ? { joins: true } : {}),
    meets: carryingEsp(operation.meets),
    apply: (b) => {
      operation.apply(b);
      const made = b.inHands();
      for (const skb of made.length > 0 ? made : [b.packet(b.first)]) receive(b, skb);
    },
  };
}

/** It comes up from a device before ESP sees it. */
function receive(b: OperationBench, skb: SkBuff, as: EspInputName = 'esp_input'): void {
  espInput(b.k, received(b, skb), as);
}

/** An engine that is done with its requests when the bench says so. */
function cryptd(b: OperationBench): Cryptd {
  const engine = new Cryptd(b.k);
  b.watch(engine, 'crypto engine');
  return engine;
}

/** A packet of half a page: what is larger than a page, ESP copies before it encrypts. */
function small(b: OperationBench): SkBuff {
  const { page, pageOffset, loan } = b.next();
  tcpSendpage(b.sk, page, pageOffset, PAGE_SIZE / 2, loan);
  return b.packet(b.sk.writeQueue.last!);
}

/** What ESP does to a packet, of IPv4 or of IPv6. */
function esp(file: string, input: EspInputName): Operation[] {
  const output = input === 'esp_input' ? 'esp_output_tail' : 'esp6_output_tail';
  return [
    {
      id: input,
      onHost: true,
      who: SENDER,
      meets: CARRIES_ESP,
      file,
      since: '2.6.12',
      until: null,
      refs: 'none where it writes in place (4.11 on), else as skb_cow_data',
      carries: [],
      apply: (b) => receive(b, b.packet(b.first), input),
    },
    {
      id: `${input} (GRO)`,
      onHost: true,
      who: SENDER,
      meets: NOT_OF_TCP,
      file,
      since: CHANGES.espGro,
      until: null,
      refs: `as ${input}, before skb_orphan_frags_rx`,
      carries: [],
      apply: (b) => espInput(b.k, atGro(b, b.packet(b.first)), input),
    },
    {
      id: `${input} (async)`,
      onHost: true,
      who: SENDER,
      meets: CARRIES_ESP,
      file,
      since: '2.6.25', // crypto_aead [38320c70d282]
      until: null,
      refs: `as ${input}; the engine has the skb until it is done`,
      carries: [],
      apply: (b) => {
        const packet = received(b, b.packet(b.first));
        const next = (skb: SkBuff): void => b.hold(skb, 'receive queue');
        espInputAsync(b.k, packet, cryptd(b), next, input);
        b.gone(packet);
      },
    },
    {
      id: output,
      who: SENDER,
      meets: TUNNELLED,
      effect: 'lends',
      file,
      since: CHANGES.espInPlace,
      until: null,
      refs: 'taken from the frags, and put when the engine is done; else as skb_cow_data',
      carries: [],
      apply: (b) => {
        const packet = atTunnel(b, small(b));
        espOutput(b.k, packet, cryptd(b), (skb) => b.device.queueXmit(skb), output);
        b.gone(packet);
      },
    },
  ];
}

export const IN_PLACE: readonly Operation[] = [
  ...esp(ESP4, 'esp_input'),
  ...esp('net/ipv6/esp6.c', 'esp6_input'),
  {
    id: 'rxkad_verify_packet',
    onHost: true,
    who: SENDER,
    meets: NOT_OF_TCP, // rxrpc has a socket of UDP, and what it receives was sent here or came from a device
    file: 'net/rxrpc/rxkad.c',
    since: '2.6.22',
    until: null,
    refs: 'as skb_cow_data up to 5.2, then none where it writes in place; a copy, or none, since 2026',
    carries: WHOLE.map((c) => ({ ...c, since: CHANGES.rxrpcBuffer })),
    apply: (b) => {
      const packet = received(b, b.packet(b.first));
      const own = rxkadVerifyPacket(b.k, packet);
      if (own === packet) return;
      b.gone(packet);
      b.hold(own, 'rxrpc call');
    },
  },
  ...[...SHARING, ...CUTTING, ...JOINING, ...PATHS]
    .filter((operation) => operation.feeds === 'esp_input')
    .map(decrypted),
];
