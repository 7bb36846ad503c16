// What there is, as a document: designs, workloads, movers, eras.
import {
  ERAS,
  byBranch,
  changeAt,
  gapText,
  sinceText,
  type ByBranch,
  type Since,
} from '@lastref/kernel';
import { OPERATIONS, type Operation } from '@lastref/operations';
import type { ListDocument } from '@lastref/report';
import { allWorkloads, digested, trustedIn, type DesignFile } from '@lastref/runner';
import type { Known } from '@lastref/runner/known';
import { RUNTIME_WORKLOADS, type Workload } from '@lastref/workloads';

function branches(since: Since | null): ByBranch | null {
  return since === null ? null : byBranch(changeAt(since));
}

function age({ since, until, gap }: Operation): string {
  return `${sinceText(since)} ${until === null ? 'on' : `until ${sinceText(until)}`}${gapText(gap)}`;
}

function cardLine({ design }: DesignFile): ListDocument['designs'][number] {
  const { id, title, year, source, status, summary } = design;
  return { id, title, year, source, status, summary };
}

function workloadLine({ id, title, story }: Workload): ListDocument['workloads'][number] {
  return { id, title, story };
}

/** Since when each mover is there, in the order of the document: `2.6.12 on`, `2.6.17 until 6.5`. */
export const moverAges = (): string[] => OPERATIONS.map(age);

export function listDocument(known: Known): ListDocument {
  return digested({
    schema: 'lastref.list/2' as const,
    designs: known.all.map(cardLine),
    workloads: allWorkloads().map(workloadLine),
    runtimes: known.runtimes.map(cardLine),
    runtimeWorkloads: RUNTIME_WORKLOADS.map(workloadLine),
    movers: OPERATIONS.map(({ id, file, since, until, refs, carries }) => ({
      id,
      file,
      since: byBranch(changeAt(since)),
      until: branches(until),
      refs,
      carries: carries.map((c) => ({
        what: c.what,
        since: branches(c.since),
        until: branches(c.until),
      })),
    })),
    eras: ERAS.map((e) => e.id),
    ...trustedIn(known.candidates),
  });
}
