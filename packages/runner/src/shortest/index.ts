// How good is shrinking? The length of each finding of a campaign beside the shortest run that exhaustive search
// finds to the same property.
import type { CampaignDocument } from '@lastref/report';
import { DEFAULT_BOUND, type Bound } from '@lastref/search';
import { swarmWorkloads } from '../campaign/batch.ts';
import type { Source } from '../candidates/source.ts';
import type { Isolate } from '../isolate.ts';
import { Progress } from '../progress.ts';
import { single, type Question } from '../question.ts';
import { find, findEra } from '../registry.ts';
import { designsOf, named } from '../replay/replay.ts';
import { searching } from '../searching.ts';

/** As much as a campaign's runs may do; no more states than take seconds. */
const BOUND: Bound = {
  ...DEFAULT_BOUND,
  operations: 2,
  retransmissions: 3,
  drops: 2,
  duplicates: 1,
  overtakes: 2,
  flight: 64,
  states: 40_000,
};

export interface ShortestAsk {
  readonly candidates: readonly Source[];
  readonly doc: CampaignDocument;
}

export const question: Question<ShortestAsk, ShortestAsk, CampaignDocument, CampaignDocument> =
  single({
    kind: 'shortest',
    endless: true,
    searches: true,
    sources: (ask) =>
      named(
        ask.candidates,
        ask.doc.findings.map((f) => f.design),
      ),
    cells: () => ['the campaign'],
    when: () => '',
    answer: (ask, _cell, isolate) => measureShortest(ask, isolate),
  });

/** Fills in `shortest`: steps of the shortest run, or null where the bound ended the search before. */
async function measureShortest(
  { doc, candidates }: ShortestAsk,
  isolate: Isolate,
): Promise<CampaignDocument> {
  const known = new Map<string, number | null>();
  const workloads = await swarmWorkloads(isolate.house);
  const designs = await designsOf(isolate, candidates);
  const era = findEra(doc.era);
  const progress = new Progress('shortest');
  const findings = doc.findings.map((f) => {
    const key = `${f.design} ${f.workload} ${f.property}`;
    let shortest = known.get(key);
    if (shortest === undefined) {
      const design = find('design', designs, (d) => d.id, f.design);
      const workload = workloads.find((w) => w.id === f.workload)!;
      // every order: what reduction takes at once would count as steps that could be left out
      const options = {
        bound: { ...BOUND, steps: f.steps },
        property: f.property,
        reduction: false,
      };
      const found = searching({ design, workload, era, seed: 1 }, options);
      shortest = found.result === 'refuted' ? found.steps : null;
      known.set(key, shortest);
      progress.note(`shortest run of ${key}: ${shortest ?? 'not within the bound'}`);
    }
    return { ...f, shortest };
  });
  progress.end();
  return { ...doc, findings };
}
