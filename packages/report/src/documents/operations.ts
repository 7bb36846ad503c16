// Operations under designs, and what their mutants and those of hooks showed.
import { HARMS, PROPERTIES } from '@lastref/judge';
import { z } from 'zod';
import { faultSchema, threat, verdict } from './parts.ts';

/** One operation under one design in one kernel. */
export const matrixCellSchema = z.object({
  /**
   * copied: only private copies were left; refused: the design forbids it, so nothing is proven; not-exercised: it met no
   * lent page; n/a: this kernel had no such operation.
   */
  verdict: z.enum(['proven', 'refuted', 'copied', 'refused', 'not-exercised', 'n/a']),
  /** The gravest property refuted. */
  property: z.enum(PROPERTIES).nullable(),
  verdicts: z.record(z.enum(PROPERTIES), verdict),
  /** Of those refuted that stand in the word, what the row `control` of the same kernel lacks, or has with a lesser harm. */
  adds: z.array(z.enum(PROPERTIES)),
  harm: z.enum(HARMS).nullable(),
  token: z.string().nullable(),
  /** Orders of release that the verdict rests on. */
  runs: z.number().int(),
  /** No packet of what the design was made for comes there: it is run all the same. Without it, one may. */
  outside: z.literal(true).optional(),
});

export const matrixRowSchema = z.object({
  mover: z.string(),
  era: z.string(),
  file: z.string(),
  since: z.string(),
  /** The first release without it; null: still there. */
  until: z.string().nullable(),
  refs: z.string(),
  /** Who can make a kernel run it on lent pages. */
  who: threat.who.unwrap(),
  carries: z.array(z.string()),
  cells: z.record(z.string(), matrixCellSchema),
});

export const moversSchema = z.object({
  schema: z.literal('lastref.movers/2'),
  /** The newest first. */
  eras: z.array(z.string()),
  /** With every allocation of each operation failing once. */
  faults: z.boolean(),
  /** One of the holders may let go on a second processor, inside the operation or inside another one's letting go. */
  processors: z.literal(2).optional(),
  designs: z.array(z.string()),
  /**
   * For each kernel: no operation at all (`control`), each operation of the registry, and last code outside the tree that
   * knows nothing of the design.
   */
  rows: z.array(matrixRowSchema),
  /** By design: who, by letting go last, completed a loan in some order. */
  stretchedBy: z.record(z.string(), z.array(z.enum(['peer', 'slow reader', 'device', 'nobody']))),
  runs: z.number().int(),
  /** What stopped a candidate, which then has no column (`faults` is taken); without it nothing did. */
  stopped: z.array(faultSchema).optional(),
  /** Candidates that ran beside the judge (--trust): their verdicts are worth what they are. Without it there is none. */
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});

export type MatrixCellRow = z.infer<typeof matrixCellSchema>;

export type MatrixRow = z.infer<typeof matrixRowSchema>;

export type MoversDocument = z.infer<typeof moversSchema>;

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
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});

export type MutantRow = z.infer<typeof mutantRowSchema>;

export type MutantsRate = z.infer<typeof mutantsRateSchema>;

export type MutantsDesign = z.infer<typeof mutantsDesignSchema>;

export type MutantsDocument = z.infer<typeof mutantsSchema>;
