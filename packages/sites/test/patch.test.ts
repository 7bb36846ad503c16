// A patch that adds a hook at one site: the others of its kind are named, most dangerous first.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { askPatch, parsePatch, scanTree } from '@lastref/sites';
import { MARK, transfer } from './fixtures.ts';

const tree = mkdtempSync(join(tmpdir(), 'lastref-test-'));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

const FILES: Readonly<Record<string, string>> = {
  'net/core/skbuff.c': transfer('copies') + transfer('shifts') + transfer('is_right', MARK),
  'net/core/gro.c': `
int chains(struct sk_buff *p, struct sk_buff *skb)
{
	skb_shinfo(p)->frag_list = skb;
	return 0;
}
`,
  'net/unix/af_unix.c': `
int sends(struct sk_buff *skb, struct iov_iter *iter)
{
	return skb_splice_from_iter(skb, iter, 10);
}
`,
  'drivers/net/nic.c': transfer('nic_rx_merge'),
};
for (const [file, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}

const PATCH = `
The copies lose the marker.

--- a/net/core/skbuff.c
+++ b/net/core/skbuff.c
@@ -6,7 +6,8 @@ some other function's name
 	
 	for (i = 0; i < skb_shinfo(src)->nr_frags; i++) {
 		skb_shinfo(dst)->frags[i] = skb_shinfo(src)->frags[i];
 		skb_frag_ref(src, i);
 	}
 	skb_shinfo(dst)->nr_frags = i;
+	${MARK}
 	
`;

test('what it changes, what it adds, what it leaves', async () => {
  const scan = await scanTree(tree, { operations: new Set() });
  const { changed, adds, rows } = askPatch(scan, tree, PATCH);
  expect(changed.map((c) => [c.name, c.site?.kind])).toEqual([['copies', 'share']]);
  expect(adds).toEqual(['marker']);
  // what a driver fills from its own receive ring is not asked for
  expect(rows.map((r) => [r.query, r.site.name])).toEqual([
    ['transfer', 'shifts'],
    ['lend', 'sends'],
    ['chain', 'chains'],
  ]);
});

test('in a tree that has moved on, the heading says which function it was', async () => {
  const scan = await scanTree(tree, { operations: new Set() });
  const other = PATCH.replace('some other function', 'int shifts(struct sk_buff *dst,').replace(
    'nr_frags = i',
    'nr_frags = n',
  );
  expect(askPatch(scan, tree, other).changed.map((c) => c.name)).toEqual(['shifts']);
});

test('a patch that adds no hook asks for nothing', async () => {
  const scan = await scanTree(tree, { operations: new Set() });
  expect(askPatch(scan, tree, PATCH.replace(MARK, 'count++;'))).toMatchObject({
    adds: [],
    rows: [],
  });
});

test('a patch that came by way of a mail with other ends of lines is the same patch', () => {
  expect(parsePatch(PATCH.replaceAll('\n', '\r\n'))).toEqual(parsePatch(PATCH));
});

test('what is no patch is said in a line', () => {
  expect(() => parsePatch('Dear all,\n\nplease apply.\n')).toThrow('the patch: no hunk in it');
});

test.each([
  ['/nowhere/at/all', 'is no directory'],
  [mkdtempSync(join(tmpdir(), 'lastref-test-')), 'has no C files under net/'],
])('%s is no tree', async (dir, says) => {
  await expect(scanTree(dir, { operations: new Set() })).rejects.toThrow(says);
});
