// `lastref campaign`: random runs that are the same runs whoever runs them, and survive being killed.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BUGS } from '@lastref/bugs';
import { campaignSchema, moversSchema, replaySchema, type CampaignDocument } from '@lastref/report';
import { describe, expect, test, beforeAll } from 'vitest';
import { swarmWorkloads } from '@lastref/runner/campaign';
import { LONG } from '../../scripts/tier.ts';
import { house } from '../src/house.ts';
import { answered, said } from './house/reference.ts';
import { lastref, launcher } from './run-cli.ts';

const scratch = (): string => join(mkdtempSync(join(tmpdir(), 'lastref-test-')), 'campaign');
const parse = (stdout: string) => campaignSchema.parse(JSON.parse(stdout));

const SMALL = ['campaign', '--designs', 'sock-wfree,rpc-reply', '--runs', '8', '--rounds', '3'];
const FEW = [
  '--workloads',
  'sendfile-locked~2,operation-skb_clone-shared,operation-skb_shift-shared',
  '--json',
];
let undisturbed: CampaignDocument;

beforeAll(() => {
  undisturbed = parse(answered(...SMALL, ...FEW).stdout);
});

describe('a campaign', () => {
  test('finds causes, each shrunk until no step can be left out, each with a token that replays', () => {
    expect(undisturbed.runs).toBe(2 * 3 * 8 * 3);
    expect(undisturbed.findings.length).toBeGreaterThan(3);
    for (const f of undisturbed.findings.slice(0, 6)) {
      expect(f.minimal, f.cause).toBe(true);
      const story = replaySchema.parse(JSON.parse(answered('replay', f.token, '--json').stdout));
      expect(story.same).toBe(true);
      expect(story.findings.map((g) => g.property)).toContain(f.property);
    }
  });

  test('killed in the middle and resumed, it ends as if it had never been disturbed', async () => {
    const out = scratch();
    const child = spawn(process.execPath, [launcher, ...SMALL, ...FEW, '--out', out], {
      stdio: 'ignore',
    });
    const journal = join(out, 'campaign.jsonl');
    const lines = () =>
      existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length : 0;
    for (let n = 0; n < 600 && lines() < 4; n++) await pause(50);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('exit', resolve));
    await pause(500);
    appendFileSync(journal, '{"round":1,"design":"sock-w'); // as if it had been killed in the middle of a line
    const resumed = lastref(...SMALL, ...FEW, '--out', out, '--resume');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(parse(resumed.stdout)).toEqual(undisturbed);
  });

  test.runIf(LONG)('in two shards on two machines it finds the same', () => {
    const dirs = [scratch(), scratch()];
    dirs.forEach((dir, i) => {
      expect(lastref(...SMALL, ...FEW, '--shard', `${i + 1}/2`, '--out', dir).code).toBe(0);
    });
    expect(parse(lastref('campaign', '--merge', dirs.join(), '--json').stdout)).toEqual(
      undisturbed,
    );
  });

  test('put together, it says what no shard has run, and believes no line that was edited', () => {
    const out = scratch();
    said(dirname(out), lastref, ...SMALL, ...FEW, '--shard', '1/2', '--out', out);
    const gate = ['--fail-on', 'early', '--exclude', '*'];
    const half = lastref('campaign', '--merge', out, ...gate);
    expect([half.code, half.stderr]).toEqual([
      3,
      'campaign: 9 of 18 batches are in none of these directories: what they would find is not here\n',
    ]);
    const journal = join(out, 'campaign.jsonl');
    const text = readFileSync(journal, 'utf8');
    const [head, ...lines] = text.trimEnd().split('\n');
    const at = lines.findIndex((line) => line.includes('"property":"'));
    const edited = (change: (line: string) => string): string => {
      writeFileSync(journal, `${[head, ...lines.with(at, change(lines[at]!))].join('\n')}\n`);
      const { code, stdout, stderr } = lastref('campaign', '--merge', out);
      expect([code, stdout]).toEqual([2, '']);
      return stderr;
    };
    expect(edited((line) => line.replace('"round":', '"round":1'))).toMatch(
      /is no batch of this campaign/,
    );
    expect(edited((line) => line.replace(/"design":"[^"]+/, '"design":"tx-count'))).toMatch(
      /tx-count on .* is no batch/,
    );
    expect(edited((line) => line.replace('"text":"', '"text":"\\u001b[2J'))).toMatch(
      /has control characters/,
    );
    expect(edited((line) => line.replace(/"property":"\w+/, '"property":"fine'))).toMatch(
      /findings\.0\.property/,
    );
    expect(edited((line) => line.replace('"token":"', '"token":"; rm '))).toMatch(/is no token/);
    expect(edited((line) => line.replace(/"runs":\d+/, '"runs":0'))).toMatch(
      /this line is no batch \(0 runs, where \d+ were asked for\)/,
    );
  });

  test('does not go on with another one', () => {
    const out = scratch();
    lastref(...SMALL, ...FEW, '--out', out);
    const other = lastref(...SMALL, ...FEW, '--seed', '9', '--out', out, '--resume');
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/the campaign in .* is another one/);
    expect(lastref(...SMALL, ...FEW, '--out', out).stderr).toMatch(/exists: go on with --resume/);
    expect(lastref('campaign', '--merge', scratch()).stderr).toMatch(/does not exist/);
  });
});

test.runIf(LONG)('with no hints it finds what the matrix refutes', () => {
  const designs = 'skb-cb,rusty-shinfo-orig,ubuf-orphan,msg-zerocopy';
  const era = '3.8';
  const matrix = moversSchema.parse(
    JSON.parse(lastref('movers', '--era', era, '--designs', designs, '--json').stdout),
  );
  const refuted = matrix.rows.flatMap((row) =>
    Object.entries(row.cells)
      .filter(([, cell]) => cell.verdict === 'refuted')
      .map(([design, cell]) => `${design} ${cell.token!.split('.')[2]!}`),
  );
  expect(refuted.length).toBeGreaterThan(10);
  const workloads = [...new Set(refuted.map((r) => r.split(' ')[1]!))].join();
  const doc = parse(
    lastref(
      'campaign',
      '--era',
      era,
      '--designs',
      designs,
      '--workloads',
      workloads,
      '--runs',
      '40',
      '--json',
    ).stdout,
  );
  const found = new Set(doc.findings.map((f) => `${f.design} ${f.workload}`));
  expect(refuted.filter((cell) => !found.has(cell))).toEqual([]);
});

test.runIf(LONG)('shrinking comes within a few steps of the shortest run there is', () => {
  const args = [
    '--designs',
    'rusty-page-shinfo',
    '--workloads',
    'bulk-loss~2,operation-skb_shift-shared',
  ];
  const doc = parse(lastref('campaign', ...args, '--runs', '30', '--shortest', '--json').stdout);
  const early = doc.findings.filter((f) => f.property === 'early' && f.shortest !== null);
  expect(early.length).toBeGreaterThan(0);
  for (const f of early) expect(f.steps, f.cause).toBeLessThanOrEqual(f.shortest! + 4);
});

test('the shortest run beside a finding is asked of the repository alone, and is no longer', () => {
  const args = ['--designs', 'rpc-reply', '--workloads', 'operation-skb_clone-shared'];
  const ran = answered('campaign', ...args, '--runs', '2', '--shortest', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const { findings } = parse(ran.stdout);
  expect(findings.length).toBeGreaterThan(0);
  for (const f of findings) expect(f.shortest ?? 0, f.cause).toBeLessThanOrEqual(f.steps);
});

test('a design that gives no page back has runs behind which nobody looks, and all outputs say so', () => {
  const out = scratch();
  const file = `${out}.ts`;
  writeFileSync(
    file,
    `import { GetPutPage, type Design } from '@lastref/kernel';
export const design = { id: 'keeps', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0,
  claims: [], create: (k: any) => new Keeps(k) } as Design;
class Keeps extends GetPutPage {
  override lend(skb: any, page: any, at: number, size: number): void {
    this.k.fillPageDesc(skb, this.k.copyPage(page, at, size), at, size);
  }
  override fragUnref(): void {}
  override released(loan: any): void { this.k.complete(loan); }
}`,
  );
  const cell = ['--designs', 'keeps', '--workloads', 'nfs-udp~2', '--era', '3.8'];
  const args = ['campaign', ...cell, '--steps', '200', '--with', file, '--trust'];
  const doc = parse(lastref(...args, '--out', out, '--json').stdout);
  expect(doc.findings).toEqual([]);
  const [starved] = doc.starved!;
  expect(starved).toMatchObject({ design: 'keeps', workload: 'nfs-udp~2', of: 60 });
  expect(starved!.runs).toBeGreaterThan(0);
  const junit = `${out}.xml`;
  const again = lastref(...args, '--out', out, '--resume', '--junit', junit);
  const line = `${starved!.runs} of 60 runs ended as no page frame was left`;
  expect(again.stdout).toContain(`keeps on nfs-udp~2: ${line}, with most of them in no packet`);
  expect(readFileSync(junit, 'utf8')).toContain(`<skipped message="${line}"`);
  expect(undisturbed.starved).toBeUndefined();
});

test('a campaign of everything runs no program of a bug, which brings its own design', async () => {
  const ids = (await swarmWorkloads(house)).map((w) => w.id);
  expect(ids).toContain('operation-skb_split-shared');
  const programs = BUGS.flatMap(({ on, wrong, fixed }) => [
    ...on,
    ...(wrong.on ?? []),
    ...(fixed.on ?? []),
  ]);
  const theirs = programs.flatMap((ground) => ('program' in ground ? [ground.program.id] : []));
  expect(theirs.length).toBeGreaterThan(20);
  expect(ids.filter((id) => theirs.includes(id))).toEqual([]);
});
