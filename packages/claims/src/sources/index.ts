// The documents by date, and last what a live kernel did.
import type { Source } from '../experiment.ts';
import { CAPTURES } from './captures.ts';
import { FRAG_DESTRUCTOR } from './frag-destructor.ts';
import { LWN } from './lwn.ts';
import { RUSTY_RUSSELL } from './rusty.ts';
import { XEN_DEVEL } from './xen-devel.ts';
import { ZBR } from './zbr-comments.ts';

export const SOURCES: readonly Source[] = [
  ZBR,
  RUSTY_RUSSELL,
  XEN_DEVEL,
  LWN,
  FRAG_DESTRUCTOR,
  CAPTURES,
];
