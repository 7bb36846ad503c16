import { defineConfig } from 'tsup';
import { base } from '../tsup.base.ts';

export default defineConfig(
  base({
    entry: [
      'src/cli.ts',
      'src/worker.ts', // a file of its own: worker threads and child processes start from it
    ],
  }),
);
