// The batches of a campaign in a file, a line each, so that whatever ends the program loses no batch that was over.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { BatchRecord } from './batch.ts';
import type { CampaignPlan } from './campaign.ts';
import { UsageError } from '../errors.ts';

const FILE = 'campaign.jsonl';
const SCHEMA = 'lastref.campaign-journal/1';

export class Journal {
  readonly plan: CampaignPlan;
  readonly batches: readonly BatchRecord[];
  private readonly file: string;

  private constructor(file: string, plan: CampaignPlan, batches: readonly BatchRecord[]) {
    this.file = file;
    this.plan = plan;
    this.batches = batches;
  }

  /** A new journal in `dir`. Throws UsageError if there is one. */
  static create(dir: string, plan: CampaignPlan): Journal {
    const file = join(dir, FILE);
    if (existsSync(file))
      throw new UsageError(
        `${file} exists: go on with --resume, or name another directory with --out`,
      );
    mkdirSync(dir, { recursive: true });
    writeFileSync(file, `${JSON.stringify({ schema: SCHEMA, plan })}\n`);
    return new Journal(file, plan, []);
  }

  /** The journal in `dir`; a line that was cut off is dropped. Throws UsageError with the line that is wrong. */
  static open(dir: string): Journal {
    const file = join(dir, FILE);
    if (!existsSync(file))
      throw new UsageError(`${file} does not exist: no campaign was begun there`);
    const text = readFileSync(file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    const lines = whole.split('\n').slice(0, -1);
    const parsed = lines.map((line, i) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        throw new UsageError(`${file}:${i + 1}: this line is not JSON; was the file edited?`);
      }
    });
    const head = parsed[0] as { schema?: string; plan?: CampaignPlan } | undefined;
    if (head?.schema !== SCHEMA || head.plan === undefined)
      throw new UsageError(`${file}:1: not the journal of a campaign of this version (${SCHEMA})`);
    return new Journal(file, head.plan, parsed.slice(1) as BatchRecord[]);
  }

  append(batch: BatchRecord): void {
    appendFileSync(this.file, `${JSON.stringify(batch)}\n`);
  }
}
