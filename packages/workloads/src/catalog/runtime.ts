// What happens to a program above a socket: one event each. Whoever has a runtime plays them, and no design does.
import { Loopback, PAGE_SIZE, Side, TcpHost, TcpPath, type Kernel } from '@lastref/kernel';
import { FarEnd, HalfClose, type FarEndOptions } from '../apps/far-end.ts';
import { Teardown } from '../apps/teardown.ts';
import { Operator, ProgramHost, type ProgramOptions } from '../producers/program/host.ts';
import type { LinkChances, Scenario, Workload } from '../scenario.ts';
import { HOST_A, HOST_B, type TwoHosts, type WireOptions } from '../topology.ts';
import { HORIZON, KIB, MBIT, SECOND, chances, world } from './parts.ts';

const PORT = 5001;
const CLIENT_PORT = 45001;
const PEER = { readBytes: 1 << 20, readTicks: 20 };
/** Large packets are cut before the wire, and a page takes three. */
const SMALL_PACKETS = {
  mtu: 1500,
  features: { sg: true, csum: true, tso: false, gso: false },
} as const;

interface Play {
  readonly net: TwoHosts;
  readonly host: ProgramHost;
  readonly peer: FarEnd;
  readonly k: Kernel;
  /** In miniature. */
  readonly small: boolean;
}

interface Plot {
  readonly id: string;
  readonly title: string;
  readonly story: string;
  readonly who?: Workload['who'];
  readonly wire?: Partial<WireOptions>;
  readonly peer?: Partial<FarEndOptions>;
  readonly program?: Partial<ProgramOptions>;
  /** It answers each request. */
  readonly answers?: true;
  readonly link?: LinkChances;
  /** What else is on the machine. */
  readonly event?: (play: Play) => void;
}

type Size = Pick<ProgramOptions, 'operations' | 'buffers' | 'pagesPerBuffer'>;

/** At full size four buffers of four pages; in miniature a page for each request. */
function sizeOf(operations: number | undefined): Size {
  return operations === undefined
    ? { operations: 32, buffers: 4, pagesPerBuffer: 4 }
    : { operations, buffers: Math.min(operations, 2), pagesPerBuffer: 1 };
}

function common({ id, title, story, who }: Plot): Omit<Workload, 'build'> {
  return {
    id,
    title,
    story,
    runtime: true,
    lends: { by: 'process', over: 'tcp' },
    who: who ?? 'remote peer',
    frames: 2048,
    horizonTicks: HORIZON,
  };
}

/** Two hosts and a wire between them. */
function overWire(plot: Plot): Workload {
  return {
    ...common(plot),
    build(k, _seed, operations): Scenario {
      const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000, ...plot.wire }, operations);
      const path = new TcpPath('program', net.a, Side.LENT, net.routeA, CLIENT_PORT, HOST_B, PORT);
      const size = sizeOf(operations);
      const answers = plot.answers ? { answerEvery: size.pagesPerBuffer * PAGE_SIZE } : {};
      const options = { ...PEER, side: Side.PEER, route: net.routeB, ...answers, ...plot.peer };
      const peer = new FarEnd(k, options);
      net.b.listen(PORT, peer);
      const host = new ProgramHost(k, { ...size, ...plot.program, path });
      plot.event?.({ net, host, peer, k, small: operations !== undefined });
      const links =
        plot.link === undefined ? [] : [[net.forward.place, plot.link] as [number, LinkChances]];
      return { participants: [host], chances: chances(...links) };
    },
  };
}

export const RUNTIME_PLAIN = overWire({
  id: 'runtime-plain',
  title: 'a program sends, and the peer reads',
  story:
    'Request after request over one connection, from buffers that the program gets back and is given again. The wire loses a packet now and then, so what was sent may be sent a second time.',
  link: { drop: 20_000 },
});

export const RUNTIME_SHORT = overWire({
  id: 'runtime-short',
  title: 'sends that come short',
  story:
    'The send buffer holds less than a request: a call takes a part of it or nothing, and the rest is for later calls. A buffer belongs to several calls.',
  wire: { ...SMALL_PACKETS, wmem: 2 * KIB },
});

export const RUNTIME_ENOBUFS = overWire({
  id: 'runtime-enobufs',
  title: 'no memory for another notification',
  story:
    'The socket may have one call whose notification is not read yet (net.core.optmem_max): the next one fails with ENOBUFS, is given no number, and may be repeated without MSG_ZEROCOPY.',
  program: { optmemCalls: 1 },
  who: 'local user',
});

export const RUNTIME_LOOPBACK: Workload = {
  ...common({
    id: 'runtime-loopback',
    title: 'the peer is on the same host',
    story:
      'Over loopback pages are copied before the receiver has them, and the notification says so. It comes all the same, once for each call.',
    who: 'local user',
  }),
  build(k, _seed, operations): Scenario {
    const a = new TcpHost(k, 'a', HOST_A);
    const lo = new Loopback(k);
    lo.receiver = a;
    const { route } = lo;
    const peer = new FarEnd(k, { ...PEER, side: Side.LENT, route, readTicks: 3_000 });
    a.listen(PORT, peer);
    const path = new TcpPath('program', a, Side.LENT, route, CLIENT_PORT, HOST_A, PORT);
    const host = new ProgramHost(k, { ...sizeOf(operations), path });
    return { participants: [host], chances: chances() };
  },
};

export const RUNTIME_WRAP = overWire({
  id: 'runtime-wrap',
  title: 'the numbers of calls begin again at 0',
  story:
    'A socket counts its calls in 32 bits, and this one has made nearly all of them: within a few calls the number is 0 again, also within one notification.',
  wire: { ...SMALL_PACKETS, wmem: 2 * KIB },
  program: { firstCall: 0xffff_ffff },
});

export const RUNTIME_CLOSE = overWire({
  id: 'runtime-close',
  title: 'a program that is stopped while data is queued',
  story:
    'No request comes any more, and the program is to finish: what it has sent is still in the write queue, and is sent from its buffers after it let go of the socket.',
  who: 'local user',
  event: ({ k, host, small }) => {
    const operator = new Operator(host);
    new Teardown(k, 'operator', 'stops the program', operator, small ? 3_500 : 20_000);
  },
});

export const RUNTIME_RESET = overWire({
  id: 'runtime-reset',
  title: 'the peer resets the connection, and the program opens another',
  story:
    'RST: the kernel drops what is queued, but a packet may be in the ring still, and its notification comes later. The new socket counts its calls from 0.',
  event: ({ k, peer, small }) => {
    const [ticks, times] = small ? [2_500, 1] : [19_000, 4];
    new Teardown(k, 'peer end', 'resets the connection', peer, ticks, times);
  },
});

export const RUNTIME_HALF_CLOSE = overWire({
  id: 'runtime-half-close',
  title: 'the peer says that it will send no more, and reads on',
  story:
    'A FIN is the end of one direction. What the program has queued goes out as before, from its buffers.',
  event: ({ k, peer, small }) => {
    const end = new HalfClose(peer);
    new Teardown(k, 'peer sender', 'says that it sends no more', end, small ? 2_500 : 15_000);
  },
});

export const RUNTIME_ZERO_WINDOW = overWire({
  id: 'runtime-zero-window',
  title: 'the peer does not read, and whoever waits gives up',
  story:
    'The window of the peer is shut, the data stands in the write queue, and the time-out of a request runs off. That ends the waiting, not the sending: when the peer reads again, the data goes out.',
  wire: { ...SMALL_PACKETS, wmem: 2 * KIB },
  peer: { rcvbuf: 3 * KIB, readTicks: 2 * SECOND },
  program: { patience: { ticks: SECOND, times: 1 } },
});

export const RUNTIME_REPLIES = overWire({
  id: 'runtime-replies',
  title: 'the peer answers before the notification comes',
  story:
    'Each request is answered. The answer says that the peer has the data, and not that nobody reads the buffer any more: a retransmission may be in the ring, or about to be made.',
  answers: true,
  link: { drop: 20_000, hold: 20_000 },
});

export const RUNTIME_WORKLOADS: readonly Workload[] = [
  RUNTIME_PLAIN,
  RUNTIME_SHORT,
  RUNTIME_ENOBUFS,
  RUNTIME_LOOPBACK,
  RUNTIME_WRAP,
  RUNTIME_CLOSE,
  RUNTIME_RESET,
  RUNTIME_HALF_CLOSE,
  RUNTIME_ZERO_WINDOW,
  RUNTIME_REPLIES,
];
