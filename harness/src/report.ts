// Gathers what a report shows: documents that are there, runs for those that are not, and a story for every
// finding.
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  BASELINES,
  claimsPartSchema,
  compareSchema,
  labSchema,
  layoutSchema,
  mostWorthLooking,
  moversSchema,
  type ClaimsPart,
  type CompareDocument,
  type LayoutDocument,
  type MoversDocument,
  type ReportInput,
  type Story,
} from '@lastref/report';
import type { Workload } from '@lastref/workloads';
import type { z } from 'zod';
import {
  type Fault,
  UsageError,
  type CaptureSource,
  type DesignFile,
  decodeToken,
  digestOfDocument,
  pose,
  settle,
} from '@lastref/runner';
import { layouts } from '@lastref/runner/layouts';
import { recordStories } from '@lastref/runner/story';
import { question as compare } from '@lastref/runner/compare';
import { NEWEST_FIRST, question as movers } from '@lastref/operations';
import { house } from './house.ts';
import { toolLine } from './origin.ts';

const LAYOUT_ERA = '3.8';

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

export async function gather(plan: ReportPlan): Promise<ReportInput> {
  const { from, era } = plan;
  const faulty = new Set<string>();
  const onFault = (fault: Fault): void => {
    faulty.add(fault.design);
    plan.onFault(fault);
  };
  const there = from === null ? null : document(`${from}/compare.json`, compareSchema);
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
    (from === null ? null : document(`${from}/movers.json`, moversSchema)) ??
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
    layout: layoutOf(designs),
    claims: claims(plan),
    lab: from === null ? null : document(`${from}/lab.json`, labSchema),
    stories,
    featured: featured(plan, doc, stories),
    stale,
    commands: there === null ? plan.commands : ['./lastref compare', ...plan.commands],
    tool: toolLine(),
  };
}

/** The story of the finding most worth looking at, with proposed designs first. */
function featured(
  plan: ReportPlan,
  doc: CompareDocument,
  stories: readonly Story[],
): string | null {
  const proposed = plan.known.filter((d) => d.design.status === 'proposed');
  const best = mostWorthLooking(doc.rows, new Set(proposed.map((d) => d.design.id)));
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

/** A document that was written before; null: there is none. */
export function document<T extends z.ZodType>(file: string, schema: T): z.infer<T> | null {
  if (!existsSync(file)) return null;
  const read = json(file);
  const parsed = schema.safeParse(read);
  if (parsed.success) {
    asItWasMade(file, read as { digest?: unknown });
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  throw new UsageError(
    `${file} is not such a document (${issue?.path.join('.')}: ${issue?.message}); make it again, or name another`,
  );
}

/** A report says under its digest what was found, so it shows no document that somebody edited. */
function asItWasMade(
  file: string,
  { digest, made: _, ...content }: { digest?: unknown; made?: unknown },
): void {
  const now = digestOfDocument(content);
  if (typeof digest !== 'string')
    throw new UsageError(
      `${file} has no digest, so it is no document that lastref wrote; make it with lastref, or name another`,
    );
  if (digest !== now)
    throw new UsageError(
      `${file} was changed after it was made: its digest is ${now}, and it says ${digest}; make it again, or name another`,
    );
}

function json(file: string): unknown {
  settle(dirname(file));
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
}

function claims({ from, claims: named }: ReportPlan): ClaimsPart | null {
  const file = named ?? (from === null ? null : `${from}/claims.json`);
  return file === null ? null : document(file, claimsPartSchema);
}

/** Rows and buffers of all designs, with a listing of every struct that one of them changes. */
function layoutOf(files: readonly DesignFile[]): LayoutDocument {
  const designs = files.map((d) => d.design);
  const { doc } = layouts({ designs, era: null, struct: null });
  const changed = new Set(designs.flatMap((d) => d.adds.map((a) => a.struct)));
  for (const row of doc.rows) if (row.growth !== 0) changed.add(row.struct);
  const names = [...new Set(doc.rows.map((r) => r.struct))].filter((s) => changed.has(s));
  const pictures = names.map((struct) => layouts({ designs, era: LAYOUT_ERA, struct }).doc);
  return layoutSchema.parse({
    ...doc,
    rows: pictures.flatMap((p) => p.rows),
    listings: pictures.flatMap((p) => p.listings),
  });
}
