// Each thing that a function can do to a fragment is seen for what it is; what only looks like one is not.
import { expect, test } from 'vitest';
import { KINDS, type Kind } from '@lastref/sites';
import { scanOf, siteCalled, transfer } from './fixtures.ts';

const DOES: Readonly<Record<Kind, string>> = {
  take: 'skb_fill_page_desc(skb, 0, page, off, 10);',
  drop: 'put_page(skb_frag_page(&skb_shinfo(skb)->frags[0]));',
  move: 'skb_shinfo(skb)->frag_list = NULL;',
  share: 'sg_set_page(sg, skb_frag_page(&skb_shinfo(skb)->frags[0]), 10, 0);',
  copy: 'copy_page_to_iter(skb_frag_page(&skb_shinfo(skb)->frags[0]), 0, 10, to);',
  'write-in-place': 'skb_store_bits(skb, 4, &sum, 2);',
  record: 'skb_shinfo(skb)->destructor_arg = uarg;',
};

test.each(KINDS.map((kind) => [kind, DOES[kind]] as const))('%s', async (kind, line) => {
  const scan = await scanOf({ 'net/a.c': `void f(struct sk_buff *skb)\n{\n\t${line}\n}\n` });
  expect(siteCalled(scan, 'f').kinds).toEqual([kind]);
});

test('entries that go from packet to packet are shared with a reference, and moved without one', async () => {
  const moving = transfer('moves').replace('skb_frag_ref(src, i);', '');
  const scan = await scanOf({ 'net/a.c': transfer('shares') + moving });
  expect(siteCalled(scan, 'shares').kinds).toContain('share');
  expect(siteCalled(scan, 'moves').kind).toBe('move');
  for (const name of ['shares', 'moves'])
    expect(siteCalled(scan, name).demands).toMatchObject([
      { query: 'transfer', from: ['src'], to: ['dst'], hooks: [] },
    ]);
});

test('through pointers, it is still known whose entries they are', async () => {
  const scan = await scanOf({
    'net/a.c': `
int f(struct sk_buff *p, struct sk_buff *skb)
{
	struct skb_shared_info *pinfo = skb_shinfo(p), *info = skb_shinfo(skb);
	skb_frag_t *to = pinfo->frags + pinfo->nr_frags;

	memcpy(to + 1, info->frags, sizeof(*to) * info->nr_frags);
	return 0;
}
int g(struct sk_buff *skb)
{
	skb_frag_t *frag = &skb_shinfo(skb)->frags[0];

	skb_shinfo(skb)->frags[1] = *frag;
	return 0;
}
`,
  });
  expect(siteCalled(scan, 'f').demands).toMatchObject([
    { query: 'transfer', from: ['skb'], to: ['p'] },
  ]);
  expect(siteCalled(scan, 'g').demands).toEqual([]); // within one packet nothing has to be carried
});

test('what only looks at sizes, counts or time stamps is no site', async () => {
  const scan = await scanOf({
    'net/a.c': `
int count(struct sk_buff *skb)
{
	int i, n = 0;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		n += skb_frag_size(&skb_shinfo(skb)->frags[i]);
	skb_shinfo(skb)->tx_flags |= SKBTX_IN_PROGRESS;
	skb_shinfo(skb)->gso_size = n;
	ring->nr_frags = n;
	return atomic_read(&skb_shinfo(skb)->dataref);
}
`,
  });
  expect(scan.sites).toEqual([]);
  expect(scan.functions).toBe(1);
});

test('comments, texts and what is configured out are not read', async () => {
  const scan = await scanOf({
    'net/a.c': `
/* skb_frag_ref(skb, 0); */
int f(struct sk_buff *skb)
{
	// skb_store_bits(skb, 0, p, 2);
	pr_info("skb_frag_unref(\\"%s\\")", name);
	return skb->len;
}
#ifndef CONFIG_FRAGS
int g(struct sk_buff *skb) { skb_frag_unref(skb, 0); return 0; }
#else
int g(struct sk_buff *skb) { skb_frag_ref(skb, 0); return 0; }
#endif
#if 0
int h(struct sk_buff *skb) { skb_frag_ref(skb, 0); return 0; }
#endif
`,
  });
  expect(scan.sites.map((s) => [s.name, s.kind, s.line])).toEqual([['g', 'take', 12]]);
});

test('a file full of macros: attributes, loops without a semicolon, heads that a macro names', async () => {
  const scan = await scanOf({
    'net/a.c': `
INDIRECT_CALLABLE_SCOPE int __must_check f(struct sk_buff *skb) __releases(&lock)
{
	struct sk_buff *iter;

	skb_walk_frags(skb, iter)
		skb_frag_unref(iter, 0);
	list_for_each_entry(pos, &head, list) {
		if (unlikely(!pos))
			continue;
		skb_frag_ref(skb, 0);
	}
	return 0;
}
BPF_CALL_4(bpf_skb_poke, struct sk_buff *, skb, u32, offset, const void *, from, u32, len)
{
	return skb_store_bits(skb, offset, from, len);
}
DEFINE_STATIC_KEY_FALSE(key);
static const struct ops table = {
	.run = f,
};
`,
  });
  expect(scan.sites.map((s) => [s.name, s.kinds])).toEqual([
    ['f', ['take', 'drop']],
    ['bpf_skb_poke', ['write-in-place']],
  ]);
  expect(scan.partly).toBe(0);
});

test('a record is seen where it is called through a pointer', async () => {
  const scan = await scanOf({
    'net/a.c': 'void f(struct ubuf_info *uarg)\n{\n\tuarg->ops->complete(NULL, uarg, true);\n}\n',
  });
  expect(siteCalled(scan, 'f').kind).toBe('record');
});

test('who only calls a site is told apart', async () => {
  const scan = await scanOf(
    { 'net/a.c': `${transfer('f')}int g(struct sk_buff *a)\n{\n\treturn f(a, frag);\n}\n` },
    ['f'],
  );
  expect(scan.sites.map((s) => s.name)).toEqual(['f']);
  expect(scan.callers).toEqual([{ file: 'net/a.c', name: 'g', calls: ['f'] }]);
});
