// The matrix: every operation that moves a fragment, under every design.
import { carriedIn, sinceText, type Mover } from '@lastref/kernel';
import type { MatrixRow, MoversDocument } from '@lastref/report';
import type { Fault } from './candidate/rules.ts';
import { sourceOf } from './candidate/source.ts';
import { digestOfDocument } from './compare.ts';
import type { MatrixAnswer, MatrixJob } from './job.ts';
import { matrixMovers, type MatrixCell } from './matrix.ts';
import { runJobs } from './pool.ts';
import { Progress } from './progress.ts';
import type { DesignFile } from './registry.ts';

type Party = MoversDocument['stretchedBy'][string][number];

/** Who a holder is, as a reviewer asks: who can keep a page pinned? */
function party(holder: string): Party {
  if (/^(ack|the reply)/.test(holder)) return 'peer';
  if (/reader|pipe|queue|netlink|clone|copy|gro|received|datagram|probe/.test(holder))
    return 'slow reader';
  return 'device';
}

export async function movers(
  designs: readonly DesignFile[],
  era: string,
  faults: boolean,
  onFault: (fault: Fault) => void,
  run: (
    jobs: readonly MatrixJob[],
    onAnswer: (answer: MatrixAnswer) => void,
    onFault: (fault: Fault) => void,
  ) => Promise<void> = runJobs,
): Promise<MoversDocument> {
  const all = matrixMovers();
  const progress = new Progress('movers', designs.length * all.length);
  const jobs: MatrixJob[] = designs.map((d) => ({
    kind: 'matrix',
    source: sourceOf(d),
    era,
    faults,
  }));
  const cells = new Map<string, MatrixCell>();
  await run(
    jobs,
    ({ design, mover, cell }) => {
      cells.set(`${mover} ${design}`, cell);
      progress.step(`${design} under ${mover}`);
    },
    onFault,
  );
  progress.end();
  const answered = (id: string): boolean => all.every((m) => cells.has(`${m.id} ${id}`));
  const ids = designs.map((d) => d.design.id).filter(answered);
  const rowOf = (mover: Mover): MatrixRow => ({
    mover: mover.id,
    file: mover.file,
    since: sinceText(mover.since),
    until: mover.until === null ? null : sinceText(mover.until),
    refs: mover.refs,
    carries: carriedIn(mover, era),
    cells: Object.fromEntries(
      ids.map((id) => {
        const { verdict, property, properties, harm, token, runs } = cells.get(
          `${mover.id} ${id}`,
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
  };
  return { ...content, digest: digestOfDocument(content) };
}
