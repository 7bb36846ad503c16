// What a report reads of the ledger of claims. The document has more; the rest is shown nowhere here.
import { z } from 'zod';

export const claimsPartSchema = z.object({
  rows: z.array(
    z.object({
      id: z.string(),
      verdict: z.enum(['confirmed', 'refuted', 'qualified', 'not-settled']),
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
