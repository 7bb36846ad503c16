// Gathers what a report shows: documents that are there, runs for those that are not, and a story for every
// finding.
import {
  BASELINES,
  claimsPartSchema,
  compareSchema,
  labSchema,
  mostWorthLooking,
  moversSchema,
  type ClaimsPart,
  type CompareDocument,
  type MoversDocument,
  type ReportInput,
  type Story,
} from '@lastref/report';
import type { Workload } from '@lastref/workloads';
import {
  type Fault,
  UsageError,
  type CaptureSource,
  type DesignFile,
  type House,
  decodeToken,
  pose,
  readDocument,
} from '@lastref/runner';
import { layoutsOfChanged } from '@lastref/runner/layouts';
import { recordStories } from '@lastref/runner/story';
import { question as compare } from '@lastref/runner/compare';
import { isThought } from '@lastref/runner/compare-asked';
import { NEWEST_FIRST, question as movers } from '@lastref/operations';
import { toolLine } from '@lastref/runner/origin';

export interface ReportPlan {
  /** Where documents may be found; null: everything is run. */
  readonly from: string | null;
  readonly claims: string | undefined;
  readonly known: readonly DesignFile[];
  readonly designs: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  /** The kernel of the comparison; null: each design in its own. */
  readonly era: string | null;
  readonly commands: readonly string[];
  /** Told of a candidate's faults; a design with one is left out. */
  readonly onFault: (fault: Fault) => void;
}

/** Throws UsageError where no design is left. */
export async function gather(house: House, plan: ReportPlan): Promise<ReportInput> {
  const { from, era } = plan;
  const faulty = new Set<string>();
  const onFault = (fault: Fault): void => {
    faulty.add(fault.design);
    plan.onFault(fault);
  };
  // What is there is read before anything runs: one that cannot be read is said at once.
  const there = from === null ? null : readDocument(`${from}/compare.json`, compareSchema);
  const lab = from === null ? null : readDocument(`${from}/lab.json`, labSchema);
  const moved = from === null ? null : readDocument(`${from}/movers.json`, moversSchema);
  const claimed = claims(plan);
  const doc: CompareDocument =
    there ??
    (await pose(
      house,
      compare,
      {
        ...plan,
        baselines: plan.known.filter((d) => BASELINES.includes(d.design.id)),
        seed: 1,
        repeat: 1,
        whole: true,
        faults: [],
      },
      { progress: 'compare', onFault },
    ));
  const designs = plan.designs.filter((d) => !faulty.has(d.design.id));
  if (designs.length === 0) throw new UsageError('no design is left to report on');
  const matrix: MoversDocument =
    moved ??
    (await pose(
      house,
      movers,
      {
        designs,
        eras: era === null ? NEWEST_FIRST : [era],
        head: true,
        faults: false,
        stopped: [],
      },
      { progress: 'movers', onFault },
    ));
  const { stories, stale } = await recordStories(house, {
    compare: doc,
    movers: matrix,
    designs: plan.known,
    capture: plan.capture.file,
  });
  return {
    compare: doc,
    movers: matrix,
    layout: layoutsOfChanged(designs.map((d) => d.design)),
    claims: claimed,
    lab,
    stories,
    featured: featured(plan, doc, stories),
    stale,
    commands: there === null ? plan.commands : ['./lastref compare', ...plan.commands],
    tool: toolLine(),
  };
}

/** The story of the finding most worth looking at, with designs first that nobody runs. */
function featured(
  plan: ReportPlan,
  doc: CompareDocument,
  stories: readonly Story[],
): string | null {
  const thought = plan.known.filter(({ design }) => isThought(design));
  const best = mostWorthLooking(doc.rows, new Set(thought.map((d) => d.design.id)));
  if (best === null) return null;
  const { property, harm } = best.finding;
  const story = stories.find(
    (s) =>
      s.sides[0]!.design === best.row.design &&
      s.workload === decodeToken(best.finding.token).workload &&
      s.sides[0]!.findings.some((f) => f.property === property && f.harm === harm),
  );
  return story?.token ?? null;
}

function claims({ from, claims: named }: ReportPlan): ClaimsPart | null {
  const file = named ?? (from === null ? null : `${from}/claims.json`);
  return file === null ? null : readDocument(file, claimsPartSchema);
}
