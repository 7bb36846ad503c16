// What a design needs from the stack: the hooks that its class implements, and whether one of them is at a release.
import { overridden, type Hook } from '@lastref/mutants';
import type { Lab } from './index.ts';

/** Hooks that are called where the stack lets go of a page or of what carries it. */
const RELEASES: readonly Hook[] = [
  'fragUnref',
  'pageUnref',
  'zcopyClear',
  'dataFree',
  'pageFree',
  'pageIdle',
  'skbDestructor',
  'cbFound',
];

export interface Hooks {
  readonly all: readonly string[];
  readonly atRelease: readonly string[];
}

export const hookLab: Lab<Hooks> = (design) => {
  const all = overridden(design);
  return { all, atRelease: all.filter((h) => RELEASES.includes(h)) };
};
