// `lastref packetdrill SCRIPT… --json`: how each script came out on the model.
import { z } from 'zod';

/** `lastref packetdrill SCRIPT… --json` */
export const packetdrillSchema = z.object({
  schema: z.literal('lastref.packetdrill/1'),
  /** The kernel that the machine behaved like, and the design that its zero-copy had. */
  era: z.string(),
  design: z.string(),
  /** By name of the script, in alphabetical order. */
  rows: z.array(
    z.object({
      script: z.string(),
      result: z.enum(['passed', 'failed', 'skipped']),
      /** What differed, or what is not known, with the line; null where it passed. */
      reason: z.string().nullable(),
    }),
  ),
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  digest: z.string(),
});
export type PacketdrillDocument = z.infer<typeof packetdrillSchema>;
