// Searches, random runs, and single runs played again.
import { HARMS, PROPERTIES } from '@lastref/judge';
import { z } from 'zod';
import { boundSchema, faultSchema, findingSchema, threat, verdict } from './parts.ts';

const result = z.enum(['exhausted', 'refuted', 'bound-reached', 'not-a-proof']);

/** `lastref check --json` */
export const checkSchema = z.object({
  schema: z.literal('lastref.check/1'),
  /** Candidates that ran beside the judge (--trust): their verdicts are worth what they are. Without it there is none. */
  trusted: z.array(z.string()).optional(),
  design: z.string(),
  /** A miniature: the workload's id, a tilde, its number of operations. */
  workload: z.string(),
  era: z.string(),
  /** Of the scope that is told of: the widest whose search came to its end, or the first. */
  bound: boundSchema,
  /** Were orders left out that cannot matter? */
  reduction: z.boolean(),
  /**
   * exhausted: every state within the bound was visited, and none is a finding. not-a-proof: nothing was found, but the
   * search's audit of itself failed, or what the workload is named for never happened.
   */
  result,
  /** Why it is no proof. */
  reason: z.string().nullable(),
  /** Of the run that ends in a finding, else null. */
  property: z.enum(PROPERTIES).nullable(),
  /** Of what was found. */
  threat: z.object(threat).nullable(),
  harm: z.enum(HARMS).nullable(),
  text: z.string().nullable(),
  token: z.string().nullable(),
  /** No run with fewer steps has a finding; null: none was found. */
  shortest: z.boolean().nullable(),
  /** That run from the moment just before the first page is lent. */
  steps: z.array(z.object({ n: z.number().int(), text: z.string() })),
  /** With no finding: did some run do what could have refuted the property? */
  verdicts: z.record(z.enum(PROPERTIES), verdict),
  /** What was searched, one scope after the other; `states`: those that were visited. Without it one was. */
  scopes: z.array(z.object({ bound: boundSchema, result, states: z.number().int() })).optional(),
  states: z.number().int(),
  executions: z.number().int(),
  /** Steps of the longest run that was looked at. */
  depth: z.number().int(),
  /** States in which nothing was left to do. */
  ends: z.number().int(),
  /** States behind which the bound hid something. */
  cut: z.number().int(),
  bytes: z.number().int(),
  /** Of all passes in all scopes. */
  seconds: z.number(),
  /**
   * Where something was found, a shorter run to it is looked for from the start: each pass with its seconds. `states`,
   * `executions`, `depth` and `bytes` above are those of the one that is `counted`; in each other at least so many states
   * were visited.
   */
  passes: z
    .array(z.object({ states: z.number().int(), seconds: z.number(), counted: z.boolean() }))
    .optional(),
  digest: z.string(),
});

export type CheckDocument = z.infer<typeof checkSchema>;

/** `lastref campaign --json` */
export const campaignSchema = z.object({
  schema: z.literal('lastref.campaign/1'),
  era: z.string(),
  seed: z.number().int(),
  rounds: z.number().int(),
  failures: z.boolean(),
  /** Of each host; left out: one. */
  processors: z.literal(2).optional(),
  /** Random runs, and the steps that they took. */
  runs: z.number().int(),
  steps: z.number().int(),
  coverage: z.object({
    /** Designs × workloads (operations of the matrix among them) that were run, and how many there are. */
    cells: z.number().int(),
    of: z.number().int(),
    /** Cells × properties that some run could have refuted. */
    exercised: z.number().int(),
    /** Pairs of (what happened, state of the references), summed over the cells. */
    pairs: z.number().int(),
  }),
  /** One for each cause, the shortest; by design, workload, property. */
  findings: z.array(
    z.object({
      design: z.string(),
      workload: z.string(),
      property: z.enum(PROPERTIES),
      ...threat,
      harm: z.enum(HARMS),
      where: z.string(),
      text: z.string(),
      token: z.string(),
      /** From the moment just before the first page is lent. */
      steps: z.number().int(),
      /** No single step can be left out. */
      minimal: z.boolean(),
      cause: z.string(),
      /** With --shortest: steps of the shortest run to this property, by exhaustive search; null: not within its bound. */
      shortest: z.number().int().nullable().optional(),
    }),
  ),
  /** Runs that ended as no page frame was left, with most of them in no packet: what would have come next nobody has seen. Without it there is none. */
  starved: z
    .array(
      z.object({
        design: z.string(),
        workload: z.string(),
        runs: z.number().int(),
        /** Of so many. */
        of: z.number().int(),
      }),
    )
    .optional(),
  /** What stopped a candidate, batch by batch; without it nothing did. */
  faults: z.array(faultSchema).optional(),
  /** Candidates that ran beside the judge (--trust): their verdicts are worth what they are. Without it there is none. */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});

export type CampaignDocument = z.infer<typeof campaignSchema>;

export const replaySchema = z.object({
  schema: z.literal('lastref.replay/1'),
  /** What was played: with --shrink the short one. */
  token: z.string(),
  design: z.string(),
  workload: z.string(),
  era: z.string(),
  seed: z.number().int(),
  steps: z.array(z.object({ n: z.number().int(), tick: z.number().int(), text: z.string() })),
  findings: z.array(findingSchema.omit({ token: true, seed: true })),
  /** Steps of the token that did not apply. */
  skipped: z.number().int(),
  /** Its last step did: the one that showed what it was made for. */
  lastApplied: z.boolean(),
  /** The state ended as the token's maker saw it; true of a run that was cut short. */
  same: z.boolean(),
  /** Versions of the machine and of the design's code, of the token and here. */
  /** It ran beside the judge (--trust): its verdict is worth what it is. */
  trusted: z.array(z.string()).optional(),
  versions: z.object({
    token: z.object({ machine: z.string(), code: z.string() }),
    here: z.object({ machine: z.string(), code: z.string() }),
  }),
  digest: z.string(),
});

export type ReplayDocument = z.infer<typeof replaySchema>;

/** `lastref replay TOKEN --diff DESIGN --json`: the same steps under two designs. */
export const diffSchema = z.object({
  schema: z.literal('lastref.replay-diff/1'),
  designs: z.tuple([z.string(), z.string()]),
  workload: z.string(),
  era: z.string(),
  seed: z.number().int(),
  steps: z.array(z.object({ n: z.number().int(), texts: z.tuple([z.string(), z.string()]) })),
  /** First step that does not do the same under both; null: there is none. */
  partsAt: z.number().int().nullable(),
  findings: z.tuple([
    z.array(findingSchema.omit({ token: true, seed: true })),
    z.array(findingSchema.omit({ token: true, seed: true })),
  ]),
  digest: z.string(),
});

export type DiffDocument = z.infer<typeof diffSchema>;

/** `lastref explore DESIGN WORKLOAD --json`: where the reader's choices led. */
export const exploreSchema = z.object({
  schema: z.literal('lastref.explore/1'),
  trusted: z.array(z.string()).optional(),
  design: z.string(),
  /** A miniature: the workload's id, a tilde, its number of operations. */
  workload: z.string(),
  era: z.string(),
  /** Steps by the clock, to the moment just before the first page is lent; then the clock stands still. */
  before: z.number().int(),
  /** Steps that were chosen from there on, by the reader, the clock or a search. */
  picks: z.number().int(),
  steps: z.array(z.object({ n: z.number().int(), tick: z.number().int(), text: z.string() })),
  /** What may happen next; `what`: how it is not the usual course. */
  choices: z.array(z.object({ text: z.string(), what: z.string().nullable() })),
  /** Of each loan that is not over: who could still read it, and its references. */
  readers: z.array(z.object({ loan: z.number().int(), text: z.string() })),
  findings: z.array(findingSchema.omit({ token: true, seed: true })),
  /** Nothing is left to do: `findings` has what shows only then. */
  over: z.boolean(),
  /** Every order of what could come next, where that was asked for last. */
  search: z
    .object({
      result: z.enum(['exhausted', 'refuted', 'bound-reached', 'not-a-proof']),
      reason: z.string().nullable(),
      states: z.number().int(),
      executions: z.number().int(),
      property: z.enum(PROPERTIES).nullable(),
      harm: z.enum(HARMS).nullable(),
      text: z.string().nullable(),
      /** Properties that some order could have refuted. */
      exercised: z.array(z.enum(PROPERTIES)),
    })
    .nullable(),
  token: z.string(),
  digest: z.string(),
});

export type ExploreDocument = z.infer<typeof exploreSchema>;
