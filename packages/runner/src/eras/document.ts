// The answers of all designs as a document.
import { trustedIn } from '../candidates/source.ts';
import { CHANGES, ERAS, sinceText } from '@lastref/kernel';
import type { ErasDocument } from '@lastref/report';
import { digestOfDocument } from '../digest.ts';
import { ownEra } from '../registry.ts';
import type { ErasAnswer, ErasPlan } from './question.ts';

export function erasDocument(plan: ErasPlan, answers: readonly ErasAnswer[]): ErasDocument {
  const { designs, workloads, seed, faults } = plan;
  const got = new Map(answers.map((a) => [`${a.design} ${a.workload}`, a]));
  const there = designs.filter(({ design }) =>
    workloads.some((w) => got.has(`${design.id} ${w.id}`)),
  );
  const cells = there.flatMap(({ design }) =>
    workloads.flatMap((w) => got.get(`${design.id} ${w.id}`) ?? []),
  );
  const turns = cells.flatMap((c) => c.turns);
  const used = new Set(turns.flatMap((t) => t.changes));
  const doc = {
    schema: 'lastref.eras/1' as const,
    seed,
    eras: ERAS.map((e) => e.id),
    designs: there.map(({ design }) => ({ id: design.id, own: ownEra(design).id })),
    workloads: workloads.map((w) => w.id),
    rows: cells.flatMap((c) => c.rows),
    turns,
    changes: Object.entries(CHANGES)
      .filter(([key]) => used.has(key))
      .map(([id, change]) => ({
        id,
        since: sinceText(change),
        what: change.what,
        source: change.source,
      })),
    ...(faults.length === 0 ? {} : { faults: [...faults] }),
    ...trustedIn(designs),
  };
  return { ...doc, digest: digestOfDocument(doc) };
}
