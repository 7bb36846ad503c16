// The same transfer on devices with and without scatter/gather and checksum offload: what is copied?
import { PAGE_SIZE } from '@lastref/kernel';
import { play, story, wholePages } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const PAGES = 8;

export interface DeviceCopies {
  readonly sg: boolean;
  readonly csum: boolean;
  readonly bytes: number;
  readonly copied: number;
}

export const featureLab: Lab<readonly DeviceCopies[]> = (design, era) =>
  [true, false].flatMap((sg) =>
    [true, false].map((csum) => {
      const features = { sg, csum, tso: false, gso: false };
      const operations = [wholePages(PAGES)];
      const told = story('', { id: 'features', why: '', features, operations }, ({ writer }) =>
        writer.lends(),
      );
      const cell = new Cell({ design, workload: told.workload, era, seed: 1 });
      play(told.script, cell.k, cell.recorder, () => cell.judge.afterStep());
      const { lent } = cell.finish().costs;
      return { sg, csum, bytes: PAGES * PAGE_SIZE, copied: lent['copiedPayloadBytes'] ?? 0 };
    }),
  );
