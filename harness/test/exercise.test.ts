// A teacher hands out wrong designs and grades repairs by a command.
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exerciseSchema } from '@lastref/report';
import { expect, test } from 'vitest';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

const file = (): string => join(mkdtempSync(join(tmpdir(), 'lastref-test-')), 'mine.ts');

test('all six are listed', () => {
  const { code, stdout } = lastref('exercise');
  expect(code).toBe(0);
  expect(stdout.match(/^ {2}repair-\S+ /gm)).toHaveLength(6);
});

test('one is taken, fails with the run that shows why, and passes when it is repaired', () => {
  const mine = file();
  const taken = lastref('exercise', 'repair-every-segment', '--out', mine);
  expect(taken).toMatchObject({ code: 0, stderr: '' });
  const asked = (...args: string[]) =>
    said(dirname(mine), lastref, 'exercise', 'repair-every-segment', '--with', mine, ...args);
  const graded = () => exerciseSchema.parse(JSON.parse(asked('--json').stdout));
  const before = graded();
  expect(before.passed).toBe(false);
  const failed = before.marks.find((m) => !m.passed)!;
  expect(failed.steps.length).toBeGreaterThan(0);
  expect(failed.steps.at(-1)!.text).toContain('EARLY');
  const wrong = readFileSync(mine, 'utf8');
  const right = wrong.replace(/ {4}if \(skb\.shinfo\.nrFrags > 0\) \{[^}]*\}\n/, '');
  expect(right).not.toBe(wrong);
  writeFileSync(mine, right);
  expect(graded()).toMatchObject({ design: 'my-repair-every-segment', passed: true });
  const twoFaced = right
    .replace('import {', 'import { Sock, type SkBuff as Packet } from "@lastref/kernel";\nimport {')
    .replace(
      /\n\}\s*$/,
      `
  override charged({ sk, shinfo }: Packet): void {
    const loan = shinfo.nrFrags === 0 ? null : shinfo.frags[0]!.loan;
    if (sk instanceof Sock && loan !== null && !loan.completed) this.k.complete(loan);
  }
}
`,
    );
  writeFileSync(mine, twoFaced);
  const { passed, marks } = graded();
  expect(passed, 'one that is right where it is searched alone').toBe(false);
  expect(marks.map(({ why }) => why).join()).toContain('answers otherwise where nobody searches');
  const hides = right.replace(
    'if (frag.loan !== null) this.k.hold(frag.loan);',
    "(frag.page as any)['wri' + 'tes']++; $&",
  );
  expect(hides).not.toBe(right);
  writeFileSync(mine, hides);
  const { code, stdout, stderr } = asked();
  expect([code, stdout], 'a search of what hides state proves nothing').toEqual([2, '']);
  expect(stderr).toContain('it read writes of a Page, which is no state');
});

test('nothing is written over, and a name that nobody knows is said', () => {
  const mine = file();
  writeFileSync(mine, 'mine');
  const again = lastref('exercise', 'repair-copies', '--out', mine);
  expect(again.code).toBe(2);
  expect(again.stderr).toMatch(/^lastref: \S+mine\.ts is there already, and is left as it is/);
  expect(readFileSync(mine, 'utf8')).toBe('mine');
  expect(lastref('exercise', 'none').stderr).toMatch(/^lastref: unknown exercise 'none'; known: /);
  expect(lastref('exercise', 'repair-copies', '--with', `${mine}.not`).code).toBe(2);
  expect(existsSync(`${mine}.not`)).toBe(false);
});
