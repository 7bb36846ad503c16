// The matrix as a document.
import type { MatrixRow, MoversDocument } from '@lastref/report';
import { digestOfDocument } from '@lastref/runner';
import { matrixOperations } from './cell.ts';
import { carriedIn, type Operation } from './operation.ts';
import type { MatrixAnswer, MatrixPlan } from './question.ts';
import { sinceText } from '@lastref/kernel';

type Party = MoversDocument['stretchedBy'][string][number];

/** Who a holder is, as a reviewer asks: who can keep a page pinned? */
function party(holder: string): Party {
  if (/^(ack|the reply)/.test(holder)) return 'peer';
  if (/reader|pipe|queue|netlink|clone|copy|gro|received|datagram|probe/.test(holder))
    return 'slow reader';
  return 'device';
}

/** A design that has not answered for every operation has no column. */
export function matrixDocument(
  { designs, era, faults, stopped }: MatrixPlan,
  answers: readonly MatrixAnswer[],
): MoversDocument {
  const all = matrixOperations();
  const cells = new Map(answers.map((a) => [`${a.operation} ${a.design}`, a.cell]));
  const answered = (id: string): boolean => all.every((m) => cells.has(`${m.id} ${id}`));
  const ids = designs.map((d) => d.design.id).filter(answered);
  const rowOf = (operation: Operation): MatrixRow => ({
    mover: operation.id,
    file: operation.file,
    since: sinceText(operation.since),
    until: operation.until === null ? null : sinceText(operation.until),
    refs: operation.refs,
    carries: carriedIn(operation, era),
    cells: Object.fromEntries(
      ids.map((id) => {
        const { verdict, property, properties, harm, token, runs } = cells.get(
          `${operation.id} ${id}`,
        )!;
        return [id, { verdict, property, properties: [...properties], harm, token, runs }];
      }),
    ),
  });
  const stretchedBy: MoversDocument['stretchedBy'] = {};
  for (const id of ids) {
    const parties = new Set(all.flatMap((m) => cells.get(`${m.id} ${id}`)!.heldBy.map(party)));
    stretchedBy[id] = parties.size === 0 ? ['nobody'] : [...parties].sort();
  }
  const content = {
    schema: 'lastref.movers/1' as const,
    era,
    faults,
    designs: ids,
    rows: all.slice(0, -1).map(rowOf),
    unconverted: rowOf(all.at(-1)!),
    stretchedBy,
    runs: [...cells.values()].reduce((n, c) => n + c.runs, 0),
    ...(stopped.length === 0 ? {} : { stopped: [...stopped] }),
  };
  return { ...content, digest: digestOfDocument(content) };
}
