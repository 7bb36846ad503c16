// The document of a capture: its connections, and what cannot be known from it.
import type { CaptureSummary, ConnectionSummary } from '@lastref/capture';
import type { CaptureDocument } from '@lastref/report';
import { many } from '@lastref/report/words';
import { digestOfDocument } from './digest.ts';

export function captureDocument(summary: CaptureSummary): CaptureDocument {
  const content = contentOf(summary);
  return { ...content, digest: digestOfDocument(content) };
}

function contentOf(summary: CaptureSummary): Omit<CaptureDocument, 'digest'> {
  const { file, format, nanoseconds, frames, tcpFrames, startNs, durationNs, warnings } = summary;
  return {
    schema: 'lastref.capture/1',
    file,
    format,
    nanoseconds,
    frames,
    tcpFrames,
    start: startNs === null ? null : utc(startNs),
    seconds: durationNs / 1e9,
    connections: summary.connections.map(connectionOf),
    unknown: [...warnings],
  };
}

function connectionOf(c: ConnectionSummary): CaptureDocument['connections'][number] {
  const {
    retransmissions,
    fast,
    spurious,
    outOfOrder,
    dupAcks,
    lostSegments,
    zeroWindows,
    truncated,
  } = c.analysis;
  return {
    id: c.id,
    client: c.client,
    server: c.server,
    start: utc(c.startNs),
    seconds: c.durationNs / 1e9,
    frames: [...c.frames],
    dataSegments: [...c.dataSegments],
    payloadBytes: [...c.payloadBytes],
    retransmissions: [...c.retransmissions],
    afterAck: [...c.afterAck],
    unseenBytes: [...c.unseenBytes],
    openBytes: [...c.openBytes],
    analysis: {
      retransmissions,
      fast,
      spurious,
      outOfOrder,
      dupAcks,
      lostSegments,
      zeroWindows,
      truncated,
    },
    handshake: c.handshake,
    ended: c.ended,
    rpc: c.rpc === null ? null : rpcOf(c.rpc),
    unknown: unknownOf(c),
  };
}

function rpcOf(
  rpc: NonNullable<ConnectionSummary['rpc']>,
): NonNullable<CaptureDocument['connections'][number]['rpc']> {
  const {
    calls,
    copies,
    replies,
    callPages,
    replyPages,
    unreadBytes,
    open,
    strayReplies,
    unanswered,
  } = rpc;
  return {
    calls: [...calls],
    copies: [...copies],
    replies: [...replies],
    strayReplies,
    unanswered,
    callPages: [...callPages],
    replyPages: [...replyPages],
    unreadBytes: [...unreadBytes],
    unread: rpc.unread.map(({ side, from, to, why }) => ({ side: SIDES[side], from, to, why })),
    open: [...open],
  };
}

const SIDES = ['client', 'server'] as const;
const SNAP_RIGHT = 'tcpdump -s 256 keeps enough';

/** What of a connection the capture does not show, one line each. */
function unknownOf(c: ConnectionSummary): string[] {
  const lines: string[] = [];
  if (!c.handshake)
    lines.push('its start: no SYN of both sides was captured, so windows are not scaled');
  SIDES.forEach((who, side) => {
    if (c.unseenBytes[side]! > 0)
      lines.push(`${many(c.unseenBytes[side]!, 'byte')} of the ${who} in no frame`);
    if (c.copies[side]! > 0)
      lines.push(
        `at which interface ${c.copies[side]} segments of the ${who} went: the same packets are there twice (tcpdump -i any); they are driven once`,
      );
    if (c.openBytes[side]! > 0)
      lines.push(
        `whether ${many(c.openBytes[side]!, 'byte')} of the ${who} arrived: no ACK of them was captured`,
      );
    if (c.afterAck[side]! > 0)
      lines.push(
        `when ${c.afterAck[side]} segments of the ${who} were sent again: they came after their ACK, so the capture was not taken there`,
      );
    const unread = c.rpc?.unreadBytes[side] ?? 0;
    if (c.rpc === null && c.illegible[side])
      lines.push(
        `whether the ${who} speaks RPC: the snap length leaves too little of its payload, ${SNAP_RIGHT}`,
      );
    if (unread > 0)
      lines.push(
        `the RPC in ${many(unread, 'byte')} of the ${who}: ${[...new Set(c.rpc!.unread.filter((u) => u.side === side).map((u) => u.why))].join('; ')}`,
      );
  });
  if (c.rpc !== null && c.rpc.unanswered > 0)
    lines.push(`the end of ${many(c.rpc.unanswered, 'call')}: no reply is in the capture`);
  if (c.rpc !== null && c.rpc.strayReplies > 0)
    lines.push(`which calls ${c.rpc.strayReplies} replies answer: they were not read`);
  return lines;
}

/** ISO 8601 in UTC with nanoseconds, also before 1970. */
function utc(ns: bigint): string {
  const seconds = ns / 1_000_000_000n - (ns % 1_000_000_000n < 0n ? 1n : 0n);
  const fraction = ns - seconds * 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000);
  const text = Number.isNaN(date.getTime())
    ? `${seconds} s after 1970, `
    : date.toISOString().slice(0, -5);
  return `${text}.${fraction.toString().padStart(9, '0')}Z`;
}
