import type { Options } from 'tsup';

/** What every package's build has in common. Workspace packages stay external, so order does not matter. */
export const base = (over: Options = {}): Options => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  dts: false, // tsc -b writes the declarations
  ...over,
});
