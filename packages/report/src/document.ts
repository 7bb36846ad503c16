// The JSON documents that lastref prints and keeps. Names and shapes are versioned: a change that breaks a
// reader gets a new version.
import { captureSchema } from './capture-document.ts';
import { HARMS, PROPERTIES, VERDICTS, type Property, type Verdict } from '@lastref/judge';
import { z } from 'zod';
import { benchCompareSchema, benchSchema } from './bench.ts';
import { claimsSchema } from './claims.ts';
import { labSchema } from './lab.ts';
import { portSchema, sitesSchema } from './sites.ts';

const verdict = z.enum(VERDICTS);

/** What one finding is, and how to see it again. */
export const findingSchema = z.object({
  property: z.enum(PROPERTIES),
  /** hazard: it could have been read; wire: a device or a tap read it; delivered: an application did. */
  harm: z.enum(HARMS),
  /** The holder that could still read, or the reader that read. */
  where: z.string(),
  /** How often the same cause showed, over all seeds. */
  count: z.number().int(),
  /** Steps of the first occurrence, its seed and its simulated time in ticks (µs). */
  step: z.number().int(),
  seed: z.number().int(),
  tick: z.number().int(),
  text: z.string(),
  /** `lastref replay TOKEN` plays it. */
  token: z.string(),
});

export const quantilesSchema = z.object({
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
  samples: z.number().int(),
  /** How they are spread: pairs of a bucket's lower bound and its count; four buckets to each power of two. */
  histogram: z.array(z.tuple([z.number().int(), z.number().int()])),
});

/** Counters of one kind of traffic: totals, and per data segment (null without segments). */
export const costsSchema = z.object({
  segments: z.number().int(),
  total: z.record(z.string(), z.number()),
  perSegment: z.record(z.string(), z.number()).nullable(),
  /** Nanoseconds per segment by the published coefficients; null without segments. */
  nsPerSegment: z.number().nullable(),
});

/** Explored within: what the surroundings may do, and how often. */
export const boundSchema = z.object({
  operations: z.number().int(),
  retransmissions: z.number().int(),
  drops: z.number().int(),
  duplicates: z.number().int(),
  overtakes: z.number().int(),
  failures: z.number().int(),
  flight: z.number().int(),
  steps: z.number().int(),
  states: z.number().int(),
});

/** What stopped a candidate. */
export const faultSchema = z.object({
  /** Its id, or the name of its file where the id is not known. */
  design: z.string(),
  /** The workload and the moment; null: before any. */
  where: z.string().nullable(),
  /** The hook, `create` or the top level of the file; null: between two hooks. */
  hook: z.string().nullable(),
  rule: z.string(),
  /** All of it in one line. */
  text: z.string(),
});

/** `lastref check --json` */
export const checkSchema = z.object({
  schema: z.literal('lastref.check/1'),
  design: z.string(),
  /** A miniature: the workload's id, a tilde, its number of operations. */
  workload: z.string(),
  era: z.string(),
  bound: boundSchema,
  /** Were orders left out that cannot matter? */
  reduction: z.boolean(),
  /**
   * exhausted: every state within the bound was visited, and none is a finding. not-a-proof: nothing was found, but the
   * search's audit of itself failed.
   */
  result: z.enum(['exhausted', 'refuted', 'bound-reached', 'not-a-proof']),
  /** Why it is no proof. */
  reason: z.string().nullable(),
  /** Of the shortest run that ends in a finding, else null. */
  property: z.enum(PROPERTIES).nullable(),
  harm: z.enum(HARMS).nullable(),
  text: z.string().nullable(),
  token: z.string().nullable(),
  /** That run from the moment just before the first page is lent. */
  steps: z.array(z.object({ n: z.number().int(), text: z.string() })),
  /** With no finding: did some run do what could have refuted the property? */
  verdicts: z.record(z.enum(PROPERTIES), verdict),
  states: z.number().int(),
  executions: z.number().int(),
  /** Steps of the longest run without a detour. */
  depth: z.number().int(),
  /** States in which nothing was left to do. */
  ends: z.number().int(),
  /** States behind which the bound hid something. */
  cut: z.number().int(),
  bytes: z.number().int(),
  seconds: z.number(),
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
  /** What stopped a candidate, batch by batch; without it nothing did. */
  faults: z.array(faultSchema).optional(),
  digest: z.string(),
});
export type CampaignDocument = z.infer<typeof campaignSchema>;

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
  /** Per data segment of traffic that lends nothing; `nsMore`: than under bare page references. */
  ordinary: z
    .object({ atomics: z.number(), ns: z.number(), nsMore: z.number().nullable() })
    .nullable(),
});
export type DesignSummary = z.infer<typeof designSummarySchema>;

export const rowSchema = z.object({
  design: z.string(),
  workload: z.string(),
  era: z.string(),
  /** Is this what the design was made for? Documents of before say nothing of it. */
  domain: z.boolean().default(true),
  verdicts: z.record(z.enum(PROPERTIES), verdict),
  /** Why verdicts are `not-judged`: what the input does not show. Without it none is. */
  notJudged: z.string().optional(),
  findings: z.array(findingSchema),
  /** From the moment when the last reader was gone to the completion. */
  holdTicks: quantilesSchema,
  /** From lending to completion. */
  lentTicks: quantilesSchema,
  /** Pages times seconds between lending and completion, or the end where none came. */
  pinnedPageSeconds: z.number().optional(),
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

export const compareSchema = z.object({
  schema: z.literal('lastref.compare/1'),
  era: z.string(),
  seed: z.number().int(),
  repeat: z.number().int(),
  capture: z.string().nullable(),
  designs: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      year: z.number(),
      /** What it was made for, as its card cites it; without it whatever is lent. */
      domain: z.string().optional(),
    }),
  ),
  workloads: z.array(z.object({ id: z.string(), title: z.string(), story: z.string() })),
  rows: z.array(rowSchema),
  /** Cells that a candidate spoiled by breaking a rule of the seam; without it there is none. */
  faults: z.array(faultSchema).optional(),
  summary: z.array(designSummarySchema),
  digest: z.string(),
});

/** First release for each branch; the trunk is `mainline`. */
const byBranch = z.record(z.string(), z.string());

export const listSchema = z.object({
  schema: z.literal('lastref.list/2'),
  designs: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      year: z.number(),
      source: z.string(),
      status: z.string(),
      summary: z.string(),
    }),
  ),
  workloads: z.array(z.object({ id: z.string(), title: z.string(), story: z.string() })),
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
  digest: z.string(),
});

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
  versions: z.object({
    token: z.object({ machine: z.string(), code: z.string() }),
    here: z.object({ machine: z.string(), code: z.string() }),
  }),
  digest: z.string(),
});

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
});
export type DiffDocument = z.infer<typeof diffSchema>;

/** One operation under one design. */
export const matrixCellSchema = z.object({
  /** copied: only private copies were left; n/a: this era had no such operation. */
  verdict: z.enum(['proven', 'refuted', 'copied', 'n/a']),
  /** The gravest property refuted, and all of them. */
  property: z.enum(PROPERTIES).nullable(),
  properties: z.array(z.enum(PROPERTIES)),
  harm: z.enum(HARMS).nullable(),
  token: z.string().nullable(),
  /** Orders of release that the verdict rests on. */
  runs: z.number().int(),
});

export const matrixRowSchema = z.object({
  mover: z.string(),
  file: z.string(),
  since: z.string(),
  /** The first release without it; null: still there. */
  until: z.string().nullable(),
  refs: z.string(),
  carries: z.array(z.string()),
  cells: z.record(z.string(), matrixCellSchema),
});

export const moversSchema = z.object({
  schema: z.literal('lastref.movers/1'),
  era: z.string(),
  /** With every allocation of each operation failing once. */
  faults: z.boolean(),
  designs: z.array(z.string()),
  /** One for each operation of the registry. */
  rows: z.array(matrixRowSchema),
  /** Code outside the tree that knows nothing of the design. */
  unconverted: matrixRowSchema,
  /** By design: who, by letting go last, completed a loan in some order. */
  stretchedBy: z.record(z.string(), z.array(z.enum(['peer', 'slow reader', 'device', 'nobody']))),
  runs: z.number().int(),
  /** What stopped a candidate, which then has no column (`faults` is taken); without it nothing did. */
  stopped: z.array(faultSchema).optional(),
  digest: z.string(),
});

/** A hook of a design, changed. */
export const mutantRowSchema = z.object({
  hook: z.string(),
  change: z.string(),
  verdict: z.enum(['killed', 'equivalent', 'survived']),
  /** What showed it; of the others, what was compared. */
  by: z.string(),
  where: z.string().nullable(),
  /** Runs until it was seen, or all. */
  runs: z.number().int(),
  /** Properties that the original refutes, by cell, and the mutant does not. */
  better: z.number().int(),
});

export const mutantsRateSchema = z.object({
  mutants: z.number().int(),
  killed: z.number().int(),
  equivalent: z.number().int(),
  survived: z.number().int(),
});

export const mutantsDesignSchema = z.object({
  design: z.string(),
  runs: z.number().int(),
  /** Workloads, stories and operations by era and situation, and in how many of them the design itself tells at a wrong moment. */
  cells: z.number().int(),
  refuted: z.number().int(),
  hooks: z.array(mutantRowSchema),
  /** Each reference call of each operation left out and made twice, in the situations that this design keeps. */
  operations: z.array(
    z.object({
      mover: z.string(),
      situation: z.string(),
      mutants: z.number().int(),
      /** How many, by what showed them. */
      killed: z.record(z.string(), z.number().int()),
      rest: z.array(
        z.object({ call: z.string(), change: z.string(), verdict: z.string(), by: z.string() }),
      ),
    }),
  ),
});

export const mutantsSchema = z.object({
  schema: z.literal('lastref.mutants/1'),
  era: z.string(),
  designs: z.array(mutantsDesignSchema),
  rates: z.object({
    hooks: mutantsRateSchema,
    operations: mutantsRateSchema,
  }),
  digest: z.string(),
});

/** Where one field lies; inner structs' fields by path. */
export const layoutFieldSchema = z.object({
  name: z.string(),
  type: z.string(),
  offset: z.number().int(),
  /** 0 for a bit-field. */
  bytes: z.number().int(),
  /** First bit in the byte at `offset`, and width; null for what is no bit-field. */
  bits: z.object({ at: z.number().int(), width: z.number().int() }).nullable(),
  /** The design's own. */
  added: z.boolean(),
});

export const layoutSchema = z.object({
  schema: z.literal('lastref.layout/1'),
  /** The kernels that the rows name; `as` is the one whose structs stand for it. */
  eras: z.array(z.object({ id: z.string(), as: z.string(), note: z.string().nullable() })),
  rows: z.array(
    z.object({
      design: z.string(),
      era: z.string(),
      struct: z.string(),
      /** With the design's fields, and how many of them are the design's doing. */
      bytes: z.number().int(),
      growth: z.number().int(),
      /** 64-byte lines. */
      cacheLines: z.number().int(),
      /** What it takes where it lives: sk_buff in its slab, the shared info in a data buffer. */
      footprint: z.number().int(),
      /** Fields that the design adds to this struct itself. */
      adds: z.array(z.string()),
    }),
  ),
  buffers: z.array(
    z.object({
      design: z.string(),
      era: z.string(),
      mtu: z.number().int(),
      /** Asked of the allocator: `data` and `shinfo`. */
      bytes: z.number().int(),
      /** The kmalloc cache that holds it. */
      sizeClass: z.number().int(),
      data: z.number().int(),
      shinfo: z.number().int(),
      /** A caller that may not sleep gets exactly `bytes`, cut from a chunk of pages. */
      pageFrag: z.boolean(),
    }),
  ),
  /** With --struct: the struct as the kernel has it (design null), and with each design that changes it. */
  listings: z.array(
    z.object({
      design: z.string().nullable(),
      era: z.string(),
      struct: z.string(),
      bytes: z.number().int(),
      fields: z.array(layoutFieldSchema),
      holes: z.array(
        z.object({ offset: z.number().int(), bytes: z.number().int(), bits: z.number().int() }),
      ),
      padding: z.number().int(),
    }),
  ),
  digest: z.string(),
});

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
export type FindingRow = z.infer<typeof findingSchema>;
export type Costs = z.infer<typeof costsSchema>;
export type CompareRow = z.infer<typeof rowSchema>;
export type CompareDocument = z.infer<typeof compareSchema>;
export type ListDocument = z.infer<typeof listSchema>;
export type ReplayDocument = z.infer<typeof replaySchema>;
export type LayoutDocument = z.infer<typeof layoutSchema>;
export type MatrixCellRow = z.infer<typeof matrixCellSchema>;
export type MatrixRow = z.infer<typeof matrixRowSchema>;
export type MoversDocument = z.infer<typeof moversSchema>;
export type MutantRow = z.infer<typeof mutantRowSchema>;
export type MutantsRate = z.infer<typeof mutantsRateSchema>;
export type MutantsDesign = z.infer<typeof mutantsDesignSchema>;
export type MutantsDocument = z.infer<typeof mutantsSchema>;

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

/** Every document by the name in its `schema` field. */
export const SCHEMAS = {
  'lastref.capture/1': captureSchema,
  'lastref.compare/1': compareSchema,
  'lastref.campaign/1': campaignSchema,
  'lastref.check/1': checkSchema,
  'lastref.list/2': listSchema,
  'lastref.bench/1': benchSchema,
  'lastref.bench-compare/1': benchCompareSchema,
  'lastref.replay/1': replaySchema,
  'lastref.replay-diff/1': diffSchema,
  'lastref.layout/1': layoutSchema,
  'lastref.movers/1': moversSchema,
  'lastref.mutants/1': mutantsSchema,
  'lastref.new/1': newSchema,
  'lastref.claims/1': claimsSchema,
  'lastref.lab/1': labSchema,
  'lastref.report/1': reportSchema,
  'lastref.sites/1': sitesSchema,
  'lastref.port/1': portSchema,
} as const;

export type { Property, Verdict };
