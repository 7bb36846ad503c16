// A finding as one program in C: whole, and no longer than its scenario.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCENARIOS, liveFormOf, reproducer, type Scenario } from '../src/index.ts';
import { LONG, sample } from '../../../scripts/tier.ts';

const compiles = spawnSync('gcc', ['--version']).status === 0 && process.platform === 'linux';
const folder = mkdtempSync(join(tmpdir(), 'lastref-reproducer-'));
const withArm = (scenario: Scenario, n: number): Scenario => ({
  ...scenario,
  arms: [scenario.arms[n]!],
});

function compiled(name: string, program: string): string {
  const [source, file] = [join(folder, `${name}.c`), join(folder, name)];
  writeFileSync(source, program);
  const how = ['-O1', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter'];
  const { stderr } = spawnSync('gcc', [...how, '-o', file, source], { encoding: 'utf8' });
  expect(stderr, name).toBe('');
  return file;
}

test.runIf(compiles)('every scenario compiles by itself, with nothing that it does not use', () => {
  for (const scenario of sample(SCENARIOS, 6))
    for (const n of LONG ? scenario.arms.keys() : [0])
      expect(
        existsSync(
          compiled(`${scenario.id}-${n}`, reproducer(withArm(scenario, n), [scenario.about])),
        ),
      ).toBe(true);
});

test('docs/lab.md says how long they are', () => {
  const lengths = SCENARIOS.flatMap((scenario) =>
    scenario.arms.map((_, n): [string, number] => {
      const { length } = reproducer(withArm(scenario, n), [scenario.about]).split('\n');
      return [scenario.id, 10 * Math.round(length / 10)];
    }),
  ).sort((a, b) => a[1] - b[1]);
  const [[least, few], [most, many]] = [lengths[0]!, lengths.at(-1)!];
  const page = readFileSync(new URL('../../../docs/lab.md', import.meta.url), 'utf8');
  expect(page).toContain(`from ${few} lines for \`${least}\` to ${many} for \`${most}\``);
});

describe('the program of a finding', () => {
  const found = liveFormOf({ design: 'naive-sendpage', workload: 'tap-slow-reader~2' });
  const program = reproducer(found as Scenario, ['naive-sendpage on tap-slow-reader']);

  test('has its arm, its scenario, and none of the others', () => {
    expect(program).toContain('arm_of("sendfile", "return")');
    expect(program).toContain('static struct seen slow_tap(');
    expect(program).not.toContain('slow_ring');
    expect(program).not.toContain('new_bridge');
    expect(program.split('\n')[1]).toBe('// naive-sendpage on tap-slow-reader');
  });

  test.runIf(compiles && process.getuid?.() === 0)('shows changed bytes, its control none', () => {
    const control = SCENARIOS.find((s) => s.id === 'slow-tap')!;
    const ran = [program, reproducer(withArm(control, 0), [])].map((text, n) =>
      spawnSync(compiled(`run-${n}`, text), ['2'], { encoding: 'utf8', timeout: 20_000 }),
    );
    // a machine may keep its namespaces to itself
    if (ran.some((r) => r.status === 3)) return;
    expect(ran[0]!.stdout).toContain('changed bytes were read in 2 of 2 runs');
    expect(ran[1]!.stdout).toContain('changed bytes were read in 0 of 2 runs');
    expect(ran.map((r) => r.status)).toEqual([1, 0]);
  });
});
