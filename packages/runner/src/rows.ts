// Questions that ask the cells of a comparison once more, in another way: a row for each design and workload, in their
// order.
import type { Design } from '@lastref/kernel';
import { lacks, type Workload } from '@lastref/workloads';
import type { Fault } from './candidates/rules.ts';
import { sourceOf, trustedIn, type Source } from './candidates/source.ts';
import { workloadNamed, type CaptureSource } from './captures.ts';
import { digestOfDocument } from './digest.ts';
import type { Question } from './question.ts';
import { findEra, ownEra, type DesignFile } from './registry.ts';

/** What every such question is asked of; `era`, unless it goes through them. */
export interface RowsPlan {
  readonly designs: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  /** null: each design in its own kernel. */
  readonly era: string | null;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

export interface RowsAsk {
  readonly source: Source;
  readonly workloads: readonly string[];
  readonly capture: CaptureSource;
  readonly era: string;
  readonly seed: number;
}

interface Row {
  readonly design: string;
  readonly workload: string;
}

/** What is asked beside designs and workloads, and what is answered. */
export interface Rows<Plan, More, R extends Row, Content> {
  readonly kind: string;
  more(plan: Plan): More;
  when(ask: RowsAsk & More): string;
  /** Of a kernel that has what the workload takes. */
  row(design: Design, workload: Workload, ask: RowsAsk & More): R;
  content(plan: Plan, rows: R[]): Content;
}

export function rowsQuestion<Plan extends RowsPlan, More, R extends Row, Content>(
  of: Rows<Plan, More, R, Content>,
): Question<
  Plan,
  RowsAsk & More,
  R | null,
  Content & { faults?: Fault[]; trusted?: string[]; digest: string }
> {
  return {
    kind: of.kind,
    brief: true,
    asks: (plan) =>
      plan.designs.map((d) => ({
        source: sourceOf(d),
        workloads: plan.workloads.map((w) => w.id),
        capture: plan.capture,
        era: plan.era ?? ownEra(d.design).id,
        seed: plan.seed,
        ...of.more(plan),
      })),
    sources: (ask) => [ask.source],
    cells: (ask) => ask.workloads,
    when: (ask) => of.when(ask),
    about: (row) => (row === null ? '' : `${row.design} on ${row.workload}`),
    async answer(ask, cell, isolate) {
      const design = await isolate.design(ask.source);
      const workload = await workloadNamed(ask.workloads[cell]!, ask.capture);
      return lacks(workload, findEra(ask.era), design.over) === null
        ? of.row(design, workload, ask)
        : null;
    },
    merge(plan, answers) {
      const { designs, workloads, faults } = plan;
      const place = (row: Row): number =>
        designs.findIndex((d) => d.design.id === row.design) * workloads.length +
        workloads.findIndex((w) => w.id === row.workload);
      const rows = answers.filter((row) => row !== null).sort((a, b) => place(a) - place(b));
      const content = {
        ...of.content(plan, rows),
        ...(faults.length === 0 ? {} : { faults: [...faults] }),
        ...trustedIn(designs),
      };
      return { ...content, digest: digestOfDocument(content) };
    },
  };
}
