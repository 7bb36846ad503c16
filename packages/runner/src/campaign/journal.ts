// The batches of a campaign in a file, a line each, so that whatever ends the program loses no batch that was over.
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DAMAGES, HARMS, PROPERTIES, WHO } from '@lastref/judge';
import { printable } from '@lastref/report/words';
import { z } from 'zod';
import type { BatchRecord } from './batch.ts';
import type { CampaignPlan } from './campaign.ts';
import { impossible, isOf } from './possible.ts';
import { UsageError } from '../errors.ts';
import { guarding, Owned, writeTogether } from '../files.ts';

const FILE = 'campaign.jsonl';
const SCHEMA = 'lastref.campaign-journal/2';

/** Versions of what made the batches of a journal. */
export interface Versions {
  readonly machine: string;
  /** Of the code of each design, by id. */
  readonly designs: Readonly<Record<string, string>>;
}

/** What differs between two versions, in words; null: nothing does. */
export function changed(was: Versions, now: Versions): string | null {
  const parts: string[] = [];
  if (was.machine !== now.machine) parts.push(`the machine (${was.machine}, now ${now.machine})`);
  for (const [id, code] of Object.entries(was.designs))
    if (code !== now.designs[id]) parts.push(`${id} (${code}, now ${now.designs[id] ?? 'gone'})`);
  return parts.length === 0 ? null : parts.join(' and ');
}

/** A text that goes to a terminal. */
const shown = z.string().refine((text) => printable(text) === text, 'has control characters');
const count = z.number().int().min(0);

/** What is read of a line that somebody may have edited; the rest of it is ours. */
export const planSchema = z.looseObject({
  era: shown,
  seed: z.number(),
  rounds: count.max(1_000_000),
  designs: z.array(shown),
  workloads: z.array(shown),
  options: z.looseObject({ runs: z.number(), steps: z.number(), failures: z.boolean() }),
});
export const versionsSchema = z.looseObject({
  machine: z.string(),
  designs: z.record(z.string(), z.string()),
});
const headSchema = z.looseObject({
  schema: z.literal(SCHEMA),
  plan: planSchema,
  versions: versionsSchema,
});
export const batchSchema = z.looseObject({
  round: count,
  design: shown,
  workload: shown,
  runs: count,
  steps: count,
  pairs: count,
  exercised: z.array(z.enum(PROPERTIES)),
  starved: count.optional(),
  findings: z.array(
    z.looseObject({
      property: z.enum(PROPERTIES),
      damage: z.enum(DAMAGES),
      who: z.enum(WHO).nullable(),
      harm: z.enum(HARMS),
      where: shown,
      text: shown,
      token: z.string().regex(/^[\w.~-]+$/, 'is no token'),
      steps: count,
      minimal: z.boolean(),
      cause: z.string(),
    }),
  ),
  corpus: z
    .looseObject({
      kept: z.array(z.looseObject({ token: z.string(), pairs: z.array(z.number()) })),
      stale: z.array(z.string()),
    })
    .optional(),
});

/** Why a line is no batch of a campaign of this plan; null: it is one. */
function wrongIn(line: unknown, plan: CampaignPlan): string | null {
  const read = batchSchema.safeParse(line);
  const batch = line as BatchRecord;
  if (read.success) return isOf(plan, batch) ? impossible(batch, plan) : null; // who merges says that
  const [issue] = read.error.issues;
  const at = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `;
  return `${at}${issue!.message}`;
}

export class Journal {
  readonly plan: CampaignPlan;
  readonly versions: Versions;
  readonly batches: readonly BatchRecord[];
  private readonly file: string;
  /** Of the whole lines. */
  private bytes: number;
  /** null: it is read, and somebody else may be writing it. */
  private readonly owned: Owned | null;

  private constructor(
    file: string,
    { plan, versions }: { readonly plan: CampaignPlan; readonly versions: Versions },
    batches: readonly BatchRecord[],
    owned: Owned | null,
  ) {
    this.file = file;
    this.owned = owned;
    this.plan = plan;
    this.versions = versions;
    this.batches = batches;
    this.bytes = readFileSync(file).length;
  }

  /** Is there a journal in `dir` that ends before its first line does? It is none: whoever began it was killed. */
  static unborn(dir: string): boolean {
    const file = join(dir, FILE);
    return existsSync(file) && !readFileSync(file).includes('\n');
  }

  /**
   * A new journal in `dir`. Throws UsageError if there is one, CouldNot if there can be none or another process is at
   * work there.
   */
  static create(dir: string, plan: CampaignPlan, versions: Versions): Journal {
    const file = join(dir, FILE);
    const owned = new Owned(dir, FILE);
    if (existsSync(file) && !Journal.unborn(dir))
      throw new UsageError(
        `${file} exists: go on with --resume, or name another directory with --out`,
      );
    writeTogether(dir, [
      { name: FILE, data: `${JSON.stringify({ schema: SCHEMA, plan, versions })}\n` },
    ]);
    return new Journal(file, { plan, versions }, [], owned);
  }

  /**
   * The journal in `dir`, to go on with; a line that was cut off is dropped. Throws UsageError with the line that is
   * wrong, CouldNot while another process is at work there.
   */
  static open(dir: string): Journal {
    if (!existsSync(join(dir, FILE)))
      throw new UsageError(`${join(dir, FILE)} does not exist: no campaign was begun there`);
    return Journal.parsed(dir, new Owned(dir, FILE));
  }

  /** The whole lines of the journal in `dir`, to be read: whoever is at work there is left alone. */
  static read(dir: string): Journal {
    return Journal.parsed(dir, null);
  }

  private static parsed(dir: string, owned: Owned | null): Journal {
    const file = join(dir, FILE);
    if (!existsSync(file))
      throw new UsageError(`${file} does not exist: no campaign was begun there`);
    const text = readFileSync(file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole === '') throw new UsageError(`${file} is empty: no campaign was begun there`);
    if (owned !== null && whole.length < text.length)
      guarding(file, () => truncateSync(file, Buffer.byteLength(whole)));
    const lines = whole.split('\n').slice(0, -1);
    const parsed = lines.map((line, i) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        throw new UsageError(`${file}:${i + 1}: this line is not JSON; was the file edited?`);
      }
    });
    const head = headSchema.safeParse(parsed[0]);
    if (!head.success)
      throw new UsageError(`${file}:1: not the journal of a campaign of this version (${SCHEMA})`);
    const { plan, versions } = parsed[0] as { plan: CampaignPlan; versions: Versions };
    parsed.slice(1).forEach((batch, i) => {
      const what = wrongIn(batch, plan);
      if (what !== null)
        throw new UsageError(
          `${file}:${i + 2}: this line is no batch (${what}); was the file edited?`,
        );
    });
    return new Journal(file, { plan, versions }, parsed.slice(1) as BatchRecord[], owned);
  }

  /** One more line. Throws CouldNot, and leaves no part of the line behind. */
  append(batch: BatchRecord): void {
    const line = Buffer.from(`${JSON.stringify(batch)}\n`);
    guarding(this.file, () => {
      const fd = openSync(this.file, 'a');
      try {
        writeFileSync(fd, line);
        this.bytes += line.length;
      } catch (error) {
        ftruncateSync(fd, this.bytes);
        throw error;
      } finally {
        closeSync(fd);
      }
    });
  }

  /** Others may go on with it. */
  close(): void {
    this.owned?.giveBack();
  }
}
