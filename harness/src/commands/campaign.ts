import { isDeepStrictEqual } from 'node:util';
import { many, type CampaignDocument } from '@lastref/report';
import pc from 'picocolors';
import { swarmWorkloads } from '../batch.ts';
import { Merged, batchKey, runCampaign, type CampaignPlan, type Shard } from '../campaign.ts';
import { knownDesigns } from '../candidate/known.ts';
import type { Fault } from '../candidate/rules.ts';
import { sourceOf } from '../candidate/source.ts';
import { UsageError } from '../errors.ts';
import { Journal } from '../journal.ts';
import { Progress } from '../progress.ts';
import { ask } from '../pool.ts';
import { absolute, findEra, select } from '../registry.ts';
import { failKinds } from './fail-on.ts';
import { reportFault, reportFaults } from './faults.ts';
import { replayHint } from './hint.ts';

interface CampaignFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly era?: string | undefined;
  readonly seed: number;
  readonly rounds: number;
  readonly runs: number;
  readonly steps: number;
  readonly failures?: true | undefined;
  readonly shard: Shard;
  readonly out?: string | undefined;
  readonly resume?: true | undefined;
  readonly merge?: string | undefined;
  readonly with: string[];
  readonly failOn?: string | undefined;
  readonly shortest?: true | undefined;
  readonly json?: true | undefined;
}

export async function campaignCommand(flags: CampaignFlags): Promise<void> {
  const kinds = failKinds(flags.failOn);
  const faults: Fault[] = [];
  const doc =
    flags.merge === undefined
      ? await run(flags, (fault) => faults.push(fault))
      : merge(flags.merge.split(','));
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(doc)}\n` : `${text(doc, flags.with)}\n`,
  );
  if (doc.findings.some((f) => kinds.has(f.property) || kinds.has(f.harm))) process.exitCode = 1;
  reportFaults(faults);
}

async function run(
  flags: CampaignFlags,
  onFault: (fault: Fault) => void,
): Promise<CampaignDocument> {
  const { all: known, candidates } = await knownDesigns(flags.with, reportFault);
  const designs = select('design', known, (d) => d.design.id, flags.designs);
  const workloads = select('workload', swarmWorkloads(), (w) => w.id, flags.workloads);
  const plan: CampaignPlan = {
    era: findEra(flags.era).id,
    seed: flags.seed,
    rounds: flags.rounds,
    designs: designs.map((d) => d.design.id),
    workloads: workloads.map((w) => w.id),
    options: { runs: flags.runs, steps: flags.steps, failures: flags.failures === true },
  };
  const journal = journalOf(flags, plan);
  const merged = new Merged(plan);
  const done = new Set<string>();
  for (const batch of journal?.batches ?? []) {
    if (done.has(batchKey(batch))) continue;
    done.add(batchKey(batch));
    merged.add(batch);
  }
  const progress = new Progress('campaign');
  process.once('SIGINT', () => {
    progress.end();
    const kept =
      flags.out === undefined
        ? 'nothing is kept (--out DIR keeps it)'
        : `what was over is kept in ${flags.out}: --resume goes on`;
    process.stderr.write(`campaign: stopped; ${kept}\n`);
    process.exit(130);
  });
  await runCampaign(
    plan,
    designs,
    flags.shard,
    done,
    progress,
    (batch) => {
      journal?.append(batch);
      merged.add(batch);
    },
    onFault,
  );
  progress.end();
  const doc = merged.document();
  if (flags.shortest !== true) return doc;
  return (await ask({ kind: 'shortest', candidates: candidates.map(sourceOf), doc })).doc;
}

function journalOf(flags: CampaignFlags, plan: CampaignPlan): Journal | null {
  if (flags.out === undefined) {
    if (flags.resume === true)
      throw new UsageError('--resume needs --out DIR: where the campaign is kept');
    return null;
  }
  const dir = absolute(flags.out);
  if (flags.resume !== true) return Journal.create(dir, plan);
  const journal = Journal.open(dir);
  if (!isDeepStrictEqual(journal.plan, plan))
    throw new UsageError(
      `the campaign in ${flags.out} is another one: ${JSON.stringify(journal.plan.options)}, seed ${journal.plan.seed}, ${journal.plan.rounds} rounds, era ${journal.plan.era}, ${journal.plan.designs.length} designs, ${journal.plan.workloads.length} workloads; resume it with the flags that it was begun with`,
    );
  return journal;
}

/** What several machines found, as if one had run it all. */
function merge(dirs: readonly string[]): CampaignDocument {
  const journals = dirs.map((dir) => Journal.open(absolute(dir)));
  const { plan } = journals[0]!;
  const merged = new Merged(plan);
  const done = new Set<string>();
  journals.forEach((journal, i) => {
    if (!isDeepStrictEqual(journal.plan, plan))
      throw new UsageError(
        `${dirs[i]!} holds another campaign than ${dirs[0]!}: only shards of one can be merged`,
      );
    for (const batch of journal.batches) {
      if (done.has(batchKey(batch))) continue;
      done.add(batchKey(batch));
      merged.add(batch);
    }
  });
  return merged.document();
}

function text(doc: CampaignDocument, candidates: readonly string[]): string {
  const { coverage } = doc;
  const out = [
    pc.bold(
      `Random runs, era ${doc.era}, seed ${doc.seed}: ${many(doc.findings.length, 'cause')} found`,
    ),
  ];
  let last = '';
  for (const f of doc.findings) {
    const at = `${f.design} on ${f.workload}`;
    if (at !== last) out.push(pc.bold(at));
    last = at;
    out.push(
      `  ${f.property} (${f.harm}) in ${many(f.steps, 'step')}${shortestText(f.shortest)}${f.minimal ? '' : ', perhaps not the least'}: ${f.text}`,
      `    ${f.token}`,
    );
  }
  out.push(
    `${many(doc.runs, 'run')}, ${many(doc.steps, 'step')}; ${coverage.cells} of ${coverage.of} cells (design × workload), ${coverage.exercised} cells × properties that a run could have refuted, ${coverage.pairs} pairs of (step, state of the references).`,
  );
  const [first] = doc.findings;
  if (first !== undefined) out.push(`For one:\n  ${replayHint(first.token, candidates)}`);
  return out.join('\n');
}

function shortestText(shortest: number | null | undefined): string {
  if (shortest === undefined) return '';
  return shortest === null
    ? ' (exhaustive search: not within its bound)'
    : ` (the shortest of all: ${shortest})`;
}
