// lastref sites and lastref port, tried from outside, on a tree of a few lines.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portSchema, sitesSchema } from '@lastref/report';
import { afterAll, expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const tree = join(dir, 'tree');
mkdirSync(join(tree, 'net/core'), { recursive: true });
writeFileSync(
  join(tree, 'net/core/skbuff.c'),
  `
int skb_shift(struct sk_buff *tgt, struct sk_buff *skb, int shiftlen)
{
	skb_shinfo(tgt)->frags[0] = skb_shinfo(skb)->frags[0];
	return shiftlen;
}
int mine(struct sk_buff *to, struct sk_buff *from)
{
	skb_shinfo(to)->frags[0] = skb_shinfo(from)->frags[0];
	return 0;
}
int keeps(struct sk_buff_head *q, struct sk_buff *skb)
{
	skb_queue_tail(q, skb);
	return skb_shift(skb, NULL, 3);
}
`,
);
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

const sites = (...args: string[]) => {
  const ran = lastref('sites', tree, ...args, '--json');
  expect(ran.code).toBe(0);
  return sitesSchema.parse(JSON.parse(ran.stdout));
};

test('functions, kinds, operations and coverage, the same bytes twice', () => {
  const doc = sites('--era', '6.1.192');
  expect(doc.functions.map((f) => [f.name, f.kind, f.operation])).toEqual([
    ['skb_shift', 'move', 'skb_shift'],
    ['mine', 'move', null],
  ]);
  expect(doc.coverage[0]).toMatchObject({
    transfers: { operations: 1, all: 2 },
    missing: ['net/core/skbuff.c mine'],
  });
  expect(doc.directories).toMatchObject([
    { dir: 'net/core', operations: 1, missing: 1, callers: 1 },
  ]);
  expect(doc.mismatches.map((m) => m.operation)).toContain('skb_segment'); // the tree is a small one
  expect(sites('--era', '6.1.192')).toEqual(doc);
});

test('what people read', () => {
  const { stdout, code } = lastref('sites', tree);
  expect(code).toBe(0);
  expect(stdout).toContain('2 functions of this tree touch a fragment');
  expect(stdout).toContain('1 of 2 (50 %)');
  expect(stdout).toContain('--era NAME has its registry checked');
});

test('a patch: where else its hook is missing, and the row that shows what happens there', () => {
  const patch = file(
    'a.patch',
    `--- a/net/core/skbuff.c
+++ b/net/core/skbuff.c
@@ -8,2 +8,3 @@ int mine(struct sk_buff *to, struct sk_buff *from)
 	skb_shinfo(to)->frags[0] = skb_shinfo(from)->frags[0];
+	skb_shinfo(to)->flags |= skb_shinfo(from)->flags & SKBFL_SHARED_FRAG;
 	return 0;
`,
  );
  const doc = sites('--patch', patch);
  expect(doc.patch).toMatchObject({
    changed: [{ name: 'mine' }],
    adds: ['marker'],
    rows: [{ name: 'skb_shift', query: 'transfer', operation: 'skb_shift' }],
  });
  const { stdout } = lastref('sites', tree, '--patch', patch, '--era', '6.1.192');
  expect(stdout).toMatch(/operation skb_shift: .*movers --era 6\.1\.192, row skb_shift/);
});

test('keepers, a design, and labels', () => {
  expect(sites('--keepers').keepers).toMatchObject([{ name: 'keeps', by: 'skb_queue_tail' }]);
  const { design } = sites('--design', 'msg-zerocopy');
  expect(design?.rows.map((r) => [r.name, r.hooks.includes('mayMove'), r.named])).toEqual([
    ['skb_shift', true, false],
    ['mine', true, null],
  ]);
  const label = (name: string, kind: string) => ({
    file: 'net/core/skbuff.c',
    function: name,
    kind,
    tree: '6.1.192',
    why: 'seen',
  });
  const labels = file(
    'labels.json',
    JSON.stringify({ labels: [label('mine', 'move'), label('keeps', 'take')] }),
  );
  expect(sites('--labels', labels, '--era', '6.1.192').labels).toMatchObject([
    { stratum: 'net/core', labels: 2, found: 1, missed: ['keeps'], sameKind: 1 },
  ]);
});

test('a port needs no tree', () => {
  const { stdout, code } = lastref('port', 'ian-frag-destructor', '--era', '6.1', '--json');
  expect(code).toBe(0);
  const doc = portSchema.parse(JSON.parse(stdout));
  expect(doc.tree).toBe('6.1.192');
  expect(doc.rows.find((r) => r.name === 'skb_release_data')?.hooks).toContain('fragUnref');
});

test.each([
  [['sites'], 'the root of a kernel source, or --kernel'],
  [['sites', tree, '--kernel', '6.1'], 'one of the two'],
  [['sites', '/nowhere'], "'/nowhere' is no directory"],
  [['sites', dir], 'has no C files under net/'],
  [['sites', '--kernel', '6.2'], "no kernel '6.2': 5.10, 6.1, 6.12, 7.2"],
  [['sites', tree, '--era', 'new'], "'new' names no kernel tree"],
  [['sites', tree, '--patch', '/nowhere'], '/nowhere: there is no such file'],
  [['sites', tree, '--patch', join(tree, 'net/core/skbuff.c')], 'no hunk in it'],
  [
    ['sites', tree, '--labels', join(tree, 'net/core/skbuff.c'), '--era', '6.1.192'],
    'is no list of labels',
  ],
  [['sites', tree, '--design', 'msg-zero'], 'msg-zerocopy'],
  [['sites', tree, '--keepers', '--design', 'msg-zerocopy'], 'one question each'],
  [['sites', tree, '--keep', dir], '--keep says nothing by itself: it goes with --kernel'],
  [['port', 'msg-zerocopy', '--era', '3.8'], 'no scan of 3.8 is kept'],
  [['port', 'nobody'], "'nobody'"],
])('%j is said in one line', (args, says) => {
  const { code, stderr, stdout } = lastref(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(says);
});

// readable to nobody, whoever runs this
const UNREAD = '/proc/self/mem';

test.runIf(existsSync(UNREAD))('a patch that the system does not let us read is no misuse', () => {
  const { code, stderr, stdout } = lastref('sites', tree, '--patch', UNREAD);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^lastref: \/proc\/self\/mem: cannot be read: [^\n]+\n$/);
});
