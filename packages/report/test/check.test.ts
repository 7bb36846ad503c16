// What a search that went through one scope after another says of those that it does not tell of.
import { describe, expect, test } from 'vitest';
import type { CheckDocument } from '../src/index.ts';
import { UNPAINTED } from '../src/index.ts';
import { checkText } from '../src/text/check.ts';

type Result = CheckDocument['result'];

/** Operations, failures, what came of it; the last is told of. */
type Scope = readonly [number, number, Result];

const BOUND = {
  retransmissions: 1,
  drops: 1,
  duplicates: 0,
  overtakes: 0,
  teardowns: 1,
  preemptions: 0,
  flight: 8,
  steps: 200,
  states: 1000,
};

/** The lines behind the scope that is told of. */
function linesOf(told: Scope, ...others: readonly Scope[]): string[] {
  const scopes = [...others, told].map(([operations, failures, result]) => ({
    bound: { ...BOUND, operations, failures },
    result,
    states: 100 * operations + failures,
  }));
  const { bound, result, states } = scopes.at(-1)!;
  const doc: CheckDocument = {
    schema: 'lastref.check/1',
    design: 'copy-always',
    workload: 'sendfile-locked~1',
    era: '3.8',
    bound,
    reduction: true,
    result,
    reason: result === 'not-a-proof' ? 'two ways part' : null,
    property: null,
    threat: null,
    harm: null,
    text: null,
    token: null,
    shortest: null,
    steps: [],
    verdicts: {} as CheckDocument['verdicts'],
    scopes,
    states,
    executions: 1000,
    depth: 10,
    ends: 1,
    cut: 0,
    bytes: 1000,
    seconds: 1,
    passes: [{ states, seconds: 1, counted: true }],
    digest: '',
  };
  const text = checkText({ doc, played: null }, UNPAINTED, {
    all: false,
    boundText: () => 'the bound',
    collision: 0,
    replay: (token) => token,
  });
  const lines = text.split('\n');
  return lines.slice(lines.findIndex((line) => line.startsWith('Scope: ')) + 1);
}

const LEFT_OPEN =
  'Not searched to its end, and not claimed: 2 operations, 0 failures; nothing found in the first 200 states (--operations 2 --failures 0 asks for that alone).';

describe('beside the scope that is told of stands', () => {
  test('of a proof, what it does not say', () => {
    const told: Scope = [1, 1, 'exhausted'];
    expect(linesOf(told, [1, 0, 'exhausted'])).toEqual([]);
    expect(linesOf(told, [1, 0, 'exhausted'], [2, 0, 'bound-reached'])).toEqual([LEFT_OPEN]);
    expect(linesOf([2, 0, 'exhausted'], [1, 0, 'exhausted'], [1, 1, 'exhausted'])).toEqual([
      'Exhausted too: 1 operation, 1 failure (101 states).',
    ]);
  });

  test('of a doubt, what was exhausted before it: that is proven still', () => {
    expect(linesOf([2, 1, 'not-a-proof'], [1, 0, 'exhausted'], [2, 0, 'bound-reached'])).toEqual([
      'Exhausted: 1 operation, 0 failures (100 states).',
      LEFT_OPEN,
    ]);
  });

  test('of a search that was left open in its first scope, nothing', () => {
    expect(linesOf([1, 0, 'bound-reached'])).toEqual([]);
  });
});
