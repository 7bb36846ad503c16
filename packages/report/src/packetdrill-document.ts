// `lastref packetdrill SCRIPT… --json`: how each script came out on the model, kernel by kernel.
import { z } from 'zod';

/** `lastref packetdrill SCRIPT… --json` */
export const packetdrillSchema = z.object({
  schema: z.literal('lastref.packetdrill/2'),
  /** The design that zero-copy has in all of them. */
  design: z.string(),
  /** The kernels that the machine behaved like, as they were asked for, and how many scripts came out how. */
  eras: z.array(
    z.object({
      era: z.string(),
      passed: z.number().int(),
      failed: z.number().int(),
      skipped: z.number().int(),
    }),
  ),
  /** By name of the script, in alphabetical order, and of each its kernels, as in `eras`. */
  rows: z.array(
    z.object({
      script: z.string(),
      era: z.string(),
      result: z.enum(['passed', 'failed', 'skipped']),
      /** What differed, what is not known, or what the kernel has not got, with the line; null where it passed. */
      reason: z.string().nullable(),
    }),
  ),
  digest: z.string(),
});
export type PacketdrillDocument = z.infer<typeof packetdrillSchema>;
