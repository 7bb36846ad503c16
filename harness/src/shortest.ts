// How good is shrinking? The length of each finding of a campaign beside the shortest run that exhaustive search
// finds to the same property.
import type { CampaignDocument } from '@lastref/report';
import { DEFAULT_BOUND, explore, type Bound } from '@lastref/search';
import { swarmWorkloads } from './batch.ts';
import type { Progress } from './progress.ts';
import { findEra, type DesignFile } from './registry.ts';

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

/** Fills in `shortest`: steps of the shortest run, or null where the bound ended the search before. */
export function measureShortest(
  doc: CampaignDocument,
  designs: readonly DesignFile[],
  progress: Progress,
): CampaignDocument {
  const known = new Map<string, number | null>();
  const workloads = swarmWorkloads();
  const era = findEra(doc.era);
  const findings = doc.findings.map((f) => {
    const key = `${f.design} ${f.workload} ${f.property}`;
    let shortest = known.get(key);
    if (shortest === undefined) {
      const { design } = designs.find((d) => d.design.id === f.design)!;
      const workload = workloads.find((w) => w.id === f.workload)!;
      // every order: what reduction takes at once would count as steps that could be left out
      const options = {
        bound: { ...BOUND, steps: f.steps },
        property: f.property,
        reduction: false,
      };
      const found = explore({ design, workload, era, seed: 1 }, options);
      shortest = found.result === 'refuted' ? found.steps : null;
      known.set(key, shortest);
      progress.note(`shortest run of ${key}: ${shortest ?? 'not within the bound'}`);
    }
    return { ...f, shortest };
  });
  return { ...doc, findings };
}
