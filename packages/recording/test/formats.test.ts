// The formats of the four tools. Of pwru and retis these are the forms that their documentation and their own tests show.
import { expect, test } from 'vitest';
import { readRecording } from '../src/index.ts';
import { told } from './fixtures.ts';

test('pwru prints addresses of sk_buffs: no head, so nothing is judged, and the options that help are named', () => {
  const doc =
    told(`SKB                CPU PROCESS          NETNS      MARK/x        IFACE       PROTO  MTU   LEN   FUNC
0xffff9fc1014a8700 0   ~/ampdaemon:4417 0          0               0         0x0000 0     76    netlink_broadcast
0xffff9fc1014a8700 0   ~/ampdaemon:4417 0          0               0         0x0000 0     76    skb_release_data
`);
  expect(doc).toMatchObject({ tool: 'pwru', events: 2, buffers: [], unread: { count: 0 } });
  expect(doc.notJudged).toContain('--output-skb-shared-info');
});

test('pwru with the shared info has pages', () => {
  const block = (nr: number) => `(struct sk_buff){
 .head = (unsigned char *)0xffff9fc101400000,
}
(struct skb_shared_info){
 .nr_frags = (__u8)${nr},
 .frags = (skb_frag_t[])[
  {
   .netmem = (netmem_ref)0xffffea0004f20000,
   .len = (unsigned int)4096,
   .offset = (unsigned int)0,
  },
 ],
}
`;
  const text = `SKB                CPU PROCESS          FUNC
0xffff9fc1014a8700 0   app:4417 skb_splice_from_iter
${block(1)}0xffff9fc1014a8700 0   app:4417 skb_release_data
${block(1)}`;
  const doc = told(text);
  expect(doc.notJudged).toBeNull();
  expect(doc.buffers).toHaveLength(1);
  expect(doc.buffers[0]).toMatchObject({
    page: 'ffffea0004f20000',
    atEnd: [],
    last: { where: 'write queue' },
  });
});

test('pwru --output-json is a line for each function', () => {
  const line =
    '{"skb":"0xffff8fad947baf00","cpu":10,"process":"/usr/lib/firefox/firefox:1416291","func":"kfree_skbmem","iface":"0","proto":2048,"len":94}';
  const recording = readRecording('a file', `${line}\n`);
  expect(recording).toMatchObject({ tool: 'pwru', unread: [] });
  expect(recording.events[0]).toMatchObject({
    site: 'kfree_skbmem',
    skb: 'ffff8fad947baf00',
    cpu: 10,
  });
});

test('retis shows clones by their head and no page: not judged, and the scripts that help are named', () => {
  const doc =
    told(`7322460997041 (5) [ping] 100854 [tp] net:net_dev_queue #6a9b1c2d3e4fffff8fad947ba000 (skb ffff8fad947baf00)
7322460999000 (5) [ping] 100854/100855 [k] skb_clone
  #6a9b1c2d3e4fffff8fad947ba000 (skb ffff8fad947bae00)
`);
  expect(doc).toMatchObject({ tool: 'retis', events: 2, buffers: [], unread: { count: 0 } });
  expect(doc.notJudged).toContain('no page was recorded');
  expect(doc.notJudged).toContain('lastref.bt');
});

test('a file of retis is a JSON object a line; numbers beyond 2^53 keep their last digits', () => {
  const event =
    '{"common":{"timestamp":7322460997041,"smp_id":5,"task":{"pid":100854,"comm":"ping"}},"kernel":{"symbol":"skb:kfree_skb","probe_type":"raw_tracepoint"},"skb-tracking":{"orig_head":18446623346735780864,"timestamp":7322460997041,"skb":18446623349161350913}}';
  const { events } = readRecording('a file', `${event}\n`);
  expect(events[0]).toMatchObject({
    site: 'kfree_skb',
    skb: 18446623349161350913n.toString(16),
    head: 18446623346735780864n.toString(16),
    ns: 7322460997041n,
  });
});

test('trace-cmd without the script: events that are not its own are named', () => {
  const doc = told(`cpus=1
            live-164   [000] .N...    78.556834: kfree_skb:            skbaddr=0xff24c487b0a9e900 reason=3
            live-164   [000] .....    78.559216: net_dev_start_xmit:   dev=lo queue_mapping=0 skbaddr=0xff24c487b0a9e900
`);
  expect(doc.unread.first[0]).toMatchObject({
    line: 2,
    why: expect.stringContaining('kfree_skb') as string,
  });
  expect(doc.notJudged).toContain('no head was recorded');
});
