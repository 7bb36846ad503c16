// What each command finds that finds other things than properties alone, or says more of them; and how its cells are called.
import { PROPERTIES_ALONE, type Finds } from './standing.ts';

export const FINDS = {
  bugs: {
    others: ['not-found'],
    properties: true,
    cells: 'BUG, BUG/wrong, BUG/fixed, BUG/wrong/PROPERTY',
  },
  capture: {
    others: ['unread'],
    properties: false,
    cells: "FILE, FILE/file, 'FILE/connection 1'",
  },
  check: {
    ...PROPERTIES_ALONE,
    more: '; 3 when nothing was found and that proves nothing: the bound was reached, or the search is not a proof',
  },
  claims: {
    others: ['refuted'],
    properties: false,
    cells: 'SOURCE (L), SOURCE/CLAIM (L/L1)',
  },
  compare: {
    ...PROPERTIES_ALONE,
    more: '; 3 when nothing was and a run was not over when its time was',
  },
  exercise: {
    others: ['not-repaired'],
    properties: false,
    cells: 'DESIGN, DESIGN/MARK',
  },
  lab: {
    others: ['disagrees', 'contradicts', 'not-seen'],
    properties: false,
    cells: 'OPERATION, OPERATION/KERNEL, or with --live SCENARIO, SCENARIO/ARM',
  },
  mutants: {
    others: ['survived'],
    properties: false,
    cells: 'DESIGN, DESIGN/MUTANT',
  },
  packetdrill: {
    others: ['failed'],
    properties: false,
    cells: 'SCRIPT, SCRIPT/KERNEL',
  },
  recording: {
    others: [],
    properties: true,
    cells: 'DESIGN (kernel: what the recorded one told), DESIGN/PAGE or DESIGN/PAGE/PROPERTY',
  },
  replay: {
    ...PROPERTIES_ALONE,
    more: '; 3 when the last step of the token did not apply, or nothing was changed and its run is another one',
  },
  sites: {
    others: ['unhooked', 'mismatch'],
    properties: false,
    cells: 'FUNCTION, FUNCTION/HOOK',
  },
} as const satisfies Record<string, Finds>;

/** What a command finds, by its name. */
export function findsOf(command: string): Finds {
  return (FINDS as Readonly<Record<string, Finds>>)[command] ?? PROPERTIES_ALONE;
}
