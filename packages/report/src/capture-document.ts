// `lastref capture FILE --json`: what a capture holds, and what cannot be known from it.
import { z } from 'zod';

/** By client and server. */
const bySide = z.tuple([z.number(), z.number()]);
const peer = z.object({ address: z.string(), port: z.number().int() });

const connectionSchema = z.object({
  /** As `compare --capture FILE --flow ID` takes it. */
  id: z.number().int(),
  client: peer,
  server: peer,
  /** Of its first frame, in UTC, and from there to the last one. */
  start: z.string(),
  seconds: z.number(),
  frames: bySide,
  dataSegments: bySide,
  payloadBytes: bySide,
  /** Data segments with bytes that the capture had before, by sequence number. */
  retransmissions: bySide,
  /** Of those, what came after its ACK: the capture was not taken at that side. */
  afterAck: bySide,
  /** Bytes that no frame carries, though others lie behind them or acknowledge them. */
  unseenBytes: bySide,
  /** Bytes without an ACK at the end of the capture. */
  openBytes: bySide,
  /** What an analyser calls them: Wireshark's rules. */
  analysis: z.object({
    retransmissions: z.number().int(),
    fast: z.number().int(),
    spurious: z.number().int(),
    outOfOrder: z.number().int(),
    dupAcks: z.number().int(),
    lostSegments: z.number().int(),
    zeroWindows: z.number().int(),
    truncated: z.number().int(),
  }),
  /** Are both SYNs there, and a FIN of each side or a RST? */
  handshake: z.boolean(),
  ended: z.boolean(),
  /** Null: no RPC was read in it. */
  rpc: z
    .object({
      /** By who called. */
      calls: bySide,
      copies: bySide,
      replies: bySide,
      strayReplies: z.number().int(),
      unanswered: z.number().int(),
      /** Whole pages of 4096 bytes in the calls and replies of each side. */
      callPages: bySide,
      replyPages: bySide,
      /** Bytes of each side in which no record was read. */
      unreadBytes: bySide,
      unread: z.array(
        z.object({
          side: z.enum(['client', 'server']),
          from: z.number(),
          to: z.number(),
          why: z.string(),
        }),
      ),
      /** Records whose end is not in the capture. */
      open: bySide,
    })
    .nullable(),
  /** What of this connection cannot be known from the capture. */
  unknown: z.array(z.string()),
});

/** `lastref capture FILE --json` */
export const captureSchema = z.object({
  schema: z.literal('lastref.capture/1'),
  file: z.string(),
  format: z.enum(['pcap', 'pcapng']),
  nanoseconds: z.boolean(),
  frames: z.number().int(),
  tcpFrames: z.number().int(),
  /** Of the first frame, in UTC; null: there is none. */
  start: z.string().nullable(),
  seconds: z.number(),
  /** In order of their first frame. */
  connections: z.array(connectionSchema),
  /** What of the file was not read, one line for each kind, with its first frame and how many. */
  unknown: z.array(z.string()),
  digest: z.string(),
});
export type CaptureDocument = z.infer<typeof captureSchema>;
