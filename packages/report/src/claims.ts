// The ledger of claims as a document, and what a report reads of it.
import { z } from 'zod';

const verdict = z.enum(['confirmed', 'refuted', 'qualified', 'not-settled']);

/** `lastref claims --json` */
export const claimsSchema = z.object({
  schema: z.literal('lastref.claims/1'),
  /** The documents, and what each is about. */
  sources: z.array(
    z.object({
      /** The letter that its claims begin with. */
      id: z.string(),
      author: z.string(),
      title: z.string(),
      date: z.string(),
      about: z.string(),
    }),
  ),
  rows: z.array(
    z.object({
      id: z.string(),
      /** Of `sources`. */
      source: z.string(),
      /** The claim in a few words. */
      text: z.string(),
      hypothesis: z.string(),
      /** What is run, and what is looked at. */
      run: z.string(),
      /** What would refute it. */
      refuting: z.string(),
      /** Computed from what was seen. */
      verdict,
      saw: z.string(),
      /** Of a claim that is not settled: what the model would need. */
      missing: z.string().nullable(),
      /** Why it cannot come out otherwise; null: it can. */
      byConstruction: z.string().nullable(),
      /** `lastref replay TOKEN` plays the run that shows it best; null: counts say all. */
      token: z.string().nullable(),
      /** Within what the verdict holds, read off the runs. */
      scope: z.string(),
    }),
  ),
  digest: z.string(),
});
export type ClaimsDocument = z.infer<typeof claimsSchema>;
export type ClaimRow = ClaimsDocument['rows'][number];

export const claimsPartSchema = z.object({
  rows: z.array(
    z.object({
      id: z.string(),
      verdict,
      token: z.string().nullish(),
      /** Within what the verdict holds. */
      scope: z.string().nullish(),
      /** What is claimed. */
      text: z.string().nullish(),
    }),
  ),
});

export type ClaimsPart = z.infer<typeof claimsPartSchema>;

export interface Claim {
  readonly id: string;
  readonly verdict: string;
  readonly text: string;
  readonly scope: string;
  readonly token: string;
}

export function claimsOf(part: ClaimsPart): Claim[] {
  return part.rows.map(({ id, verdict, text, scope, token }) => ({
    id,
    verdict,
    text: text ?? '',
    scope: scope ?? '',
    token: token ?? '',
  }));
}
