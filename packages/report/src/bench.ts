// The documents of the benchmark: raw samples, where they were taken, and what follows from them.
import { z } from 'zod';

const spread = {
  median: z.number(),
  min: z.number(),
  max: z.number(),
  /** (max - min) / median, in percent. */
  spreadPct: z.number(),
};

export const machineSchema = z.object({
  cpu: z.string(),
  cpus: z.number().int(),
  os: z.string(),
  node: z.string(),
  v8: z.string(),
});

const cell = z.object({
  /** The scenario, a slash, the design. */
  id: z.string(),
  kind: z.enum(['cycle', 'bulk', 'race', 'command']),
  design: z.string(),
  unit: z.string(),
  /** Of the state that the work ends in: that of the same work done without a clock. */
  digest: z.string(),
  ...spread,
  /** Samples of each round's process, sorted. */
  rounds: z.array(z.array(z.number())),
});

const anchor = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.string(),
  ...spread,
  rounds: z.array(z.number()),
});

const ratio = z.object({
  cell: z.string(),
  anchor: z.string(),
  ...spread,
  rounds: z.array(z.number()),
});

/** How much more time one does the same work in than the other, with an interval of 95 %. */
export const timeRatioSchema = z.object({
  cell: z.string(),
  /** Above 1: slower. */
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
  /** The interval is on one side of 1. */
  apart: z.boolean(),
});

/** What we set ourselves for a cell, and what it came to in this run. */
const target = z.object({
  cell: z.string(),
  sense: z.enum(['at most', 'at least']),
  bound: z.number(),
  /** Of bound and figure; x: a ratio. */
  unit: z.string(),
  /** null: what it is set against was not measured. */
  measured: z
    .object({
      /** What it is set against, with its figure. */
      beside: z.string(),
      figure: z.number(),
      low: z.number(),
      high: z.number(),
      /** undecided: the bound lies between low and high. */
      says: z.enum(['met', 'not met', 'undecided']),
    })
    .nullable(),
});

/** `lastref bench --json` */
export const benchSchema = z.object({
  schema: z.literal('lastref.bench/1'),
  /** Of all cells' digests: equal when the same work was done. */
  digest: z.string(),
  date: z.string(),
  /** With a plus when files differed from it. */
  commit: z.string(),
  seed: z.number().int(),
  quick: z.boolean(),
  machine: machineSchema,
  cells: z.array(cell),
  /** Each design to bare page references in the same scenario, from the samples of the same rounds. */
  baseline: z.array(timeRatioSchema).optional(),
  /** Half the width of the median interval, in percent: smaller differences are not seen. */
  noisePct: z.number().nullable().optional(),
  anchors: z.array(anchor),
  ratios: z.array(ratio),
  targets: z.array(target).optional(),
  /** Anchors that are not there, and cells that a design has not, with the reason. */
  missing: z.array(z.string()),
});

/** `lastref bench --compare OLD NEW --json` */
export const benchCompareSchema = z.object({
  schema: z.literal('lastref.bench-compare/1'),
  old: z.object({ commit: z.string(), date: z.string(), machine: machineSchema }),
  new: z.object({ commit: z.string(), date: z.string(), machine: machineSchema }),
  /** Time of a search that has no code in common with the machine, new to old, which all others are divided by; null: it was not run. */
  calibration: z.number().nullable().optional(),
  /** Time of the new one to the old one; `same`: both did the same work, by their digests. */
  cells: z.array(timeRatioSchema.extend({ same: z.boolean() })),
  /** Cells that only one of them has. */
  missing: z.array(z.string()),
  /** Other machines: ratios of times say little. */
  warnings: z.array(z.string()),
  digest: z.string(),
});

export type Machine = z.infer<typeof machineSchema>;
export type CellFigures = z.infer<typeof cell>;
export type AnchorFigures = z.infer<typeof anchor>;
export type AnchorRatio = z.infer<typeof ratio>;
export type TargetFigure = z.infer<typeof target>;
export type TimeRatio = z.infer<typeof timeRatioSchema>;
export type BenchDocument = z.infer<typeof benchSchema>;
export type BenchCompareDocument = z.infer<typeof benchCompareSchema>;
