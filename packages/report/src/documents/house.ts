// What there is, what was made, and where it was written.
import { z } from 'zod';

/** First release for each branch; the trunk is `mainline`. */
const byBranch = z.record(z.string(), z.string());

/** What a card says. */
const carded = z.array(
  z.object({
    id: z.string(),
    title: z.string(),
    year: z.number(),
    source: z.string(),
    status: z.string(),
    summary: z.string(),
  }),
);

const told = z.array(z.object({ id: z.string(), title: z.string(), story: z.string() }));

export const listSchema = z.object({
  schema: z.literal('lastref.list/2'),
  designs: carded,
  workloads: told,
  /** Programs above a socket, and the workloads that they play. */
  runtimes: carded.optional(),
  runtimeWorkloads: told.optional(),
  movers: z.array(
    z.object({
      id: z.string(),
      file: z.string(),
      /** First release that has it, and first release without it again; null: still there. */
      since: byBranch,
      until: byBranch.nullable(),
      refs: z.string(),
      /** What travels with a fragment, since and until when; null: as long as the operation exists. */
      carries: z.array(
        z.object({
          what: z.string(),
          since: byBranch.nullable(),
          until: byBranch.nullable(),
        }),
      ),
    }),
  ),
  eras: z.array(z.string()),
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});

export type ListDocument = z.infer<typeof listSchema>;

export const reportSchema = z.object({
  schema: z.literal('lastref.report/1'),
  /** Directory that was written to, and what was written there. */
  out: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() })),
  /** Digests of what it shows; null: left out. */
  compare: z.string(),
  movers: z.string().nullable(),
  stories: z.number().int(),
  /** The comparison was made by another version of the machine. */
  stale: z.boolean(),
  digest: z.string(),
});

export type ReportDocument = z.infer<typeof reportSchema>;

/** `lastref new --json` */
export const newSchema = z.object({
  schema: z.literal('lastref.new/1'),
  design: z.string(),
  /** Where the files were written, and their names: the design, its test, and what was missing beside them. */
  dir: z.string(),
  files: z.array(z.string()),
  /** Commands that run it. */
  next: z.array(z.string()),
  digest: z.string(),
});

export type NewDocument = z.infer<typeof newSchema>;

/** `lastref find WORDS --json` */
export const findSchema = z.object({
  schema: z.literal('lastref.find/1'),
  words: z.array(z.string()),
  /** All that have to do with them, the best first, each with the command that shows it. */
  found: z.array(
    z.object({
      kind: z.enum(['bug', 'operation', 'workload', 'design']),
      id: z.string(),
      title: z.string(),
      command: z.string(),
    }),
  ),
  digest: z.string(),
});

export type FindDocument = z.infer<typeof findSchema>;
