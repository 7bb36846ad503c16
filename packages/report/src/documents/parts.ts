// What several documents have in common.
import { DAMAGES, HARMS, PROPERTIES, VERDICTS, WHO } from '@lastref/judge';
import { z } from 'zod';

export const verdict = z.enum(VERDICTS);

/** What comes of a finding at worst, and who is needed for it; null: a capture does not say. */
export const threat = { damage: z.enum(DAMAGES), who: z.enum(WHO).nullable() };

/** What one finding is, and how to see it again. */
export const findingSchema = z.object({
  property: z.enum(PROPERTIES),
  ...threat,
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
  /**
   * Nanoseconds per segment by the published coefficients, where one processor does everything and where the two of the
   * host are on two sockets; null without segments.
   */
  nsPerSegment: z.number().nullable(),
  nsPerSegmentHigh: z.number().nullish(),
});

/** Explored within: what the surroundings may do, and how often. */
export const boundSchema = z.object({
  operations: z.number().int(),
  retransmissions: z.number().int(),
  drops: z.number().int(),
  duplicates: z.number().int(),
  overtakes: z.number().int(),
  failures: z.number().int(),
  teardowns: z.number().int(),
  /** Steps of a second processor inside steps of the first; 0: there is one. */
  preemptions: z.number().int(),
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

/** Where a document comes from. It is no part of what the digest is of. */
export const madeSchema = z.object({
  tool: z.literal('lastref'),
  version: z.string(),
  /** Of the machine, as tokens carry it. */
  machine: z.string(),
  /** null: the files are those of no commit. */
  commit: z.string().nullable(),
  /** As it was typed. */
  command: z.string(),
  /** Where the tool is to be had. */
  from: z.string(),
});

export type Made = z.infer<typeof madeSchema>;

export type FindingRow = z.infer<typeof findingSchema>;

export type Costs = z.infer<typeof costsSchema>;
