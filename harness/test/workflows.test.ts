// .github/workflows/: what they run is there, and tests run on each Node that the package takes.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dir = `${root}.github/workflows/`;
const { engines, scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  engines: { node: string };
  scripts: Readonly<Record<string, string>>;
};

interface Job {
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly { readonly run?: string }[];
}
const jobsOf = (name: string): Readonly<Record<string, Job>> =>
  (parse(readFileSync(dir + name, 'utf8')) as { jobs: Record<string, Job> }).jobs;

test.each(readdirSync(dir))('%s runs what is there', (name) => {
  const runs = Object.values(jobsOf(name)).flatMap((job) => job.steps.flatMap((s) => s.run ?? []));
  expect(runs.length).toBeGreaterThan(0);
  const there = (run: string): boolean => {
    const script = /^npm run (\S+)$/.exec(run)?.[1];
    return script === undefined ? existsSync(root + run) : script in scripts;
  };
  expect(runs.filter((run) => !there(run))).toEqual([]);
});

test('the oldest Node that the package takes is one of those on which tests run', () => {
  const { node } = jobsOf('ci.yml')['test']!.strategy!.matrix;
  expect(engines.node).toBe(`>=${node[0]!}.0`);
  expect(node).toHaveLength(3);
});
