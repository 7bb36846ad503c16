// What a campaign keeps in directories: its journal, and the journals of several machines as one document.
import { isDeepStrictEqual } from 'node:util';
import type { CampaignDocument } from '@lastref/report';
import { absolute, UsageError } from '@lastref/runner';
import {
  changed,
  digestOfCorpus,
  eachOnce,
  Journal,
  Merged,
  nextCorpus,
  readCorpus,
  writeCorpus,
  type BatchRecord,
  type CampaignPlan,
  type Versions,
} from '@lastref/runner/campaign';

interface KeptFlags {
  readonly out?: string | undefined;
  readonly resume?: true | undefined;
  readonly corpus?: string | undefined;
  readonly corpusMax: number;
}

/** The journal of `plan`, begun or resumed; null: nothing is kept. Throws UsageError for that of another campaign. */
export function journalOf(
  flags: KeptFlags,
  plan: CampaignPlan,
  versions: Versions,
): Journal | null {
  if (flags.out === undefined) {
    if (flags.resume === true)
      throw new UsageError('--resume needs --out DIR: where the campaign is kept');
    return null;
  }
  const dir = absolute(flags.out);
  if (flags.resume !== true || Journal.unborn(dir)) return Journal.create(dir, plan, versions);
  const journal = Journal.open(dir);
  if (!isDeepStrictEqual(journal.plan, plan))
    throw new UsageError(
      `the campaign in ${flags.out} is another one: ${JSON.stringify(journal.plan.options)}, seed ${journal.plan.seed}, ${journal.plan.rounds} rounds, era ${journal.plan.era}, ${journal.plan.designs.length} designs, ${journal.plan.workloads.length} workloads; resume it with the flags that it was begun with`,
    );
  const other = changed(journal.versions, versions);
  if (other !== null)
    throw new UsageError(
      `the campaign in ${flags.out} was begun with another version of ${other}: put that version back, or begin anew with another --out`,
    );
  return journal;
}

/** What several machines found, as if one had run it all. */
export function mergeJournals(dirs: readonly string[], flags: KeptFlags): CampaignDocument {
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
  });
  const merged = new Merged(plan);
  const batches = eachOnce(journals.flatMap((j) => j.batches));
  for (const batch of batches) merged.add(batch);
  if (flags.corpus !== undefined)
    keepCorpus(flags, { era: plan.era, corpus: begun(plan, flags), batches });
  return merged.document();
}

/** The corpus that the shards began with, as it still is. */
function begun(plan: CampaignPlan, { corpus }: KeptFlags): readonly string[] {
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
export function keepCorpus(flags: KeptFlags, { era, corpus, batches }: Ended): void {
  const next = nextCorpus(corpus, batches, era, flags.corpusMax);
  writeCorpus(absolute(flags.corpus!), next.tokens);
  const { stale, dropped, added } = next;
  process.stderr.write(
    `campaign: ${flags.corpus!}: ${corpus.length} runs were there, ${stale} no longer apply, ${dropped} others are dropped, ${added} added: ${next.tokens.length} are kept (at most ${flags.corpusMax})\n`,
  );
}
