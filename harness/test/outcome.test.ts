// What other people's tools are told: --fail-on, --exclude, --junit, --sarif and --against, on every command that finds.
import {
  cellsOfBugs,
  cellsOfMutants,
  compareSchema,
  junitXml,
  type BugsDocument,
  type JudgedCell,
  type JudgedRun,
  type MutantsDocument,
} from '@lastref/report';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from 'sarif';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sample } from '../../scripts/tier.ts';
import { amiss, toldIn, wrote } from './house/told.ts';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

const ONE = ['--designs', 'rpc-reply,copy-always', '--workloads', 'bulk-loss'];

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'lastref-outcome-'))));
afterAll(() => rmSync(dir, { recursive: true }));
const told = (...args: string[]) => toldIn(dir, ...args);
const asked = (...args: string[]) => said(dir, lastref, ...args);

describe('compare', () => {
  test('fails the cell in which a reply came too early, and no other', () => {
    const { code, failures, xml, results } = told('compare', ...ONE);
    expect(code).toBe(0); // nobody said what fails
    expect(failures).toEqual(['lost (hazard)']);
    expect(xml).toContain(
      '<testcase name="bulk-loss, 2.6.24" classname="lastref.copy-always" time="0"/>',
    );
    expect(xml).toMatch(/replay lr2\.rpc-reply\./);
    const lost = results.find((r) => r.ruleId === 'lost')!;
    expect(lost.level).toBe('warning');
    expect(lost.locations![0]!.physicalLocation!.artifactLocation!.uri).toBe(
      'strategies/rpc-reply.ts',
    );
  });

  test('what is known is skipped, suppressed, and fails nothing', () => {
    const args = ['compare', ...ONE, '--fail-on', 'lost'];
    expect(told(...args).code).toBe(1);
    for (const known of ['rpc-reply', 'rpc-reply/bulk-loss', '*/bulk-loss/lost']) {
      const { code, failures, xml, results } = told(...args, '--exclude', known);
      expect([code, failures]).toEqual([0, []]);
      expect(xml).toContain('<skipped message="known: lost (hazard)">');
      expect(results.find((r) => r.ruleId === 'lost')!.suppressions).toHaveLength(1);
    }
    for (const other of ['copy-always', 'rpc-reply/bulk-loss/early'])
      expect(told(...args, '--exclude', other).code).toBe(1);
  });

  test('a candidate that was stopped is in neither of them as if it held', () => {
    const mine = join(dir, 'mine.ts');
    writeFileSync(
      mine,
      `import { GetPutPage, type Design } from '@lastref/kernel';
export const design = { id: 'mine', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0, claims: [], create: (k) => new Mine(k) } as Design;
class Mine extends GetPutPage { override fragRef(): void { throw new Error('no'); } }
`,
    );
    const [junit, sarif] = [join(dir, 'stopped.xml'), join(dir, 'stopped.json')];
    const files = ['--junit', junit, '--sarif', sarif];
    for (const command of sample(['compare', 'seeds'], 2)) {
      for (const file of [junit, sarif]) rmSync(file, { force: true });
      const args = [command, '--with', mine, '--designs', 'mine', '--workloads', 'bulk-loss'];
      expect(asked(...args, ...files).code).toBe(2);
      const xml = readFileSync(junit, 'utf8');
      wrote(xml);
      expect(xml).toContain('tests="1" failures="0" errors="1"');
      expect(xml).toMatch(
        /<testcase name="bulk-loss" classname="lastref.mine" time="0">\n   <error message="mine on bulk-loss.*it threw Error: no/,
      );
      const [run] = (JSON.parse(readFileSync(sarif, 'utf8')) as Log).runs;
      expect(run!.invocations).toMatchObject([
        {
          executionSuccessful: false,
          toolExecutionNotifications: [
            { level: 'error', message: { text: expect.stringContaining('it threw') as string } },
          ],
        },
      ]);
    }
  });

  test('an exclusion that nobody can mean is said: before any work, or when nothing is so called', () => {
    const wrong: [string, RegExp][] = [
      ['a/b/c/d', /--exclude takes DESIGN, DESIGN\/WORKLOAD or DESIGN\/WORKLOAD\/PROPERTY/],
      ['rpc-reply/*/erly', /no property 'erly'; did you mean early/],
    ];
    for (const [text, message] of wrong) {
      const ran = asked('compare', ...ONE, '--exclude', text);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toMatch(message);
    }
    const { stderr } = asked('compare', ...ONE, '--exclude', 'rpc-repl');
    expect(stderr).toMatch(
      /--exclude rpc-repl: nothing here is 'rpc-repl'; did you mean rpc-reply/,
    );
  });

  test('a file that cannot be written is said before any work', () => {
    for (const flag of ['--junit', '--sarif']) {
      const ran = asked('compare', ...ONE, flag, dir);
      expect([ran.code, ran.stdout]).toEqual([3, '']);
      expect(ran.stderr).toBe(`lastref: ${dir}: cannot be written: a directory is there\n`);
    }
    const both = join(dir, 'both');
    const ran = asked('compare', ...ONE, '--junit', both, '--sarif', both);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('name one file')]);
  });

  test('against a kept comparison it says what changed: large packets over loopback broke a design', () => {
    const base = join(dir, 'base.json');
    const at = (era: string, ...more: string[]) => {
      const args = ['compare', '--designs', 'no-clone', '--workloads', 'loopback-slow-reader'];
      return asked(...args, '--era', era, ...more);
    };
    writeFileSync(base, at('2.6.24', '--json').stdout);
    expect(at('2.6.24', '--against', base).stdout).toContain('(1 cell in both): nothing changed.');
    const { stdout } = at('2.6.32', '--against', base);
    expect(stdout).toContain('1 cell with something new that is wrong');
    expect(stdout).toMatch(
      /no-clone on loopback-slow-reader: holds u → delivered u \(2\.6\.24 → 2\.6\.32\)/,
    );
    const { against } = compareSchema.parse(
      JSON.parse(at('2.6.32', '--against', base, '--json').stdout),
    );
    expect(against!.rows[0]!.appeared.length).toBeGreaterThan(0);
    expect(against!.rows[0]!.gone).toEqual([]);
    for (const [file, message] of [
      [join(dir, 'none.json'), /there is no such file/],
      [fileURLToPath(import.meta.url), /outcome\.test\.ts: /],
    ] as const) {
      const ran = at('2.6.24', '--against', file);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toMatch(message);
    }
  }, 60_000);
});

describe('other commands that find', () => {
  const NAIVE = ['naive-sendpage', 'sendfile-locked'] as const;
  const some = ['--designs', 'naive-sendpage', '--workloads', 'sendfile-locked'];

  const finding = [
    ['check', [...NAIVE], 'early'],
    [
      'campaign',
      ['--designs', 'naive-sendpage', '--workloads', 'sendfile-locked~2', '--runs', '5'],
      'early',
    ],
    ['eras', some, 'corrupt'],
    ['processors', some, 'delivered'],
    ['seeds', [...some, '--seeds', '2'], 'corrupt'],
    ['stories', ['--designs', 'naive-sendpage'], 'early'],
    ['movers', ['--designs', 'rusty-shinfo-orig', '--era', '3.8'], 'lost'],
  ] as const;
  test.each(sample(finding, 3))(
    '%s: a finding fails it, a known one does not',
    (command, args, kind) => {
      const found = told(command, ...args, '--fail-on', kind);
      expect(found.code).toBe(1);
      expect(found.failures.length).toBeGreaterThan(0);
      expect(found.results.length).toBeGreaterThanOrEqual(found.failures.length);
      const known = told(command, ...args, '--fail-on', kind, '--exclude', `*/*/*`);
      expect([known.code, known.failures]).toEqual([0, []]);
    },
    120_000,
  );

  test('replay: the token is the case', () => {
    const { token } = JSON.parse(asked('check', ...NAIVE, '--json').stdout) as { token: string };
    const { code, failures } = told('replay', token, '--fail-on', 'early');
    expect([code, failures]).toEqual([1, ['early (hazard)']]);
    expect(told('replay', token, '--fail-on', 'early', '--exclude', NAIVE[0]).code).toBe(0);
    const cut = asked('replay', token, '--until', '3', '--junit', join(dir, 'x.xml'));
    expect(cut.code).toBe(2);
    expect(cut.stderr).toMatch(/--junit asks about the whole run/);
  });
});

describe('what is found beside properties', () => {
  const CAPTURE = fileURLToPath(
    new URL('../../packages/capture/test/inputs/bulk-ends-unacked.pcap', import.meta.url),
  );

  test('claims: one that runs contradict fails; its source or itself is excluded', () => {
    const args = ['claims', '--claim', 'L11', '--fail-on', 'refuted'];
    const { code, failures, xml, results } = told(...args);
    expect([code, failures]).toEqual([1, ['refuted']]);
    expect(xml).toContain('<testcase name="L11" classname="lastref.L" time="0">');
    expect(results[0]!.locations![0]!.physicalLocation!.artifactLocation!.uri).toBe(
      'packages/claims/src/sources',
    );
    expect(told(...args, '--exclude', 'L/L11').code).toBe(0);
    const early = asked('claims', '--fail-on', 'early');
    expect(early.code).toBe(2);
    expect(early.stderr).toContain("--fail-on takes refuted, not 'early'");
  }, 60_000);

  test('bugs: the wrong version is found and the fixed one clean, or it is said', () => {
    const args = ['bugs', 'gvisor-nic'];
    const { failures, results } = told(...args);
    expect(failures).toHaveLength(1); // of the wrong version
    expect(results[0]!.message.text).toMatch(/^gvisor-nic on wrong, era 3\.8: /);
    const asWas = [
      '--fail-on',
      'not-found,corrupt,lost,early,stray,double',
      '--exclude',
      '*/wrong',
    ];
    expect(told(...args, ...asWas).code).toBe(0);
    const rows = [
      {
        id: 'x',
        property: 'early',
        wrong: { result: 'exhausted', harm: null, text: null, token: null, era: '3.8' },
        fixed: { result: 'refuted', reason: null, era: '3.8' },
      },
    ];
    const kinds = cellsOfBugs({ rows } as unknown as BugsDocument).flatMap((c) =>
      c.findings.map((f) => `${c.on}: ${f.property}`),
    );
    expect(kinds).toEqual(['wrong: not-found', 'fixed: early']);
  }, 60_000);

  test('mutants: those that nobody notices', () => {
    const operations = [
      {
        mover: 'skb_split',
        situation: 'shared',
        rest: [
          { call: 'get page', change: 'left out', verdict: 'survived', by: 'costs differ' },
          { call: 'put page', change: 'left out', verdict: 'equivalent', by: '' },
        ],
      },
    ];
    const hooks = [
      { hook: 'fragRef', change: 'left out', verdict: 'killed', by: 'early' },
      { hook: 'fragUnref', change: 'one call late', verdict: 'survived', by: 'completions differ' },
    ];
    const designs = [{ design: 'x', hooks, operations }];
    const cells = cellsOfMutants({ designs, era: '3.8' } as unknown as MutantsDocument);
    expect(cells.map((c) => [c.on, c.findings.map((f) => `${f.property} ${f.text}`)])).toEqual([
      ['fragRef left out', []],
      ['fragUnref one call late', ['survived completions differ']],
      ['skb_split shared', ['survived get page left out: costs differ']],
    ]);
    expect(asked('mutants', '--fail-on', 'killed').stderr).toContain('takes survived, not');
  });

  test('capture: what cannot be known from the file', () => {
    const args = ['capture', CAPTURE, '--fail-on', 'unread'];
    const { code, failures, xml } = told(...args);
    expect([code, failures]).toEqual([1, ['unread']]);
    expect(xml).toContain('name="connection 0" classname="lastref.bulk-ends-unacked.pcap"');
    expect(told(...args, '--exclude', '*/connection 0').code).toBe(0);
  });
});

test('words from a capture or a candidate stay words in XML', async () => {
  const text = 'a \u0000\u001b[2J ]]> & <b> "c" \ud800 \u{1f600}\nd';
  const cell: JudgedCell = {
    design: 'x<&"',
    on: 'y',
    era: '3.8',
    notJudged: null,
    findings: [{ property: 'early', harm: null, text, token: null }],
  };
  const run: JudgedRun = {
    version: '1',
    commit: '',
    command: text,
    at: '2026-01-01T00:00:00.000Z',
    cells: [cell, { ...cell, on: text }],
    stopped: [],
    standing: () => 'counts',
    fileOf: () => '',
    replay: (token) => token,
  };
  wrote(junitXml(run));
  const { files, complaints } = await amiss(); // of this one, and of all that were written before
  expect(files).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});
