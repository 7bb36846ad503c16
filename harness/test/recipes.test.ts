// docs/recipes/: they are YAML of the kind that they say, and every command in them is one that this command line takes.
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { refused } from './house/commands.ts';

const dir = new URL('../../docs/recipes/', import.meta.url);
const names = readdirSync(dir);
const textOf = (name: string): string => readFileSync(new URL(name, dir), 'utf8');

/** What stands for what a recipe's surroundings put in. */
const VALUES: readonly (readonly [RegExp, string])[] = [
  [/\$\{\{ github\.sha \}\}/g, '0123456789abcdef0123456789abcdef01234567'],
  [/\$\{\{ matrix\.part \}\}/g, '8'],
  [/"?\$part\/8"?/g, '8/8'],
  [/"\$out"/g, 'out'],
  [/\$resume/g, '--resume'],
];

/** Every `lastref …` in a recipe, its comments too, as a list of words. */
function commandsIn(text: string): string[][] {
  let plain = text;
  for (const [variable, value] of VALUES) plain = plain.replaceAll(variable, value);
  const lines = [...plain.matchAll(/(?:^#\s+|\.\/)lastref (?!\|)([^\n>]*)/gm)].map((m) => m[1]!);
  const lists = [...plain.matchAll(/\[\.\/lastref, ([^\]]*)\]/g)].map((m) => m[1]!);
  return [
    ...lines.map((line) => line.trim().split(/\s+/)),
    ...lists.map((list) => list.split(', ').map((word) => word.replaceAll("'", ''))),
  ];
}

type Node = Readonly<Record<string, unknown>>;

describe.each(names)('%s', (name) => {
  const text = textOf(name);
  const documents = parseAllDocuments(text);

  test('is YAML, each key once, and says what it is', () => {
    for (const document of documents) {
      expect([...document.errors, ...document.warnings].map((e) => e.message)).toEqual([]);
      const root = document.toJS() as Node;
      expect(Object.keys(root)).toEqual(
        name.startsWith('github')
          ? ['name', 'on', 'jobs']
          : ['apiVersion', 'kind', 'metadata', 'spec'],
      );
    }
  });

  test('has commands that this command line takes', async () => {
    const commands = commandsIn(text);
    expect(commands.length).toBeGreaterThan(1);
    for (const words of commands) expect(await refused(words), words.join(' ')).toBeNull();
  });
});

test('the parts of a recipe are those that it joins', () => {
  for (const name of ['kubernetes-job.yaml', 'github-actions.yml']) {
    const text = textOf(name);
    const joined = /--merge (\S+)/
      .exec(text)![1]!
      .split(',')
      .map((part) => part.split('/').at(-1));
    expect(joined, name).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    const root = parseAllDocuments(text)[0]!.toJS() as {
      spec?: { completions: number };
      jobs?: { part: { strategy: { matrix: { part: number[] } } } };
    };
    const parts = root.spec?.completions ?? root.jobs?.part.strategy.matrix.part.length;
    expect(parts, name).toBe(joined.length);
    expect(text, name).toMatch(/--shard "?\$(part|\{\{ matrix\.part \}\})\/8/);
  }
});

test('an option that nobody has is seen', async () => {
  expect(await refused(['campaign', '--shards', '1/8'])).toContain('--shards');
  expect(await refused(['campaign', '--shard', '9/8'])).toContain('1 <= i <= n');
  expect(await refused(['toil'])).toBe("there is no command 'toil'");
});
