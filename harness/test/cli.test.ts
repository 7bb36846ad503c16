// The contract of the command line, tried from outside.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROPERTIES } from '@lastref/judge';
import { compareSchema, findSchema, listSchema, replaySchema } from '@lastref/report';
import { describe, expect, test } from 'vitest';
import { answered, said } from './house/reference.ts';
import { ROOMS } from '../src/house.ts';
import { lastref, spawned, type Ran } from './run-cli.ts';
import { LONG, sample } from '../../scripts/tier.ts';

const capture = (name: string): string =>
  fileURLToPath(new URL(`../../packages/capture/data/${name}`, import.meta.url));
const scratch = (name: string, content: string | Uint8Array): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'lastref-test-')), name);
  writeFileSync(file, content);
  return file;
};

/** Machine, code and check of a token that somebody else made: of a machine of theirs, and nobody knows which design. */
const MADE = '12345678.00000000.00000000';

describe('compare', () => {
  // The committed reference: the golden test of the documents shows that this version prints it.
  const reference = new URL('../../results/compare.json', import.meta.url);
  const doc = compareSchema.parse(JSON.parse(readFileSync(reference, 'utf8')));

  test('has a row for every design and workload', () => {
    const list = listSchema.parse(JSON.parse(lastref('list', '--json').stdout));
    expect(doc.rows.length).toBe(list.designs.length * list.workloads.length);
    for (const d of list.designs) {
      for (const w of list.workloads) {
        const row = doc.rows.find((r) => r.design === d.id && r.workload === w.id);
        expect(row, `${d.id} on ${w.id}`).toBeDefined();
        expect(Object.keys(row!.verdicts)).toEqual(PROPERTIES);
      }
    }
  });

  test.runIf(LONG)('prints the same bytes twice', () => {
    const out = mkdtempSync(join(tmpdir(), 'lastref-test-'));
    const designs = 'rpc-reply,ian-frag-destructor,msg-zerocopy';
    const workloads = 'nfs-odirect,loopback-slow-reader,bulk-loss,splice-proxy,sendfile-locked';
    const args = [
      'compare',
      '--json',
      '--out',
      out,
      '--designs',
      designs,
      '--workloads',
      workloads,
    ];
    const first = lastref(...args);
    expect(first.code).toBe(0);
    expect(compareSchema.parse(JSON.parse(first.stdout)).rows.length).toBe(15);
    expect(lastref(...args).stdout).toBe(first.stdout);
  });

  test('a finding of every kind carries a token that replays to the same finding', () => {
    const findings = doc.rows.flatMap((r) => r.findings.map((f) => ({ ...f, design: r.design })));
    expect(findings.length).toBeGreaterThan(20);
    // Each replay is a process: the shortest of every kind of finding suffices here. The conformance battery plays
    // the first of every property, design and workload.
    const kinds = new Map<string, (typeof findings)[0]>();
    for (const f of findings.sort((a, b) => b.step - a.step))
      kinds.set(`${f.property} ${f.harm} ${f.where}`, f);
    for (const f of sample([...kinds.values()], 4)) {
      const ran = answered('replay', f.token, '--json');
      expect(ran.code).toBe(0);
      const story = replaySchema.parse(JSON.parse(ran.stdout));
      expect(story.same).toBe(true);
      const again = story.findings.find(
        (g) => g.property === f.property && g.harm === f.harm && g.where === f.where,
      );
      expect(again, f.token).toMatchObject({ step: f.step, tick: f.tick, text: f.text });
    }
  });

  test('what the sources say of the two baselines shows', () => {
    const cell = (design: string, workload: string) =>
      doc.rows.find((r) => r.design === design && r.workload === workload)!;
    expect(cell('rpc-reply', 'nfs-odirect').findings.map((f) => f.harm)).toContain('delivered');
    expect(cell('naive-sendpage', 'nfs-tcp-retransmit').findings.map((f) => f.harm)).not.toContain(
      'delivered', // the server has the bytes already, and throws the changed ones away
    );
    expect(cell('naive-sendpage', 'sendfile-locked').verdicts.corrupt).toBe('refuted');
    for (const row of doc.rows.filter((r) => r.design === 'copy-always'))
      expect(row.findings).toEqual([]);
    for (const row of doc.rows.filter((r) => r.workload === 'ordinary')) {
      expect(row.verdicts.early).toBe('not-exercised');
      expect(row.costs.ordinary.segments).toBeGreaterThan(2000);
    }
  });

  test('a reader that asks for a kind of finding gets exit code 1 for it, and only for it', () => {
    const args = ['compare', '--json', '--designs', 'rpc-reply', '--workloads', 'nfs-odirect'];
    expect(answered(...args, '--fail-on', 'delivered').code).toBe(1);
    expect(answered(...args, '--fail-on', 'lost,double').code).toBe(0);
  });

  test('more seeds add up', () => {
    const args = [
      'compare',
      '--json',
      '--designs',
      'ian-frag-destructor',
      '--workloads',
      'nfs-tcp-retransmit',
    ];
    const rows = (...more: string[]) =>
      compareSchema.parse(JSON.parse(answered(...args, ...more).stdout)).rows;
    const both = rows('--seed', '4', '--repeat', '2')[0]!;
    const parts = [rows('--seed', '4')[0]!, rows('--seed', '5')[0]!];
    expect(both.loans).toBe(parts[0]!.loans + parts[1]!.loans);
    expect(both.costs.lent.total['atomicsRef']).toBe(
      parts[0]!.costs.lent.total['atomicsRef']! + parts[1]!.costs.lent.total['atomicsRef']!,
    );
    expect(parts[0]!.digest).not.toBe(parts[1]!.digest);
  });
});

describe('a capture decides', () => {
  test('the resent calls of a real client are at risk under rpc-reply, not under a destructor in each frag', () => {
    const designs = 'rpc-reply,ian-frag-destructor';
    const file = capture('04-rpc-write-client.pcap');
    const ran = answered('compare', '--capture', file, '--designs', designs, '--json');
    const { rows } = compareSchema.parse(JSON.parse(ran.stdout));
    const [reply, frag] = rows as [(typeof rows)[0], (typeof rows)[0]];
    expect(reply.loans).toBe(40);
    expect(reply.verdicts.corrupt).toBe('refuted');
    expect(reply.findings.find((f) => f.property === 'early')!.count).toBeGreaterThanOrEqual(3);
    expect(frag.findings).toEqual([]);
    const replayed = answered('replay', reply.findings[0]!.token, '--json');
    expect(replaySchema.parse(JSON.parse(replayed.stdout)).same).toBe(true);
  });

  test.each(
    sample(['01-bulk-loss-sender.pcap', '03-late-ack-sender.pcapng', '06-gso-sender.pcap'], 3, 1),
  )('%s drives designs to the end', (name) => {
    const designs = 'naive-sendpage,rpc-reply,copy-always,no-clone,own-acks,evgeniy-partial';
    const ran = answered('compare', '--capture', capture(name), '--designs', designs, '--json');
    expect(ran.code).toBe(0);
    const { rows } = compareSchema.parse(JSON.parse(ran.stdout));
    for (const row of rows) expect(row.drained).toBe(true);
  });

  test.each([
    ['empty.pcap', Buffer.alloc(0)],
    ['text.pcap', Buffer.from('this is not a capture at all, it is a letter\n')],
    ['cut.pcap', readFileSync(capture('06-gso-sender.pcap')).subarray(0, 60)],
    ['cut.pcapng', readFileSync(capture('03-late-ack-sender.pcapng')).subarray(0, 111)],
  ])('%s gets one clear line and exit code 2', (name, bytes) => {
    const ran = lastref('compare', '--capture', scratch(name, bytes), '--json');
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe('');
    expect(ran.stderr.trim().split('\n')).toHaveLength(1);
    expect(ran.stderr).toContain(name);
    expect(ran.stderr).not.toContain('    at ');
  });
});

// All other tests of commands ask a thread that stays (run-cli.ts): here is shown that a process says the same, after
// whatever that thread was asked before.
test.each([
  [0, ['compare', '--designs', 'rpc-reply', '--workloads', 'nfs-odirect', '--json']],
  [1, ['check', 'naive-sendpage', 'sendfile-locked', '--fail-on', 'early', '--json']],
  [2, ['compare', '--designs', 'iam-frag']],
  [3, ['report', '--from', 'results', '--out', '/dev/null/x']],
])('a process ends with %i and prints the same as a thread: %j', (code, args) => {
  const ran = spawned(...args);
  expect(ran.code).toBe(code);
  const timeless = ({ stdout, stderr, ...more }: Ran) => ({
    ...more,
    stderr: stderr.replace(/^\w+: \d+\/\d+ .*\n/gm, ''), // progress, as often as there is time for it
    stdout: stdout.replace(/"(seconds|bytes)":[\d.]+/g, '"$1":0'),
  });
  expect(timeless(lastref(...args))).toEqual(timeless(ran));
});

test('every command but work has one document with --json', async () => {
  const without = [];
  for (const [name, { command }] of Object.entries(ROOMS)) {
    const options = (await command?.())?.command.options.map(({ long }) => long);
    if (options !== undefined && !options.includes('--json')) without.push(name);
  }
  expect(without).toEqual(['work']);
});

test('a capture with one connection has one connection', () => {
  const gre = fileURLToPath(
    new URL('../../packages/capture/test/inputs/tcp-in-gre.pcap', import.meta.url),
  );
  expect(lastref('capture', gre).stdout).toMatch(/, 21 of them TCP in 1 connection\n/);
});

test('find: all that fits, and what shows it, as a document', () => {
  const { found, words } = findSchema.parse(
    JSON.parse(lastref('find', 'nfs', 'corruption', '--json').stdout),
  );
  expect(words).toEqual(['nfs', 'corruption']);
  expect(found.length).toBeGreaterThan(8); // more than a screen shows
  expect(found[0]).toEqual({
    kind: 'bug',
    id: 'sunrpc-rtx',
    title: expect.any(String) as string,
    command: expect.stringMatching(/ bugs sunrpc-rtx$/) as string,
  });
});

describe('misuse', () => {
  test.each([
    [['compare', '--designs', 'iam-frag'], 'did you mean ian-frag-destructor'],
    [['compare', '--workloads', 'nfs'], 'nfs-odirect'],
    [['compare', '--workloads', ','], 'known:'],
    [['compare', '--era', '4.4'], '3.18'],
    [['compare', '--seed', 'x'], 'number'],
    [['compare', '--seed', '99999999999'], 'up to nine digits, or a commit hash'],
    [['compare', '--repeat', '0'], 'whole number'],
    [['compare', '--fail-on', 'lates'], 'early'],
    [['compare', '--capture', '/no/such/file'], 'cannot be read'],
    [['compare', '--with', '/no/such/file.ts'], 'no such file'],
    [['check', 'rpc-reply', 'capture'], 'a capture is played in the order of its file'],
    [['check', 'rpc-reply', 'capture~1'], 'a capture is played in the order of its file'],
    [['explore', 'rpc-reply', 'capture'], 'a capture is played in the order of its file'],
    [['replay', 'nonsense'], 'not a token'],
    [['replay', 'lr9.a.b.3_8.1.AA.00000000'], 'version lr9'],
    [['replay', 'lr1.a.b.3_8.1.AA.00000000'], 'make the token again'],
    [['replay', 'lr2.a.b.3_8.1.AAA'], 'was it cut'],
    [['replay', `lr2.copy-always.bulk-loss.3_8.1.AIA.${MADE}`], 'middle of a number'],
    [['replay', `lr2.copy-always.bulk-loss.3_8.1.AgAAAA.${MADE}`], 'middle of a name'],
    [['replay', `lr2.copy-always.bulk-loss.3_8.1.AAAAAAA.${MADE}`], 'does not name'],
    [['replay', `lr2.copy-allways.bulk-loss.3_8.1.AAA.${MADE}`], 'copy-always'],
    [
      ['replay', `lr2.copy-always.bulk-loss.3_8.1.AAA.${MADE}`, '--capture', 'x.pcap'],
      'no capture drives bulk-loss: this token goes without --capture',
    ],
    [['replay', `lr2.copy-always.capture-00000000-5.3_8.1.AAA.${MADE}`], '--capture'],
    [['frobnicate'], 'unknown command'],
    [['help', 'frobnicate'], 'unknown command'],
  ])('%j says what would be right', (args, hint) => {
    const ran = lastref(...args, '--json');
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toContain(hint);
    expect(ran.stderr).not.toContain('    at ');
  });

  test('a token of another machine says so and replays all the same', () => {
    const ran = lastref('replay', `lr2.naive-sendpage.sendfile-locked.3_8.1.AAc.${MADE}`);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('another version of the machine (');
    expect(ran.stdout).not.toContain("of the design's code");
  });
});

describe('a candidate from anywhere on disk', () => {
  const card =
    "id: 'mine', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0, claims: []";
  const candidate = (body: string): string =>
    scratch(
      'mine.ts',
      `import { GetPutPage, type Design, type Loan } from '@lastref/kernel';
       export const design = { ${card}, create: (k) => new Mine(k) } satisfies Design;
       class Mine extends GetPutPage { ${body} }`,
    );

  test('stands beside the others', () => {
    const file = candidate(
      'override replied(loan: Loan): void { if (!loan.completed) this.k.complete(loan); }',
    );
    const only = ['--designs', 'mine,rpc-reply', '--workloads', 'nfs-odirect'];
    const asked = (...args: string[]): string =>
      said(dirname(file), lastref, ...args, '--with', file, '--json').stdout;
    const { rows } = compareSchema.parse(JSON.parse(asked('compare', ...only)));
    const [reply, mine] = rows as [(typeof rows)[0], (typeof rows)[0]];
    expect(mine.design).toBe('mine');
    expect(mine.verdicts).toEqual(reply.verdicts);
    const again = asked('replay', mine.findings[0]!.token);
    expect(replaySchema.parse(JSON.parse(again)).same).toBe(true);
  });

  const WRONG: readonly (readonly [string, string, string])[] = [
    ['breaks the contract of lend', 'override lend(): void {}', 'did not add exactly one frag'],
    ['throws', "override fragRef(): void { throw new Error('boo'); }", 'boo'],
    ['does not compile', 'override oops(: void {}', 'mine.ts:'],
  ];

  test.each(sample(WRONG, 2))('one that %s gets one line', (_what, body, hint) => {
    const file = candidate(body);
    const ran = said(
      dirname(file),
      lastref,
      'compare',
      '--with',
      file,
      '--designs',
      'mine',
      '--workloads',
      'bulk-loss',
      '--json',
    );
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toContain(hint);
    expect(ran.stderr).not.toContain('    at ');
  });
});
