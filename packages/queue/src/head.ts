// What stands in Redis. Beside the keys of BullMQ (`lastref:<id>:…`) a campaign has
//   lastref:campaigns      the campaigns that are open, by the time when they were
//   lastref:<id>:head      what it is: plan, versions, candidates
//   lastref:<id>:results   a hash: one field for each batch, and for each piece that is over
//   lastref:<id>:order     a list of those fields, in the order in which they came
// A campaign's id is a digest of all that decides what it finds, so the same campaign begun again is the same one.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { printable } from '@lastref/report/words';
import type { Fault, PackedSource } from '@lastref/runner';
import {
  batchSchema,
  planSchema,
  versionsSchema,
  type BatchRecord,
  type CampaignPlan,
  type Versions,
} from '@lastref/runner/campaign';

export const PREFIX = 'lastref';
export const OPEN = `${PREFIX}:campaigns`;
const SCHEMA = 'lastref.queue/1';
/** What nobody asked for in so long is forgotten. */
export const KEPT_SECONDS = 7 * 24 * 3600;

export const headKey = (id: string): string => `${PREFIX}:${id}:head`;
export const resultsKey = (id: string): string => `${PREFIX}:${id}:results`;
export const orderKey = (id: string): string => `${PREFIX}:${id}:order`;

/** A campaign, for those who work on it. */
export interface Head {
  readonly plan: CampaignPlan;
  readonly versions: Versions;
  readonly candidates: readonly PackedSource[];
  /** Tokens; null: the campaign has none. */
  readonly corpus: readonly string[] | null;
}

const headSchema = z.object({
  schema: z.literal(SCHEMA),
  plan: planSchema,
  versions: versionsSchema,
  candidates: z.array(
    z.object({ file: z.string(), code: z.string(), version: z.string(), name: z.string() }),
  ),
  corpus: z.array(z.string()).nullable(),
});

export function headText({ plan, versions, candidates, corpus }: Head): string {
  return JSON.stringify({ schema: SCHEMA, plan, versions, candidates, corpus });
}

/** The id of the campaign with this head. */
export function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Whatever somebody wrote there; undefined: no JSON. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A campaign's head as it is read, or why it cannot be. */
export function readHead(id: string, text: string): Head | string {
  if (idOf(text) !== id) return 'its description is not the one that its id was made of';
  const parsed = headSchema.safeParse(json(text));
  if (!parsed.success) return `it is not of this lastref (${SCHEMA})`;
  const { schema: _, ...head } = parsed.data;
  return head;
}

/** One job: cells of one round for one design, answered by one isolate. */
export interface Piece {
  readonly round: number;
  readonly design: string;
  readonly workloads: readonly string[];
}

export const pieceSchema = z.object({
  round: z.number().int(),
  design: z.string(),
  workloads: z.array(z.string()),
});

/** The field of a piece that is over. */
export const pieceField = (job: string): string => `piece ${job}`;

/** A piece that is over. */
export interface Ended {
  /** Workloads that have a batch. */
  readonly answered: readonly string[];
  /** Of its candidate. */
  readonly faults: readonly Fault[];
}

/** What a field of the results holds. */
export type Result = { readonly batch: BatchRecord } | { readonly ended: Ended };

/** Goes to a terminal. */
const line = z.string().transform(printable);

const resultSchema = z.union([
  z.object({ batch: batchSchema }),
  z.object({
    ended: z.object({
      answered: z.array(z.string()),
      faults: z.array(
        z.object({
          design: line,
          where: line.nullable(),
          hook: line.nullable(),
          rule: line,
          text: line,
        }),
      ),
    }),
  }),
]);

/** null: no result. */
export function readResult(text: string | null): Result | null {
  if (text === null) return null;
  const parsed = resultSchema.safeParse(json(text));
  return parsed.success ? (parsed.data as Result) : null;
}

/** The first result of a field stays, and is listed once: the second of a worker that was thought dead changes nothing. */
const KEEP = `
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[1]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])`;

export async function keepResult(
  redis: Redis,
  id: string,
  field: string,
  result: Result,
): Promise<void> {
  const text = JSON.stringify(result);
  await redis.eval(KEEP, 2, resultsKey(id), orderKey(id), field, text, KEPT_SECONDS);
}
