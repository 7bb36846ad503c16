// When sock_wfree runs, who can still read the data?
import {
  Destructor,
  type HolderVisitor,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { TracePicker, workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const WORKLOADS = ['nfs-odirect', 'bulk-loss', 'loopback-slow-reader', 'tap-slow-reader'];

export interface Wfree {
  readonly workload: string;
  /** Runs of sock_wfree for packets with lent pages. */
  readonly runs: number;
  /** The packet itself lives on: it was orphaned, not freed. */
  readonly orphaned: number;
  /** Freed, and clones have its data. */
  readonly clones: number;
  /** Freed with no clone left, and its pages can be read from other packets. */
  readonly moved: number;
}

interface Run {
  readonly skb: SkBuff;
  readonly gen: number;
  readonly shinfo: SkbSharedInfo;
  readonly pages: readonly Page[];
}

export const wfreeLab: Lab<readonly Wfree[]> = (design, era) =>
  WORKLOADS.map((workload) => {
    const input = { design, workload: workloadCalled(workload)!, era, seed: 1 };
    const clock = new Cell(input);
    const { steps } = clock.runByClock();
    const cell = new Cell(input);
    const { lifetime, agenda, holders } = cell.k;
    const step: Run[] = [];
    const destructor = lifetime.skbDestructor.bind(lifetime);
    lifetime.skbDestructor = (skb) => {
      const lent = skb.destructor === Destructor.SOCK_WFREE && skb.shinfo.nrFrags > 0;
      if (lent) {
        const { shinfo, gen } = skb;
        const pages = shinfo.frags.slice(0, shinfo.nrFrags).map((f) => f.page);
        step.push({ skb, gen, shinfo, pages });
      }
      destructor(skb);
    };
    const seen = { workload, runs: 0, orphaned: 0, clones: 0, moved: 0 };
    const picker = new TracePicker(clock.recorder.upTo(steps));
    while (picker.step(agenda)) {
      cell.judge.afterStep();
      for (const run of step.splice(0)) {
        seen.runs++;
        const readers = new Readers(run);
        for (const holder of holders) holder.forEachReader(readers);
        if (run.skb.live && run.skb.gen === run.gen) seen.orphaned++;
        else if (readers.clone) seen.clones++;
        else if (readers.other) seen.moved++;
      }
    }
    return seen;
  });

/** Is there another way to the data of a packet that sock_wfree was called for? */
class Readers implements HolderVisitor {
  private readonly run: Run;
  clone = false;
  other = false;

  constructor(run: Run) {
    this.run = run;
  }

  skb(skb: SkBuff): void {
    const { shinfo, pages } = this.run;
    if (skb.shinfo === shinfo) this.clone = true;
    else if (skb.shinfo.frags.slice(0, skb.shinfo.nrFrags).some((f) => pages.includes(f.page)))
      this.other = true;
    for (let m = skb.shinfo.fragList; m !== null; m = m.next) this.skb(m);
  }

  page(page: Page): void {
    if (this.run.pages.includes(page)) this.other = true;
  }
}
