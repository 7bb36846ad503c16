import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.ts';

export default defineConfig(
  base({
    entry: [
      'src/index.ts',
      'src/worker.ts', // what a worker thread loads first
      'src/*/index.ts', // each question with its helpers: an isolate loads what it is asked for
    ],
  }),
);
