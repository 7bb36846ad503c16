// `lastref campaign --corpus`: the next campaign goes on where the last one ended.
import { mkdtempSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { campaignSchema, replaySchema } from '@lastref/report';
import { decodeToken } from '@lastref/runner';
import { nextCorpus, runName, type BatchRecord } from '@lastref/runner/campaign';
import { traceLength } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'lastref-test-'));
const stepsOf = (token: string): number => traceLength(decodeToken(token).trace);
const CAMPAIGN = ['campaign', '--designs', 'rpc-reply', '--runs', '12', '--json'];
const CELLS = ['--workloads', 'sendfile-locked~2,operation-skb_shift-shared'];
const filesIn = (dir: string): Map<string, string> =>
  new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]));

function ran(...args: string[]) {
  const { stdout, stderr, code } = lastref(...CAMPAIGN, ...args);
  expect(code, stderr).toBe(0);
  const line = /^campaign: .* runs were there, .*$/m.exec(stderr)?.[0] ?? '';
  const [before, stale, dropped, added, kept] = [
    ...line.matchAll(/(\d+) (?=runs were|no longer|others|added|are kept)/g),
  ].map((m) => Number(m[1]));
  return { doc: campaignSchema.parse(JSON.parse(stdout)), before, stale, dropped, added, kept };
}

test('a second campaign begins with the runs of the first, and reaches what that reached', () => {
  const dir = join(scratch(), 'corpus');
  const first = ran(...CELLS, '--corpus', dir);
  expect(first).toMatchObject({ before: 0, stale: 0, dropped: 0 });
  expect(first.kept).toBe(first.added);
  const files = filesIn(dir);
  expect(files.size).toBe(first.kept);
  for (const [name, text] of files) expect(name).toBe(`${runName(text.trim())}.token`);
  const [token] = [...files.values()];
  const played = replaySchema.parse(JSON.parse(lastref('replay', token!.trim(), '--json').stdout));
  expect(played.same).toBe(true);

  const alone = ran(...CELLS, '--seed', '7');
  const second = ran(...CELLS, '--seed', '7', '--corpus', dir);
  expect(second.before).toBe(first.kept);
  expect(second.stale).toBe(0);
  expect(second.doc.runs).toBe(alone.doc.runs + first.kept!);
  const { pairs } = second.doc.coverage;
  expect(pairs).toBeGreaterThan(alone.doc.coverage.pairs);
  expect(pairs).toBeGreaterThanOrEqual(first.doc.coverage.pairs);
});

test('the same campaign keeps the same corpus, in one go and in shards', () => {
  const [whole, parts, out] = [scratch(), scratch(), scratch()];
  ran(...CELLS, '--corpus', whole);
  const shards = ['1/2', '2/2'].map((shard, i) => {
    const dir = join(out, String(i));
    ran(...CELLS, '--corpus', parts, '--shard', shard, '--out', dir);
    return dir;
  });
  expect(filesIn(parts).size).toBe(0);
  lastref('campaign', '--merge', shards.join(), '--corpus', parts, '--json');
  expect(filesIn(parts)).toEqual(filesIn(whole));
});

test('it holds no more than it is told to, and other cells stay', () => {
  const dir = scratch();
  const all = ran(...CELLS, '--corpus', dir);
  const less = ran('--workloads', 'sendfile-locked~2', '--corpus', dir, '--corpus-max', '6');
  expect(less).toMatchObject({ before: all.kept, kept: 6 });
  const cells = [...filesIn(dir).values()].map((token) => token.split('.')[2]);
  expect(new Set(cells)).toEqual(new Set(['sendfile-locked~2', 'operation-skb_shift-shared']));
});

test('a file that was renamed, and one that is no token, are said in one line', () => {
  const dir = scratch();
  ran(...CELLS, '--corpus', dir);
  const [name] = readdirSync(dir);
  renameSync(join(dir, name!), join(dir, '0123456789abcdef.token'));
  const renamed = lastref(...CAMPAIGN, ...CELLS, '--corpus', dir);
  expect(renamed.code).toBe(2);
  expect(renamed.stderr).toMatch(
    /^lastref: .*0123456789abcdef\.token: its run is [0-9a-f]{16}; was the file edited\?[^\n]*\n$/,
  );
  writeFileSync(join(dir, '0000000000000000.token'), 'nonsense');
  const broken = lastref(...CAMPAIGN, ...CELLS, '--corpus', dir);
  expect(broken.stderr).toMatch(
    /^lastref: .*0000000000000000\.token: this is not a token: [^\n]*\n$/,
  );
});

test('what is kept: the shortest runs that meet everything; what applies no more is counted', () => {
  const dir = scratch();
  ran('--workloads', 'sendfile-locked~2', '--corpus', dir);
  const [a, b, c, d] = [...filesIn(dir).values()]
    .map((text) => text.trim())
    .sort((x, y) => stepsOf(x) - stepsOf(y) || (runName(x) < runName(y) ? -1 : 1)) as [
    string,
    string,
    string,
    string,
  ];
  const batch = (
    kept: readonly [string, number[]][],
    stale: readonly string[] = [],
  ): BatchRecord => ({
    round: 1,
    design: 'rpc-reply',
    workload: 'sendfile-locked~2',
    runs: 1,
    steps: 1,
    pairs: 1,
    exercised: [],
    findings: [],
    corpus: { kept: kept.map(([token, pairs]) => ({ token, pairs })), stale: stale.map(runName) },
  });
  const batches = [
    batch(
      [
        [a, [1, 2]],
        [d, [1, 2, 3]],
      ],
      [c],
    ),
    batch([[b, [2]]], [c]),
  ];
  const next = nextCorpus([b, c], batches, '3.8', 10);
  expect(new Set(next.tokens)).toEqual(new Set([a, d])); // b meets nothing that a does not
  expect(next).toMatchObject({ stale: 1, dropped: 1, added: 2 });
  expect(nextCorpus([b, c], batches.toReversed(), '3.8', 10)).toEqual(next);
  expect(nextCorpus([b, c], batches, '3.8', 1).tokens).toEqual([a]);
  expect(nextCorpus([b, c], [], '3.8', 10)).toMatchObject({ stale: 0, dropped: 0, added: 0 });
});
