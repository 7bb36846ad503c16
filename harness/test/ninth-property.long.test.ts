// One more property costs one file and one line. In a copy of the sources a property is added that only a planted
// design refutes, and every command, document, legend and schema is asked for it.
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSchema, compareSchema, moversSchema, replaySchema } from '@lastref/report';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Copy } from './house/copy.ts';
import type { Ran } from './run-cli.ts';

/** The one file. It is graver than all others, so that its word heads a cell. */
const PROPERTY = `
import type { Loan } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'rash',
  gravity: 120,
  found: 'in a step',
  about: 'when',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'R',
  says: 'the producer was told while it still lends',
  saysNot: 'whether anybody read',
  damage: 'stall',
  legend: 'told while it still lends',
} as const satisfies Card;

class Rash extends Watch {
  override completed({ id }: Loan, record: LoanRecord | null): void {
    if (record !== null && record.releasedTick < 0)
      this.refute('hazard', 'producer', id, () => \`loan \${id} is completed while its producer lends\`);
  }

  exercised(): boolean {
    return this.evidence.loans.completions > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Rash(card.id as never, evidence);
`;

/** And the one line. */
const LINE = "export * as rash from './rash.ts';\n";

const DESIGN = `
import { GetPutPage, type Design, type Loan, type Page, type SkBuff } from '@lastref/kernel';

export const design = {
  id: 'planted',
  title: 'told as soon as the first page is lent',
  year: 2026,
  source: 'this test',
  status: 'practice',
  summary: 'Completes in lend().',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Planted(k),
} satisfies Design;

class Planted extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (!loan.completed) this.k.complete(loan);
  }
}
`;

let copy: Copy;

function run(...args: string[]): Ran {
  const ran = copy.lastref(...args);
  expect(ran.code === 0 || ran.code === 1, ran.stderr).toBe(true);
  return ran;
}

/** What an expression over the copy's @lastref/report prints. */
function evaluate(expression: string): string {
  const script = `import * as report from './packages/report/src/index.ts'; import { z } from 'zod'; console.log(${expression});`;
  const file = join(copy.dir, 'packages/report/evaluate.ts');
  writeFileSync(file, script.replace('./packages/report/src', './src'));
  const args = ['--conditions=@lastref/source', '--import=tsx', file];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: copy.dir,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

const CELLS = ['--designs', 'planted,ian-frag-destructor', '--workloads', 'loopback-slow-reader'];

describe('a ninth property', () => {
  beforeAll(() => {
    copy = new Copy();
    copy.add('packages/judge/src/properties/rash.ts', PROPERTY);
    appendFileSync(join(copy.dir, 'packages/judge/src/properties/list.ts'), LINE);
    copy.add('strategies/planted.ts', DESIGN);
  });
  afterAll(() => copy.remove());

  test('is judged in compare, heads the cell and stands in the legend; its token replays', () => {
    const out = join(copy.dir, 'out');
    const doc = JSON.parse(run('compare', ...CELLS, '--json', '--out', out).stdout) as {
      rows: {
        design: string;
        verdicts: Record<string, string>;
        findings: { property: string; token: string }[];
      }[];
    };
    const verdicts = Object.fromEntries(doc.rows.map((r) => [r.design, r.verdicts['rash']]));
    expect(verdicts).toEqual({ planted: 'refuted', 'ian-frag-destructor': 'holds' });
    const { token } = doc.rows.flatMap((r) => r.findings).find((f) => f.property === 'rash')!;
    const replayed = JSON.parse(run('replay', token, '--json').stdout) as {
      findings: { property: string }[];
    };
    expect(replayed.findings.map((f) => f.property)).toContain('rash');
    expect(() => compareSchema.parse(doc)).toThrow(/invalid|unrecognized/i); // the schema of today knows no such word …
    expect(() => replaySchema.parse(replayed)).toThrow(/invalid|unrecognized/i);
    const { stdout } = run('compare', ...CELLS, '--out', out);
    expect(stdout).toMatch(/planted 3\.8 +│ rash/);
    expect(stdout).toMatch(/rash {2,}told while it still lends/);
    expect(readFileSync(join(out, 'compare.md'), 'utf8')).toContain(
      '*rash*: told while it still lends',
    );
    expect(run('compare', ...CELLS, '--out', out, '--fail-on', 'rash').code).toBe(1);
  });

  test('is found by check', () => {
    const { stdout } = run('check', 'planted', 'nfs-odirect~1', '--property', 'rash', '--json');
    const doc = JSON.parse(stdout) as { result: string; property: string };
    expect([doc.result, doc.property]).toEqual(['refuted', 'rash']);
    expect(() => checkSchema.parse(doc)).toThrow(/invalid|unrecognized/i);
  });

  test('is in the matrix of operations', () => {
    const { stdout } = run('movers', '--designs', 'planted', '--json');
    const doc = JSON.parse(stdout) as {
      rows: { cells: Record<string, { verdict: string; property: string }> }[];
    };
    const refuted = doc.rows.map((r) => r.cells['planted']!).filter((c) => c.verdict === 'refuted');
    expect(refuted.length).toBeGreaterThan(10);
    expect(new Set(refuted.map((c) => c.property))).toEqual(new Set(['rash']));
    expect(() => moversSchema.parse(doc)).toThrow(/invalid|unrecognized/i);
  });

  test('is in the report: page, Markdown and text', () => {
    const out = join(copy.dir, 'report');
    run('report', ...CELLS, '--out', out);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('{"word":"rash","tone":"broken","legend":"told while it still lends"}');
    expect(page).toMatch(
      /"word":"rash","beside":"[a-z]*","era":"3\.8","domain":true,"refuted":"rash/,
    );
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toMatch(/\| planted \| 3\.8 \| rash \|/);
    const text = readFileSync(join(out, 'report.txt'), 'utf8');
    expect(text).toMatch(/R {2}told while it still lends/);
    expect(text).toMatch(/^planted +R *$/m);
  });

  test('is in the schemas, the words and the table of the documentation', () => {
    const schemas = evaluate(
      'JSON.stringify(Object.values(report.SCHEMAS).map((s) => z.toJSONSchema(s)))',
    );
    expect(schemas.match(/"rash"/g)!.length).toBeGreaterThan(8);
    expect(evaluate('report.MATRIX_LEGEND')).toMatch(/rash {2,}told while it still lends/);
    expect(evaluate('report.propertyTable()')).toContain(
      'the producer was told while it still lends',
    );
  });
});
