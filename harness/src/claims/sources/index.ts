// The documents, by date of what they say last.
import type { Source } from '../experiment.ts';
import { LWN } from './lwn.ts';

export const SOURCES: readonly Source[] = [LWN];
