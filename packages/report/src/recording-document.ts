// `lastref recording FILE --json`: what a recording of a running kernel says of each page.
import { z } from 'zod';

const holder = z.object({
  skb: z.string(),
  head: z.string(),
  /** In the words of the diagrams. */
  where: z.string(),
  /** The process that ran when it was seen last. */
  task: z.string(),
});

const designSchema = z.object({
  design: z.string(),
  /** untold: the recording ends before it would tell; copied: the page would never have been in a packet. */
  says: z.enum(['holds', 'early', 'lost', 'untold', 'copied', 'not-judged']),
  reason: z.string().nullable(),
  /** Number of the event at which it would have told; null: at none. */
  toldAt: z.number().int().nullable(),
  ns: z.string().nullable(),
  findings: z.array(
    z.object({ property: z.string(), harm: z.string(), where: z.string(), text: z.string() }),
  ),
});

const bufferSchema = z.object({
  /** Address of its struct page. */
  page: z.string(),
  /** Its owner was seen to lend it. */
  lent: z.boolean(),
  ubuf: z.string().nullable(),
  /** Events after which somebody else has it; `tick`: µs since the first event, `line`: of the file. */
  steps: z.array(
    z.object({
      n: z.number().int(),
      line: z.number().int(),
      tick: z.number().int(),
      text: z.string(),
      marks: z.array(z.enum(['lent', 'completed', 'read'])),
      holders: z.array(z.object({ where: z.string(), packets: z.number().int() })),
    }),
  ),
  /** Who could still read it when the recording ended. */
  atEnd: z.array(holder),
  /** Who had it last, and until when; null: to the end. */
  last: holder.extend({ until: z.number().int().nullable() }).nullable(),
  /** What the recorded kernel told its owner, and who could read it then; `after`: who came to have it behind that. */
  kernel: z.object({
    told: z.number().int().nullable(),
    readers: z.array(holder),
    after: z.array(holder),
    says: z.enum(['holds', 'early', 'untold', 'nobody is told', 'not-judged']),
  }),
  designs: z.array(designSchema),
});

/** `lastref recording FILE --json` */
export const recordingSchema = z.object({
  schema: z.literal('lastref.recording/1'),
  file: z.string(),
  tool: z.enum(['bpftrace', 'trace-cmd', 'pwru', 'retis']),
  /** Whose helpers the designs are played with. */
  era: z.string(),
  lines: z.number().int(),
  events: z.number().int(),
  /** Lines that were not understood: how many, and the first of them. */
  unread: z.object({
    count: z.number().int(),
    first: z.array(z.object({ line: z.number().int(), text: z.string(), why: z.string() })),
  }),
  /** Events that the tool says it has lost. */
  lost: z.number().int(),
  /** What the recording does not let one see; null: nothing stands against a verdict. */
  notJudged: z.string().nullable(),
  seconds: z.number(),
  buffers: z.array(bufferSchema),
  digest: z.string(),
});
export type RecordingDocument = z.infer<typeof recordingSchema>;
export type RecordedBuffer = z.infer<typeof bufferSchema>;
export type RecordedDesign = z.infer<typeof designSchema>;
