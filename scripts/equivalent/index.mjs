// Mutants that change nothing that anybody could see, for scripts/mutate.mjs. A line that no longer reads so stops the command.
import { OF_JUDGE } from './judge.mjs';
import { OF_KERNEL } from './kernel.mjs';
import { OF_MOMENTS } from './moments.mjs';
import { OF_SEARCH } from './search.mjs';

export const EQUIVALENT = [...OF_JUDGE, ...OF_KERNEL, ...OF_MOMENTS, ...OF_SEARCH];
