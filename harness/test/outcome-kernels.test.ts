// What other people's tools are told where a kernel is asked: its test scripts, the lab, recordings, sources; and repairs.
import { labSchema, liveSchema, type LabDocument, type LiveDocument } from '@lastref/report';
import { digested } from '@lastref/runner';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG } from '../../scripts/tier.ts';
import { amiss, toldIn } from './house/told.ts';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'lastref-outcome-'))));
afterAll(() => rmSync(dir, { recursive: true }));
const told = (...args: string[]) => toldIn(dir, ...args);
const asked = (...args: string[]) => said(dir, lastref, ...args);

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

test('packetdrill: a script that the model does not pass fails in its kernel', () => {
  const unsent = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 20000 <mss 1000,sackOK,nop,nop>
+0 > S. 0:0(0) ack 1 <...>
+.01 < . 1:1(0) ack 1 win 20000
+0 > . 1:1(0) ack 7
`;
  const args = ['packetdrill', file('unsent.pkt', unsent), '--era', '6.12', '--fail-on', 'failed'];
  const { code, failures, xml, results } = told(...args);
  expect([code, failures]).toEqual([1, ['failed']]);
  expect(xml).toContain('name="debian-6.12.117, debian-6.12.117" classname="lastref.unsent.pkt"');
  expect(results[0]!.message.text).toContain('line 7: expected');
  expect(told(...args, '--exclude', 'unsent.pkt/debian-6.12.117').code).toBe(0);
});

test('recording: the kernel that told early, and each design that would have', () => {
  const probe = at('../../packages/recording/data/bpftrace-mtu-probe-cut.txt');
  const args = ['recording', probe, '--designs', 'msg-zerocopy,ian-frag-destructor'];
  const { code, xml } = told(...args, '--fail-on', 'early');
  expect(code).toBe(1);
  expect(xml).toContain('classname="lastref.kernel"');
  expect(xml).toContain('classname="lastref.msg-zerocopy"');
  const known = ['--exclude', 'kernel,msg-zerocopy'];
  expect(told(...args, '--fail-on', 'early', ...known).code).toBe(0);
  const cut = ['--cut', '--page', '1', '--fail-on', 'early'];
  expect(asked('recording', probe, ...cut).stderr).toContain(
    '--cut and --fail-on do not go together',
  );
});

test('sites: where the hook of a patch is missing, and where the registry is wrong', () => {
  mkdirSync(join(dir, 'net/core'), { recursive: true });
  const moves = 'skb_shinfo(to)->frags[0] = skb_shinfo(from)->frags[0];';
  const marks = 'skb_shinfo(to)->flags |= skb_shinfo(from)->flags & SKBFL_SHARED_FRAG;';
  const moving = (name: string) =>
    `int ${name}(struct sk_buff *to, struct sk_buff *from)\n{\n\t${moves}\n\treturn 0;\n}\n`;
  file('net/core/skbuff.c', moving('skb_shift') + moving('mine'));
  const patch = file(
    'keep.patch',
    `--- a/net/core/skbuff.c
+++ b/net/core/skbuff.c
@@ -3,2 +3,3 @@ int skb_shift(struct sk_buff *to, struct sk_buff *from)
 \t${moves}
+\t${marks}
 \treturn 0;
`,
  );
  const args = ['sites', dir, '--patch', patch, '--fail-on', 'unhooked'];
  const { code, results } = told(...args);
  expect(code).toBe(1);
  const unhooked = results.filter((r) => r.ruleId === 'unhooked').map((r) => r.message.text);
  expect(unhooked).toEqual([
    'mine on marker: unhooked: net/core/skbuff.c:6: move, without marker.',
  ]);
  expect(told(...args, '--exclude', 'mine').code).toBe(0);
  expect(asked('sites', dir, '--era', '6.1.192', '--fail-on', 'mismatch').code).toBe(1); // a small tree
});

/** A directory with one document of the lab. */
function kept(name: string, { digest: _, ...doc }: LabDocument | LiveDocument): string {
  const at = join(dir, name.replace('.json', ''));
  mkdirSync(at);
  writeFileSync(join(at, name), JSON.stringify(digested(doc)));
  return at;
}

test('lab: scripts on which the model and a kernel part; runs that show what cannot be', () => {
  const results = (name: string): unknown =>
    JSON.parse(readFileSync(at(`../../results/${name}`), 'utf8'));
  const lab = labSchema.parse(results('lab.json'));
  const [row] = lab.rows;
  const parts = { seam: 'plain', count: 2, script: 'alloc 0\ncoal 0 1\n', differs: ['s0: len'] };
  const why = { reason: '', couldChange: true };
  const disagreements = [{ op: row!.op, kernel: row!.kernel, ...parts, ...why }];
  const merge = ['lab', '--merge', kept('lab.json', { ...lab, disagreements })];
  const { code, failures, results: found } = told(...merge, '--fail-on', 'disagrees');
  expect([code, failures]).toEqual([1, ['disagrees']]);
  expect(found[0]!.message.text).toContain('alloc 0; coal 0 1: s0: len');
  const known = `${row!.op}/${row!.kernel}`;
  expect(told(...merge, '--fail-on', 'disagrees', '--exclude', known).code).toBe(0);

  const live = liveSchema.parse(results('live.json'));
  const rows = live.rows.map(
    (r, i) => ({ ...r, verdict: i === 0 ? 'contradicts' : 'agrees' }) as const,
  );
  const shown = ['lab', '--merge', kept('live.json', { ...live, rows })];
  const contradicts = told(...shown, '--fail-on', 'contradicts');
  expect([contradicts.code, contradicts.failures]).toEqual([1, ['contradicts']]);
  expect(told(...shown, '--fail-on', 'contradicts', '--exclude', rows[0]!.scenario).code).toBe(0);

  const lies = join(dir, 'lies');
  mkdirSync(lies);
  writeFileSync(join(lies, 'lab.json'), JSON.stringify({ ...lab, disagreements: [] }).slice(0, -1));
  expect(asked('lab', '--merge', lies)).toMatchObject({ code: 2, stdout: '' });
  writeFileSync(join(lies, 'lab.json'), JSON.stringify({ ...lab, date: '1970-01-01' }));
  expect(asked('lab', '--merge', lies).stderr).toContain('was changed after it was made');
  writeFileSync(join(lies, 'lab.json'), JSON.stringify(lab));
  const twice = asked('lab', '--merge', `${lies},${lies}`);
  expect([twice.code, twice.stderr]).toEqual([3, expect.stringContaining('is in two of these')]);

  const keeping = asked('lab', '--mutants', '1', '--fail-on', 'disagrees');
  expect([keeping.code, keeping.stderr]).toEqual([
    2,
    expect.stringContaining('--fail-on does not go with --mutants'),
  ]);
});

/** A mark that is known does not count: as with all commands, and two runs of a candidate. */
const EXCLUDED = LONG ? [{ known: ['--exclude', '*'], code: 0 }] : [];

test('exercise: the marks that a repair has not reached', () => {
  const mine = join(dir, 'mine.ts');
  asked('exercise', 'repair-every-segment', '--out', mine);
  const args = ['exercise', 'repair-every-segment', '--with', mine, '--fail-on', 'not-repaired'];
  const { code, failures, results } = told(...args);
  expect(code).toBe(1);
  expect(failures.length).toBeGreaterThan(0);
  expect(results[0]!.message.text).toContain('my-repair-every-segment');
  for (const { known, code } of EXCLUDED) expect(told(...args, ...known).code).toBe(code);
  const none = asked('exercise', 'repair-copies', '--fail-on', 'not-repaired');
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('it goes with --with')]);
});

test('whatever was written of them is as the schema of JUnit wants it', async () => {
  const { files, complaints } = await amiss();
  expect(files).toBeGreaterThan(4);
  expect(complaints).toEqual([]);
});
