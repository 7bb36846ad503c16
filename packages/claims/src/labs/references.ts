// Page references of lent pages while the stack has them, and what happens if their owner drops its own too soon.
import { putPage, type Page } from '@lastref/kernel';
import { STORIES, play, type Story } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

/** Stories in which the same page is held in several places at once. */
const TOLD = ['late-ack', 'tap-last', 'partial-ack', 'sack-shift', 'gso-parent'];

export interface References {
  readonly stories: number;
  /** Most references that any lent page had; its owner has one. */
  readonly most: number;
  /** Stories in which an owner that drops its reference right after lending makes somebody read a freed page. */
  readonly freedUnderReader: number;
}

export const referenceLab: Lab<References> = (design, era) => {
  const stories = STORIES.filter((s) => TOLD.includes(s.id));
  let most = 0;
  let freedUnderReader = 0;
  for (const told of stories) {
    const watch = new Cell({ design, workload: told.workload, era, seed: 1 });
    run(told, watch, () => {
      for (const page of watch.judge.lentPages()) most = Math.max(most, page.count);
    });
    const careless = new Cell({ design, workload: told.workload, era, seed: 1 });
    const dropped = new Set<Page>();
    const { findings } = run(told, careless, () => dropOwn(careless, dropped));
    if (findings.some((f) => f.property === 'corrupt')) freedUnderReader++;
  }
  return { stories: stories.length, most, freedUnderReader };
};

function run(told: Story, cell: Cell, look: () => void) {
  play(told.script, cell.k, cell.recorder, () => {
    cell.judge.afterStep();
    look();
  });
  return cell.finish().judgement;
}

/** The owner thinks that lending was the end of it, and lets go of its pages. */
function dropOwn(cell: Cell, dropped: Set<Page>): void {
  for (const page of cell.judge.lentPages()) {
    if (dropped.has(page)) continue;
    dropped.add(page);
    cell.k.probe.pageDisowned(page);
    putPage(cell.k, page);
  }
}
