// Goal: what is in a capture file of any size, in one pass and with memory for its connections alone; and one
// connection of it as a log that can be played again. Non-goal: verdicts on segments one by one (analysis.ts).
import type { Readable } from 'node:stream';
import { Analyst, type Totals } from './analysis.ts';
import { Follower, type Builder, type Endpoint, type Segment, type Side } from './connections.ts';
import { Warnings } from './errors.ts';
import { Flow, type RpcEvent } from './flow.ts';
import { FrameReader, type FrameSink } from './frames.ts';
import { FlowLog } from './log.ts';
import type { Unread } from './rpc-reader.ts';
import { readPath, readStream } from './unpack.ts';

/** Where a capture comes from: a path, or a stream such as standard input. */
export type CaptureInput = string | Readable;

/** By client and server. */
export type BySide = readonly [client: number, server: number];

export interface RpcSummary {
  /** Calls by who called, counted once whatever the copies. */
  readonly calls: BySide;
  /** Transmissions of calls, the first ones among them. */
  readonly copies: BySide;
  /** Replies to the calls of each side. */
  readonly replies: BySide;
  readonly strayReplies: number;
  /** Calls without a reply in the capture. */
  readonly unanswered: number;
  /** Whole pages that the calls and the replies of each side carry. */
  readonly callPages: BySide;
  readonly replyPages: BySide;
  /** Bytes of each side in which no record was read, and why. */
  readonly unreadBytes: BySide;
  readonly unread: readonly { side: Side; from: number; to: number; why: Unread }[];
  /** Records whose end is not in the capture. */
  readonly open: BySide;
}

/** One connection of a capture. */
export interface ConnectionSummary {
  readonly id: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** Nanoseconds since 1970 of its first frame, and from there to its last one. */
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly frames: BySide;
  readonly dataSegments: BySide;
  readonly payloadBytes: BySide;
  /** Data segments with bytes that the capture has seen before, by sequence number. */
  readonly retransmissions: BySide;
  /** Of those, what came after its ACK: a sign that the capture was not taken at the sender. */
  readonly afterAck: BySide;
  /** Of the data segments, those that are another's packet, captured twice: at two interfaces. */
  readonly copies: BySide;
  /** Bytes that were sent, as what is around them says, and that no frame of the capture carries. */
  readonly unseenBytes: BySide;
  /** Bytes without an ACK when the capture ends. */
  readonly openBytes: BySide;
  /** What an analyser says. */
  readonly analysis: Totals;
  /** Are both SYNs in the capture, and is the end? */
  readonly handshake: boolean;
  readonly ended: boolean;
  /** Null: none was read. */
  readonly rpc: RpcSummary | null;
  /** Without RPC: does the snap length leave too little of a side's payload to say that it is none? */
  readonly illegible: readonly [client: boolean, server: boolean];
}

/** What a capture file holds. */
export interface CaptureSummary {
  readonly file: string;
  readonly format: 'pcap' | 'pcapng';
  readonly nanoseconds: boolean;
  readonly frames: number;
  readonly tcpFrames: number;
  /** Nanoseconds since 1970 of the first frame, null without one; from there to the last one. */
  readonly startNs: bigint | null;
  readonly durationNs: number;
  readonly connections: readonly ConnectionSummary[];
  readonly warnings: readonly string[];
}

/** Reads `input` frame by frame. @throws CaptureError, or the error of the file system. */
async function readFrames(
  input: CaptureInput,
  file: string,
  warnings: Warnings,
  sink: FrameSink,
): Promise<FrameReader> {
  const reader = new FrameReader(file, warnings, sink);
  if (typeof input === 'string') await readPath(input, reader);
  else await readStream(input, reader);
  return reader;
}

/** Lists what is in a capture. @throws CaptureError if it cannot be read at all. */
export async function listCapture(input: CaptureInput, file: string): Promise<CaptureSummary> {
  const warnings = new Warnings();
  const tallies: Tally[] = [];
  const follower = new Follower(warnings, (builder, segment) => {
    if (builder.id === tallies.length) tallies.push(new Tally(builder));
    tallies[builder.id]!.add(segment);
  });
  let durationNs = 0n;
  const reader = await readFrames(input, file, warnings, (frame) => {
    follower.frame(frame);
    const since = frame.timeNs - follower.startNs!;
    if (since > durationNs) durationNs = since;
  });
  const startNs = follower.startNs;
  return {
    file,
    format: reader.format,
    nanoseconds: reader.nanoseconds,
    frames: follower.frames,
    tcpFrames: follower.tcpFrames,
    startNs,
    durationNs: Number(durationNs),
    connections: tallies.map((tally) => tally.summary(startNs ?? 0n)),
    warnings: warnings.list(),
  };
}

/** The logs of the connections with these numbers, in this order, and what was odd in the file. */
export async function logFlows(
  input: CaptureInput,
  file: string,
  ids: readonly number[],
): Promise<{ logs: FlowLog[]; warnings: string[] }> {
  const warnings = new Warnings();
  const logs = new Map<number, FlowLog | null>(ids.map((id) => [id, null]));
  const follower = new Follower(warnings, (builder, segment) => {
    const log = logs.get(builder.id);
    if (log === undefined) return;
    if (log !== null) return log.add(segment);
    const { id, client, server } = builder;
    const fresh = new FlowLog({ id, client, server });
    logs.set(id, fresh);
    fresh.add(segment);
  });
  await readFrames(input, file, warnings, (frame) => follower.frame(frame));
  follower.needTcp(file);
  const found = ids.map((id) => logs.get(id)).filter((log) => log instanceof FlowLog);
  return { logs: found.map((log) => log.finish()), warnings: warnings.list() };
}

const PAGE = 4096;

/** What is counted of one connection. */
class Tally {
  private readonly builder: Builder;
  private readonly analyst = new Analyst();
  private readonly flow: Flow;
  private readonly frames: [number, number] = [0, 0];
  private readonly copied: [number, number] = [0, 0];
  private readonly calls: [number, number] = [0, 0];
  private readonly copies: [number, number] = [0, 0];
  private readonly replies: [number, number] = [0, 0];
  private readonly callPages: [number, number] = [0, 0];
  private readonly replyPages: [number, number] = [0, 0];
  private lastNs = 0;

  constructor(builder: Builder) {
    this.builder = builder;
    this.flow = new Flow({ rpc: (event) => this.rpcEvent(event) });
  }

  add(segment: Segment): void {
    this.frames[segment.from]++;
    if (segment.copy && segment.length > 0) this.copied[segment.from]++;
    if (segment.ns > this.lastNs) this.lastNs = segment.ns;
    this.analyst.add(segment);
    this.flow.add(segment);
  }

  private rpcEvent({ head, from, id, copy }: RpcEvent): void {
    const pages = Math.floor((head.end - head.start) / PAGE);
    if (!head.call) {
      this.replyPages[from] += pages;
      if (id >= 0) this.replies[from === 0 ? 1 : 0]++;
      return;
    }
    this.copies[from]++;
    if (copy > 1) return;
    this.calls[from]++;
    this.callPages[from] += pages;
  }

  summary(startNs: bigint): ConnectionSummary {
    const { builder, flow, analyst } = this;
    flow.finish();
    const [client, server] = flow.senders;
    const both = (of: (sender: typeof client) => number): BySide => [of(client), of(server)];
    return {
      id: builder.id,
      client: builder.client,
      server: builder.server,
      startNs: startNs + builder.startNs,
      durationNs: this.lastNs,
      frames: this.frames,
      dataSegments: both((s) => s.dataSegments),
      payloadBytes: both((s) => s.payloadBytes),
      retransmissions: both((s) => s.retransmissions),
      afterAck: both((s) => s.afterAck),
      copies: this.copied,
      unseenBytes: both((s) => s.unseenBytes),
      openBytes: both((s) => s.openBytes),
      analysis: analyst.totals(),
      handshake: builder.isn[0] !== -1 && builder.isn[1] !== -1,
      ended: builder.ended,
      rpc: flow.isRpc ? this.rpcSummary() : null,
      illegible: [flow.isIllegible(0), flow.isIllegible(1)],
    };
  }

  private rpcSummary(): RpcSummary {
    const { flow } = this;
    return {
      calls: this.calls,
      copies: this.copies,
      replies: this.replies,
      strayReplies: flow.match.strayReplies,
      unanswered: flow.match.unanswered,
      callPages: this.callPages,
      replyPages: this.replyPages,
      unreadBytes: [
        flow.senders[0].reader?.unreadBytes ?? 0,
        flow.senders[1].reader?.unreadBytes ?? 0,
      ],
      unread: ([0, 1] as const).flatMap((side) =>
        flow.unread(side).map((part) => ({ side, ...part })),
      ),
      open: [flow.open(0).length, flow.open(1).length],
    };
  }
}
