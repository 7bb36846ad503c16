// The matrix as a document.
import { sinceText } from '@lastref/kernel';
import type { MatrixCellRow, MatrixRow, MoversDocument } from '@lastref/report';
import { digestOfDocument } from '@lastref/runner';
import { isWorse, matrixOperations, type MatrixCell } from './cell.ts';
import { carriedIn, whoOf, type Operation } from './operation.ts';
import type { MatrixAnswer, MatrixPlan } from './question.ts';
import { CONTROL } from './recipes/control.ts';

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
  { designs, eras, faults, processors, stopped }: MatrixPlan,
  answers: readonly MatrixAnswer[],
): MoversDocument {
  const all = matrixOperations();
  const got = new Map(answers.map((a) => [`${a.operation} ${a.design}`, a.cells]));
  const ids = designs
    .map((d) => d.design.id)
    .filter((id) => all.every((m) => got.has(`${m.id} ${id}`)));
  const cellOf = (operation: Operation, design: string, era: number): MatrixCell | null =>
    got.get(`${operation.id} ${design}`)![era]!;
  const isRun = (operation: Operation, era: number): boolean =>
    ids.some((id) => cellOf(operation, id, era) !== null);
  const rowOf = (operation: Operation, era: number): MatrixRow => ({
    mover: operation.id,
    era: eras[era]!,
    file: operation.file,
    since: sinceText(operation.since),
    until: operation.until === null ? null : sinceText(operation.until),
    refs: operation.refs,
    who: whoOf(operation, undefined),
    carries: carriedIn(operation, eras[era]!),
    cells: Object.fromEntries(
      ids.map((id) => [id, against(cellOf(operation, id, era)!, cellOf(CONTROL, id, era)!)]),
    ),
  });
  const stretchedBy: MoversDocument['stretchedBy'] = {};
  for (const id of ids) {
    const parties = new Set(
      all.flatMap((m) => got.get(`${m.id} ${id}`)!.flatMap((c) => c?.heldBy.map(party) ?? [])),
    );
    stretchedBy[id] = parties.size === 0 ? ['nobody'] : [...parties].sort();
  }
  const content = {
    schema: 'lastref.movers/2' as const,
    eras: [...eras],
    faults,
    ...(processors === undefined ? {} : { processors }),
    designs: ids,
    rows: eras.flatMap((_, era) =>
      all.filter((m) => isRun(m, era)).map((operation) => rowOf(operation, era)),
    ),
    stretchedBy,
    runs: [...got.values()].reduce((n, cells) => cells.reduce((m, c) => m + (c?.runs ?? 0), n), 0),
    ...(stopped.length === 0 ? {} : { stopped: [...stopped] }),
  };
  return { ...content, digest: digestOfDocument(content) };
}

/** The cell, and what the operation adds to a packet that only was in flight: another property, or a worse harm. */
export function against(cell: MatrixCell, control: MatrixCell): MatrixCellRow {
  const { verdict, outside, property, properties, verdicts, harm, harms, token, runs } = cell;
  const adds = properties.filter(
    (p) => cell === control || isWorse(harms.get(p)!, control.harms.get(p)),
  );
  const row = { verdict, property, verdicts, adds, harm, token, runs };
  return outside ? { ...row, outside: true as const } : row;
}
