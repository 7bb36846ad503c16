// The instruments of the laboratory, by name: each looks at one thing that no ordinary run reports, and answers with
// counts.
import type { Design, Era } from '@lastref/kernel';
import { findEra } from '../../registry.ts';
import type { LabRun } from '../run.ts';
import { groupLab } from './group.ts';
import { helperLab } from './helpers.ts';
import { referenceLab } from './references.ts';
import { resendLab } from './resends.ts';
import { reuseLab } from './reuse.ts';

/** An instrument: what it sees of `design` in `era`. */
export type Lab<F> = (design: Design, era: Era) => F;

const LABS = {
  group: groupLab,
  helpers: helperLab,
  references: referenceLab,
  resends: resendLab,
  reuse: reuseLab,
} as const satisfies Record<string, Lab<unknown>>;

export type LabName = keyof typeof LABS;
export type LabFacts<N extends LabName> = ReturnType<(typeof LABS)[N]>;

export function runLab<N extends LabName>(run: LabRun<N>, design: Design): LabFacts<N> {
  const instrument = LABS[run.lab] as Lab<LabFacts<N>>;
  return instrument(design, findEra(run.era));
}
