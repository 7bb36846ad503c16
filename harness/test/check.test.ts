// `lastref check`: exhaustive search from the command line.
import { readFileSync } from 'node:fs';
import { checkSchema, diffSchema, replaySchema } from '@lastref/report';
import { expect, test } from 'vitest';
import { answered } from './house/reference.ts';
import { sample } from '../../scripts/tier.ts';

const check = (...args: string[]) => {
  const ran = answered('check', ...args, '--json');
  expect(ran.code, ran.stderr).toBe(0);
  return checkSchema.parse(JSON.parse(ran.stdout));
};

const BREAK: readonly (readonly [string, string])[] = [
  ['rpc-reply', 'nfs-odirect'],
  ['skb-destructor', 'bulk-loss'],
  ['naive-sendpage', 'sendfile-locked'],
  ['sock-wfree', 'bulk-loss'],
  ['tcp-ack-callback', 'loopback-slow-reader'],
];

test.each(sample(BREAK, 3))(
  '%s breaks on %s in a handful of steps, and the token replays',
  (design, workload) => {
    const doc = check(design, workload);
    expect(doc.result).toBe('refuted');
    expect(doc.steps.length).toBeLessThan(16);
    expect(doc.verdicts[doc.property!]).toBe('refuted');
    const replayed = answered('replay', doc.token!, '--json');
    const story = replaySchema.parse(JSON.parse(replayed.stdout));
    expect(story.same).toBe(true);
    expect(story.findings.map((f) => f.text)).toContain(doc.text);
  },
);

test.each(sample(['ian-frag-destructor', 'copy-always'], 2))(
  '%s holds in all states of a write',
  (design) => {
    const doc = check(design, 'nfs-tcp-retransmit~1');
    expect(doc.result).toBe('exhausted');
    expect(doc.verdicts.early).toBe('holds');
    expect(doc.verdicts.lost).toBe('holds');
    expect(doc.states).toBeGreaterThan(500);
    expect(doc.token).toBeNull();
  },
);

test('figures stand beside the seconds of the pass that has them', () => {
  const { passes, seconds, states } = check('naive-sendpage', 'sendfile-locked');
  const counted = passes!.filter((p) => p.counted);
  expect(passes!.length).toBeGreaterThan(1); // found, and then the shortest run to it
  expect(counted.map((p) => p.states)).toEqual([states]);
  expect(passes!.reduce((n, p) => n + p.seconds, 0)).toBeCloseTo(seconds);
  const { stdout } = answered('check', 'naive-sendpage', 'sendfile-locked');
  expect(stdout).toMatch(
    /\d+ states, \d+ steps executed, .* of tables, in the pass for the shortest run; \d+\.\d s in \d other pass/,
  );
  const none = check('copy-always', 'sendfile-locked~1');
  const about = expect.closeTo(none.seconds, 1) as number;
  expect(none.passes).toEqual([{ states: none.states, seconds: about, counted: true }]);
});

test('what holds in one scope is searched in the next, and the widest that came to its end is told of', () => {
  const args = ['copy-always', 'sendfile-locked', '--drops', '0', '--retransmissions', '0'];
  const doc = check(...args);
  const scopes = doc.scopes!.map(({ bound: b, result }) => [b.operations, b.failures, result]);
  expect(scopes).toEqual([
    [1, 0, 'exhausted'],
    [1, 1, 'exhausted'],
    [2, 0, 'exhausted'],
    [2, 1, 'exhausted'],
  ]);
  expect(doc.workload).toBe('sendfile-locked~2');
  expect([doc.bound.operations, doc.bound.failures]).toEqual([2, 1]);
  expect(doc.states).toBe(doc.scopes!.at(-1)!.states);
  const few = answered('check', ...args, '--states', String(doc.scopes![1]!.states));
  expect(few.stdout).toContain('sendfile-locked~2: exhausted, nothing found');
  expect(few.stdout).toMatch(/ s in 3 other scopes\n/);
  expect(few.stdout).toMatch(/Scope: .* 2 operations, .* 0 failures,/);
  expect(few.stdout).toMatch(
    /Exhausted too: 1 operation, 1 failure \(\d+ states\)\.\nNot searched to its end, and not claimed: 2 operations, 1 failure; nothing found in the first \d+ states \(--operations 2 --failures 1 asks for that alone\)\.\n/,
  );
});

test('one scope alone is searched where operations or failures are said', () => {
  for (const asked of [
    ['sendfile-locked~1'],
    ['sendfile-locked', '--operations', '1'],
    ['sendfile-locked', '--failures', '0'],
  ]) {
    const { scopes, bound } = check('copy-always', ...asked);
    expect(scopes).toHaveLength(1);
    expect([bound.operations, bound.failures]).toEqual([1, 0]);
  }
});

test('a comparison in which a program holds names the check that goes further', () => {
  const compared = (design: string, workload: string): string =>
    answered('compare', '--designs', design, '--workloads', workload).stdout;
  expect(compared('mzc-owner', 'runtime-plain')).toMatch(
    /nothing found is no proof.*\n.* check mzc-owner runtime-plain~2\n/,
  );
  expect(compared('mzc-send-returns', 'runtime-plain')).not.toContain('no proof');
  expect(compared('ian-frag-destructor', 'sendfile-locked')).not.toContain('no proof');
});

test('what cannot be asked gets one line', () => {
  const cases: [string[], RegExp][] = [
    [['rpc-repl', 'nfs-odirect'], /unknown design 'rpc-repl'; did you mean rpc-reply/],
    [['rpc-reply', 'nfs'], /unknown workload 'nfs'/],
    [['rpc-reply', 'nfs-odirect', '--drops', '99'], /whole number from 0 to 15/],
    [
      ['rpc-reply', 'nfs-odirect', '--property', 'erly'],
      /unknown property 'erly'; did you mean early/,
    ],
  ];
  for (const [args, message] of cases) {
    const ran = answered('check', ...args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr.split('\n').filter((l) => l !== '').length).toBeLessThanOrEqual(2);
  }
});

test('--fail-on makes a finding an exit code', () => {
  const args = ['check', 'naive-sendpage', 'sendfile-locked', '--json', '--fail-on'];
  expect(answered(...args, 'early').code).toBe(1);
  expect(answered(...args, 'lost').code).toBe(0);
});

test('a gate does not take "not searched to the end" or "not a proof" for "nothing found"', () => {
  const args = (...more: string[]) => ['check', 'copy-always', ...more, '--json'];
  const asked = ['--fail-on', 'early'];
  for (const [result, code, ...more] of [
    ['exhausted', 0, 'sendfile-locked'],
    ['bound-reached', 3, 'sendfile-locked', '--states', '5'],
    ['not-a-proof', 3, 'listener-stop', '--teardowns', '0'],
  ] as const) {
    const ran = answered(...args(...more), ...asked);
    expect([checkSchema.parse(JSON.parse(ran.stdout)).result, ran.code]).toEqual([result, code]);
    expect(answered(...args(...more)).code).toBe(0); // nobody asked
  }
});

test('the same steps under another design part where one of them tells the producer', () => {
  const { token } = check('rpc-reply', 'nfs-odirect');
  const ran = answered('replay', token!, '--diff', 'ian-frag-destructor', '--json');
  const doc = diffSchema.parse(JSON.parse(ran.stdout));
  expect(doc.designs).toEqual(['rpc-reply', 'ian-frag-destructor']);
  const last = doc.steps.at(-1)!.texts;
  expect(last[0]).toMatch(/COMPLETED/);
  expect(last[1]).not.toMatch(/COMPLETED/);
  expect(doc.partsAt).toBeLessThanOrEqual(doc.steps.length);
  expect(doc.findings.map((f) => f.length > 0)).toEqual([true, false]);
});

test('docs/search.md says how many states a second processor brings', () => {
  const page = readFileSync(new URL('../../docs/search.md', import.meta.url), 'utf8');
  const said = /has ([\d ]+) states instead of ([\d ]+), and holds/.exec(page)!;
  const scope = ['ian-frag-destructor', 'bulk-loss', '--drops', '0'];
  for (const [i, more] of [
    ['--cpus', '2'],
    ['--failures', '0'],
  ].entries()) {
    const { result, states } = check(...scope, ...more);
    expect([result, states]).toEqual(['exhausted', Number(said[i + 1]!.replace(' ', ''))]);
  }
});
