// What `check`, `replay` and `campaign --shortest` ask of one isolate: the command's own when only designs of the
// repository take part, one of their own where candidates do.
import type { Property } from '@lastref/judge';
import type {
  CampaignDocument,
  CheckDocument,
  DiffDocument,
  ReplayDocument,
} from '@lastref/report';
import type { Bound } from '@lastref/search';
import { WORKLOADS } from '@lastref/workloads';
import { broken, type Faulted } from './candidate/attempt.ts';
import { Broken, faultOf } from './candidate/rules.ts';
import { loadCandidate } from './candidate/load.ts';
import type { Source } from './candidate/source.ts';
import { check } from './check.ts';
import { diff } from './diff.ts';
import { UsageError } from './errors.ts';
import { Progress } from './progress.ts';
import { allDesigns, canaries, find, findEra, type DesignFile } from './registry.ts';
import { replay } from './replay.ts';
import { measureShortest } from './shortest.ts';
import { diffLines, storyLines } from './commands/story.ts';
import { decodeToken } from './token.ts';
import { writeTrace } from './trace/write.ts';

export interface CheckJob {
  readonly kind: 'check';
  readonly candidates: readonly Source[];
  readonly design: string;
  readonly workload: string;
  readonly era: string;
  readonly bound: Bound;
  readonly reduction: boolean;
  readonly property: Property | undefined;
  /** In the story, every step. */
  readonly all: boolean;
}

export interface CheckAnswer {
  readonly doc: CheckDocument;
  /** The counterexample, told. */
  readonly story: readonly string[];
}

export interface ReplayJob {
  readonly kind: 'replay';
  readonly candidates: readonly Source[];
  readonly token: string;
  readonly until: number | undefined;
  readonly capture: string | undefined;
  /** Another design for the same steps. */
  readonly diff: string | undefined;
  /** A directory for traces. */
  readonly trace: string | undefined;
  readonly all: boolean;
}

export interface ReplayAnswer {
  readonly doc: ReplayDocument | DiffDocument;
  /** Of a diff, all that is to be printed; else the story. */
  readonly lines: readonly string[];
  /** Names of the files of `trace`. */
  readonly files: readonly string[];
}

export interface ShortestJob {
  readonly kind: 'shortest';
  readonly candidates: readonly Source[];
  readonly doc: CampaignDocument;
}

export interface ShortestAnswer {
  readonly doc: CampaignDocument;
}

export async function* runCheck(job: CheckJob): AsyncGenerator<CheckAnswer | Faulted> {
  const extra = await loaded(job.candidates);
  const designs = [...(await allDesigns()), ...(await canaries()), ...extra];
  const { design } = find('design', designs, (d) => d.design.id, job.design);
  const workload = find('workload', WORKLOADS, (w) => w.id, job.workload);
  yield await guarding(job, design.id, workload.id, async () => {
    const { doc, story } = await check(design, workload, findEra(job.era), { ...job, extra });
    return { doc, story: story === null ? [] : storyLines(story, job.all) };
  });
}

export async function* runReplay(job: ReplayJob): AsyncGenerator<ReplayAnswer | Faulted> {
  const options = {
    until: job.until,
    capture: job.capture,
    extra: await loaded(job.candidates),
  };
  const token = decodeToken(job.token);
  yield await guarding(job, token.design, token.workload, async () => {
    if (job.diff !== undefined) {
      const doc = await diff(token, job.diff, options);
      return { doc, lines: diffLines(doc), files: [] };
    }
    const played = await replay(token, options);
    const files =
      job.trace === undefined ? [] : writeTrace(job.trace, played.input, token.trace, played.loan);
    return { doc: played.doc, lines: storyLines(played, job.all), files };
  });
}

export async function* runShortest(job: ShortestJob): AsyncGenerator<ShortestAnswer | Faulted> {
  const designs = [...(await allDesigns()), ...(await loaded(job.candidates))];
  const progress = new Progress('shortest');
  yield await guarding(job, 'a candidate', null, () =>
    Promise.resolve({ doc: measureShortest(job.doc, designs, progress) }),
  );
  progress.end();
}

function loaded(candidates: readonly Source[]): Promise<DesignFile[]> {
  return Promise.all(
    candidates.map(async (source) => ({ ...source, design: (await loadCandidate(source)).design })),
  );
}

/** A candidate's fault is the answer; what stops a design of the repository is thrown as it is. */
async function guarding<T>(
  job: { readonly candidates: readonly Source[] },
  design: string,
  where: string | null,
  work: () => Promise<T>,
): Promise<T | Faulted> {
  try {
    return await work();
  } catch (error) {
    const ours = job.candidates.length === 0 && !(error instanceof Broken);
    if (ours || error instanceof UsageError) throw error;
    return { fault: faultOf(design, where, broken(error)) };
  }
}
