// Designs on workloads by the clock: in one kernel or each in its own, and through all of them.
import { HARMS, PROPERTIES } from '@lastref/judge';
import { z } from 'zod';
import { costsSchema, faultSchema, findingSchema, quantilesSchema, verdict } from './parts.ts';

/** Completions by the context that they ran in. */
export const contextsSchema = z.object({
  process: z.number(),
  softirq: z.number(),
  hardirq: z.number(),
  /** Interrupts off, under a lock. */
  irqsOff: z.number(),
});

/** Completions by who could have put off the step that they ran in. */
export const partiesSchema = z.object({
  nobody: z.number().int(),
  device: z.number().int(),
  peer: z.number().int(),
  'slow reader': z.number().int(),
  guest: z.number().int(),
});

export type Parties = z.infer<typeof partiesSchema>;

/** One design over all workloads of the comparison. */
export const designSummarySchema = z.object({
  design: z.string(),
  contexts: contextsSchema,
  stretchedBy: partiesSchema,
});

export type DesignSummary = z.infer<typeof designSummarySchema>;

/** What a design costs in one kernel: sums over the workloads that costs are counted on. */
export const costRowSchema = z.object({
  design: z.string(),
  /** Nobody lent so in that kernel: it lacks what the design was made for. */
  outside: z.literal(true).optional(),
  lent: costsSchema,
  ordinary: costsSchema,
});

export type CostRow = z.infer<typeof costRowSchema>;

/** Costs are compared within one kernel alone. */
export const compareCostsSchema = z.object({
  workloads: z.array(z.string()),
  /** All designs in one kernel. */
  common: z.object({ era: z.string(), rows: z.array(costRowSchema) }),
  /** What a message costs by its size, all designs in one kernel; without it nobody asked. */
  bySize: z
    .object({
      era: z.string(),
      sizes: z.array(z.number().int()),
      /** A message of so many bytes, from end to end of the prices. */
      rows: z.array(
        z.object({
          design: z.string(),
          bytes: z.number().int(),
          ns: z.number(),
          nsHigh: z.number(),
          copiedBytes: z.number(),
        }),
      ),
    })
    .optional(),
  /** Each design in the kernel of its verdicts, with the nanoseconds of the baselines there; null: not run. */
  own: z.array(
    z.object({
      design: z.string(),
      era: z.string(),
      lentNs: z.number().nullable(),
      /** `lentNs` as a multiple of bare page references, and of copying always, in the same kernel. */
      timesNaive: z.number().nullable(),
      timesCopy: z.number().nullable(),
      /** The same at the high end. */
      timesNaiveHigh: z.number().nullish(),
      timesCopyHigh: z.number().nullish(),
    }),
  ),
});

export const rowSchema = z.object({
  design: z.string(),
  workload: z.string(),
  era: z.string(),
  /** judged: the stack had a lent page; copied: it had private copies alone; n/a: that kernel has not got what the workload needs. */
  state: z.enum(['judged', 'copied', 'n/a']),
  /** Is this what the design was made for? */
  domain: z.boolean(),
  verdicts: z.record(z.enum(PROPERTIES), verdict),
  /** Why verdicts are `not-judged`, or what the kernel lacks. Without it neither is so. */
  notJudged: z.string().optional(),
  findings: z.array(findingSchema),
  /** From the moment when the last reader was gone to the completion. */
  holdTicks: quantilesSchema,
  /** From lending to completion. */
  lentTicks: quantilesSchema,
  /** Pages times seconds between lending and completion, or the end where none came. */
  pinnedPageSeconds: z.number().optional(),
  /** The most pages that were lent and not told of at a time. */
  peakPages: z.number().int().optional(),
  /** Pages that the producers got back in a second, up to the last completion; null: none. */
  pagesPerSecond: z.number().nullable().optional(),
  loans: z.number().int(),
  completions: z.number().int(),
  contexts: contextsSchema,
  stretchedBy: partiesSchema,
  /** Comparisons of lent bytes, by reader. */
  reads: z.record(z.string(), z.number()),
  costs: z.object({ lent: costsSchema, ordinary: costsSchema, peer: costsSchema }),
  /** Operations done and planned, by participant. */
  progress: z.array(z.object({ name: z.string(), done: z.number(), of: z.number() })),
  steps: z.number().int(),
  ticks: z.number().int(),
  /** Nothing was left to do at the end of every run. */
  drained: z.boolean(),
  digest: z.string(),
});

export type CompareRow = z.infer<typeof rowSchema>;

const changeSchema = z.object({
  property: z.enum(PROPERTIES),
  harm: z.enum(HARMS),
  where: z.string(),
  token: z.string(),
});

/** `against` of `lastref compare --against BASE.json --json` */
export const deltaSchema = z.object({
  /** Of the base. */
  digest: z.string(),
  /** Cells in which anything is otherwise; `before` null: the base has no such cell. */
  rows: z.array(
    z.object({
      design: z.string(),
      workload: z.string(),
      era: z.object({ before: z.string().nullable(), after: z.string() }),
      before: z.string().nullable(),
      after: z.string(),
      appeared: z.array(changeSchema),
      gone: z.array(changeSchema),
    }),
  ),
  /** Designs whose nanoseconds for a segment with lent pages are otherwise, in the kernel of their verdicts. */
  costs: z.array(z.object({ design: z.string(), before: z.number(), after: z.number() })),
  /** Cells that both have. */
  both: z.number().int(),
});
export type Delta = z.infer<typeof deltaSchema>;

export const compareSchema = z.object({
  schema: z.literal('lastref.compare/2'),
  /** The kernel of all rows; null: each design in its own. */
  era: z.string().nullable(),
  seed: z.number().int(),
  repeat: z.number().int(),
  capture: z.string().nullable(),
  designs: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      year: z.number(),
      /** The kernel of its rows; if it is its own, how one knows. */
      era: z.string(),
      eraSource: z.string().optional(),
      /** What it was made for, as its card cites it; without it whatever is lent. */
      domain: z.string().optional(),
    }),
  ),
  workloads: z.array(z.object({ id: z.string(), title: z.string(), story: z.string() })),
  rows: z.array(rowSchema),
  /** Cells that a candidate spoiled by breaking a rule of the seam; without it there is none. */
  faults: z.array(faultSchema).optional(),
  /** Candidates that ran beside the judge (--trust): their verdicts are worth what they are. Without it there is none. */
  trusted: z.array(z.string()).optional(),
  summary: z.array(designSummarySchema),
  costs: compareCostsSchema,
  /** With --against: what is otherwise than in that document. */
  against: deltaSchema.optional(),
  digest: z.string(),
});

export type CompareDocument = z.infer<typeof compareSchema>;

/** A word turns by chance where the gravest of so many seeds does not: the losses of one run decide then. */
export const TURN_SEEDS = 8;

/** `lastref eras --json` */
export const erasSchema = z.object({
  schema: z.literal('lastref.eras/1'),
  seed: z.number().int(),
  /** The oldest first. */
  eras: z.array(z.string()),
  /** `own`: the kernel that its patch was made for. */
  designs: z.array(z.object({ id: z.string(), own: z.string() })),
  workloads: z.array(z.string()),
  rows: z.array(
    z.object({
      design: z.string(),
      era: z.string(),
      workload: z.string(),
      state: z.enum(['judged', 'copied', 'n/a']),
      domain: z.boolean(),
      verdicts: z.record(z.enum(PROPERTIES), verdict),
      /** In one word. */
      word: z.string(),
      /** Of the gravest finding. */
      token: z.string().nullable(),
    }),
  ),
  /**
   * Where the word changes from one era to the next. `chance`: the gravest of eight seeds does not; elsewhere: which
   * changes, each alone, make the older kernel say the newer's word, over eight seeds.
   */
  turns: z.array(
    z.object({
      design: z.string(),
      workload: z.string(),
      from: z.string(),
      to: z.string(),
      before: z.string(),
      after: z.string(),
      chance: z.boolean(),
      changes: z.array(z.string()),
    }),
  ),
  /** Those changes. */
  changes: z.array(
    z.object({ id: z.string(), since: z.string(), what: z.string(), source: z.string() }),
  ),
  faults: z.array(faultSchema).optional(),
  /** Candidates that ran beside the judge (--trust): their verdicts are worth what they are. Without it there is none. */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});

export type ErasDocument = z.infer<typeof erasSchema>;
