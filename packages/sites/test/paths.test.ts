// A hook counts where every way that succeeds passes it: beside the store, before or behind it, one call up.
import { expect, test } from 'vitest';
import { lacking, type Hook } from '@lastref/sites';
import { MARK, scanOf, siteCalled, transfer } from './fixtures.ts';

const hooks = async (text: string, name = 'f'): Promise<readonly Hook[]> =>
  siteCalled(await scanOf({ 'net/a.c': text }), name).demands[0]!.hooks;

test('before the store, or behind it', async () => {
  expect(await hooks(transfer('f'))).toEqual([]);
  expect(await hooks(transfer('f', MARK))).toEqual(['marker']);
  expect(await hooks(transfer('f', '', MARK))).toEqual(['marker']);
});

test('a refusal is a hook: who has an owner does not come so far', async () => {
  expect(await hooks(transfer('f', 'if (skb_zcopy(src) || skb_zcopy(dst)) return -1;'))).toEqual([
    'owner',
  ]);
});

test('in one branch alone it is none, unless the branch asks whether there is anything to carry', async () => {
  expect(await hooks(transfer('f', `if (dst->len > 10) { ${MARK} }`))).toEqual([]);
  expect(await hooks(transfer('f', `if (skb_shinfo(src)->nr_frags) { ${MARK} }`))).toEqual([
    'marker',
  ]);
});

test('behind a way that leaves early it comes too late, but a failure is no way', async () => {
  expect(await hooks(transfer('f', '', `if (dst->len) return dst->len; ${MARK}`))).toEqual([]);
  expect(await hooks(transfer('f', '', `if (dst->len) return -EINVAL; ${MARK}`))).toEqual([
    'marker',
  ]);
  expect(
    await hooks(
      transfer('f', '', `if (dst->len) goto err; ${MARK} return 0; err: kfree_skb(dst);`),
    ),
  ).toEqual(['marker']);
});

test('a jump leads to the hook, or around it', async () => {
  const around = (label: string): string => `
int f(struct sk_buff *dst, struct sk_buff *src)
{
	skb_shinfo(dst)->frags[0] = skb_shinfo(src)->frags[0];
	if (dst->len)
		goto ${label};
	kick(dst);
mark:
	${MARK}
done:
	return 1;
}
`;
  expect(await hooks(around('mark'))).toEqual(['marker']);
  expect(await hooks(around('done'))).toEqual([]);
});

test('it has to speak of the packet that the entries come from', async () => {
  const other = MARK.replace('skb_shinfo(src)', 'skb_shinfo(head)');
  expect(await hooks(transfer('f', other))).toEqual([]);
  expect(
    await hooks(transfer('f', `struct sk_buff *from = src; ${MARK.replace('(src)', '(from)')}`)),
  ).toEqual(['marker']);
});

test('one call up: every caller in the file passes it', async () => {
  const caller = (name: string, hook: string): string =>
    `int ${name}(struct sk_buff *dst, struct sk_buff *src)\n{\n\t${hook}\n\treturn f(dst, src);\n}\n`;
  expect(await hooks(transfer('f') + caller('g', MARK))).toEqual(['marker']);
  expect(await hooks(transfer('f') + caller('g', MARK) + caller('h', ''))).toEqual([]);
});

const writer = (asks: string): string => `
int f(struct aead *tfm, struct sk_buff *skb)
{
	struct sk_buff *trailer;
	int n;

	${asks}
	n = skb_cow_data(skb, 0, &trailer);
skip:
	skb_to_sgvec(skb, sg, 0, skb->len);
	return crypto_aead_decrypt(req);
}
`;

test.each([
  ['asks nothing on one way', 'if (!skb_cloned(skb)) goto skip;', ['f']],
  ['asks the marker there', 'if (!skb_cloned(skb) && !skb_has_shared_frag(skb)) goto skip;', []],
  ['goes that way where there are no fragments', 'if (!skb_is_nonlinear(skb)) goto skip;', []],
])('a writer in place that %s', async (_, asks, found) => {
  const { sites } = await scanOf({ 'net/a.c': writer(asks) });
  expect(lacking(sites, 'marker').map((r) => r.site.name)).toEqual(found);
});

test('a keeper queues what it was given; one that lets go before, or made the packet, is none', async () => {
  const { keepers } = await scanOf({
    'net/a.c': `
int keeps(struct sock *sk, struct sk_buff *skb)
{
	skb_queue_tail(&sk->sk_receive_queue, skb);
	return 0;
}
int lets_go(struct sock *sk, struct sk_buff *skb)
{
	if (skb_orphan_frags_rx(skb, GFP_ATOMIC))
		return -ENOMEM;
	skb_queue_tail(&sk->sk_receive_queue, skb);
	return 0;
}
int makes(struct sock *sk)
{
	struct sk_buff *skb = alloc_skb(10, GFP_KERNEL);

	skb_queue_tail(&sk->sk_receive_queue, skb);
	return 0;
}
`,
  });
  expect(keepers.map((k) => [k.name, k.by])).toEqual([['keeps', 'skb_queue_tail']]);
});
