import { PipeOfFile, pipe } from './common.ts';

/** The flags are those of whoever had the slot before. */
class FlagsStay extends PipeOfFile {}

export const wrong = pipe('wrong', (k) => new FlagsStay(k));
