// The isolate of one ask.
import { serve } from '@lastref/runner/worker';
import { house } from './house.ts';

await serve(house);
