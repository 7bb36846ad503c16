// What a campaign keeps in directories: its journal, and the journals of several machines as one document.
import { isDeepStrictEqual } from 'node:util';
import type { CampaignDocument } from '@lastref/report';
import { UsageError } from '../errors.ts';
import { absolute } from '../registry.ts';
import type { BatchRecord } from './batch.ts';
import { Merged, eachOnce, type CampaignPlan } from './campaign.ts';
import { digestOfCorpus, nextCorpus, readCorpus, writeCorpus } from './corpus.ts';
import { Journal, changed, type Versions } from './journal.ts';
import { isOf } from './possible.ts';

/** Directories, and how many runs a corpus may have. */
export interface Keeping {
  readonly out?: string | undefined;
  readonly resume?: true | undefined;
  readonly corpus?: string | undefined;
  readonly corpusMax: number;
}

/** The journal of `plan`, begun or resumed; null: nothing is kept. Throws UsageError for that of another campaign. */
export function journalOf(
  keeping: Keeping,
  plan: CampaignPlan,
  versions: Versions,
): Journal | null {
  if (keeping.out === undefined) return null;
  const dir = absolute(keeping.out);
  if (keeping.resume !== true || Journal.unborn(dir)) return Journal.create(dir, plan, versions);
  const journal = Journal.open(dir);
  if (!isDeepStrictEqual(journal.plan, plan))
    throw new UsageError(
      `the campaign in ${keeping.out} is another one: ${JSON.stringify(journal.plan.options)}, seed ${journal.plan.seed}, ${journal.plan.rounds} rounds, era ${journal.plan.era}, ${journal.plan.designs.length} designs, ${journal.plan.workloads.length} workloads; resume it with the flags that it was begun with`,
    );
  const other = changed(journal.versions, versions);
  if (other !== null)
    throw new UsageError(
      `the campaign in ${keeping.out} was begun with another version of ${other}: put that version back, or begin anew with another --out`,
    );
  return journal;
}

export interface MergedCampaign {
  readonly doc: CampaignDocument;
  /** Batches that none of the machines has run. */
  readonly missing: number;
}

/** What several machines found, as if one had run it all; what none of them ran is said on stderr. */
export function mergeJournals(dirs: readonly string[], keeping: Keeping): MergedCampaign {
  const journals = dirs.map((dir) => Journal.read(absolute(dir)));
  const { plan, versions } = journals[0]!;
  journals.forEach((journal, i) => {
    if (!isDeepStrictEqual(journal.plan, plan))
      throw new UsageError(
        `${dirs[i]!} holds another campaign than ${dirs[0]!}: only shards of one can be merged`,
      );
    const other = changed(versions, journal.versions);
    if (other !== null)
      throw new UsageError(
        `${dirs[i]!} was run with another version than ${dirs[0]!} of ${other}: run that shard again with the first one's version`,
      );
    const stray = journal.batches.find((batch) => !isOf(plan, batch));
    if (stray !== undefined)
      throw new UsageError(
        `${dirs[i]!}: ${stray.design} on ${stray.workload} in round ${stray.round} is no batch of this campaign; was the file edited?`,
      );
  });
  const merged = new Merged(plan);
  const batches = eachOnce(journals.flatMap((j) => j.batches));
  for (const batch of batches) merged.add(batch);
  if (keeping.corpus !== undefined)
    keepCorpus(keeping, { era: plan.era, corpus: begun(plan, keeping), batches });
  const all = plan.rounds * plan.designs.length * plan.workloads.length;
  const missing = all - batches.length;
  if (missing > 0)
    process.stderr.write(
      `campaign: ${missing} of ${all} batches are in none of these directories: what they would find is not here\n`,
    );
  return { doc: merged.document(), missing };
}

/** The corpus that the shards began with, as it still is. */
function begun(plan: CampaignPlan, { corpus }: Keeping): readonly string[] {
  const tokens = readCorpus(absolute(corpus!));
  if (plan.corpus !== digestOfCorpus(tokens))
    throw new UsageError(
      `the campaign did not begin with the corpus in ${corpus!}: name the one that its shards were run with, as it was then`,
    );
  return tokens;
}

interface Ended {
  readonly era: string;
  /** What it began with. */
  readonly corpus: readonly string[];
  readonly batches: readonly BatchRecord[];
}

/** Writes the corpus for the next campaign, and says on stderr what became of this one. */
export function keepCorpus(keeping: Keeping, { era, corpus, batches }: Ended): void {
  const next = nextCorpus(corpus, batches, era, keeping.corpusMax);
  writeCorpus(absolute(keeping.corpus!), next.tokens);
  const { stale, dropped, added } = next;
  process.stderr.write(
    `campaign: ${keeping.corpus!}: ${corpus.length} runs were there, ${stale} no longer apply, ${dropped} others are dropped, ${added} added: ${next.tokens.length} are kept (at most ${keeping.corpusMax})\n`,
  );
}

/** Of a campaign that somebody has stopped: what is left of it, and how it goes on. */
export function whatIsKept({
  out,
  queue,
}: {
  out?: string | undefined;
  queue?: string | undefined;
}): string {
  if (queue !== undefined) return 'the workers go on, and the same command collects what they find';
  return out === undefined
    ? 'nothing is kept (--out DIR keeps it)'
    : `what was over is kept in ${out}: --resume goes on`;
}
