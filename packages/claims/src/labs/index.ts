// The instruments of the laboratory, by name: each looks at one thing that no ordinary run reports, and answers with
// counts.
import type { Design, Era } from '@lastref/kernel';
import { findEra } from '@lastref/runner';
import type { LabRun } from '../run.ts';
import { ackLab } from './acks.ts';
import { blockLab } from './blocks.ts';
import { carrierLab } from './carriers.ts';
import { carriedLab } from './carried.ts';
import { chainLab } from './chain.ts';
import { cloneLab } from './clones.ts';
import { crossingLab } from './crossings.ts';
import { featureLab } from './features.ts';
import { groupLab } from './group.ts';
import { headLab } from './heads.ts';
import { helperLab } from './helpers.ts';
import { hookLab } from './hooks.ts';
import { misuseLab, nullLab } from './misuse.ts';
import { ownerLab } from './owner.ts';
import { pageLab } from './page-words.ts';
import { pullLab } from './pulled.ts';
import { referenceLab } from './references.ts';
import { resendLab } from './resends.ts';
import { resentLab } from './resent.ts';
import { reuseLab } from './reuse.ts';
import { scanLab } from './scan.ts';
import { aheadLab, entryLab, roomLab } from './structs.ts';
import { wfreeLab } from './wfree.ts';

/** An instrument: what it sees of `design` in `era`. */
export type Lab<F> = (design: Design, era: Era) => F;

const LABS = {
  acks: ackLab,
  ahead: aheadLab,
  blocks: blockLab,
  carried: carriedLab,
  carriers: carrierLab,
  chain: chainLab,
  clones: cloneLab,
  crossings: crossingLab,
  entry: entryLab,
  features: featureLab,
  group: groupLab,
  heads: headLab,
  helpers: helperLab,
  hooks: hookLab,
  misuse: misuseLab,
  null: nullLab,
  owner: ownerLab,
  page: pageLab,
  pulled: pullLab,
  references: referenceLab,
  resends: resendLab,
  resent: resentLab,
  reuse: reuseLab,
  room: roomLab,
  scan: scanLab,
  wfree: wfreeLab,
} as const satisfies Record<string, Lab<unknown>>;

export type LabName = keyof typeof LABS;
export type LabFacts<N extends LabName> = ReturnType<(typeof LABS)[N]>;

export function runLab<N extends LabName>(run: LabRun<N>, design: Design): LabFacts<N> {
  const instrument = LABS[run.lab] as Lab<LabFacts<N>>;
  return instrument(design, findEra(run.era));
}
