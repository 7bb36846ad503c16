// From words to bugs: whoever has the problem types what he sees.
import { expect, test } from 'vitest';
import { BUGS, found, type Entry } from '../src/index.ts';

const entries = BUGS.map((b): Entry => ({
  kind: 'bug',
  id: b.id,
  title: b.title,
  command: '',
  words: [...b.words, b.where, b.source],
  text: `${b.mechanism} ${b.fix}`,
}));
const first = (...words: string[]) => found(entries, words)[0]?.id;

test.each([
  ['nfs corruption', 'sunrpc-rtx'],
  ['CVE-2014-0131', 'segment-orphan'],
  ['spdk initiator reads pointers', 'spdk-listener-stop'],
  ['AF_XDP out of order completion', 'xsk-immature'],
  ['msg_zerocopy tcp_mtu_probing', 'mtu-probe'],
  ['guest hangs the host', 'netback-irq'],
  ['freebsd sendfile root', 'mbuf-rdonly'],
  ['page_pool leak', 'pool-mirror'],
  ['dirty pipe', 'dirty-pipe'],
  ['qemu live migration aborts', 'qemu-multifd-header'],
  ['netty NoSuchElementException send_zc', 'iouring-notif'],
  ['nvme kmalloc oops', 'sendpage-ok'],
  ['nfs page fault wrong bytes', 'task-frag'],
  ['haproxy splice corruption', 'splice-slab'],
  ['drbd host crash on disconnect', 'drbd-disconnect'],
  ['nixl deregister crash', 'nixl-release'],
  ['nginx file changed on disk', 'tempesta-tls'],
  ['CVE-2022-0847', 'dirty-pipe'],
  ['xen frontend CVE-2022-23037', 'netfront-query'],
  ['page_pool syzbot use after free', 'pagepool-ring'],
  ['io_uring zcrx double free', 'zcrx-user-ref'],
  ['vhost wake_up use after free', 'vhost-ubuf-put'],
  ['ixgbe page_count race', 'page-count-set'],
  ['rds locked memory', 'rds-prequeue'],
  ['packet_mmap container corruption', 'packet-tx-ring'],
  ['CVE-2026-53362', 'udp-fraggap'],
  ['ktls close use after free', 'tls-async-notify'],
  ['xdp_redirect pagecnt_bias', 'rx-page-recheck'],
  ['sockmap skb_dequeue panic', 'sockmap-backlog'],
  ['copy fail', 'algif-aead'],
  ['fuse splice leak', 'fuse-direct-splice'],
  ['mlx5 refill negative', 'mlx5e-refill'],
  ['nbd double completion', 'nbd-clear-que'],
  ['qemu zero_copy_queued', 'qemu-flush'],
  ['multifd zlib', 'qemu-zlib'],
  ['tee double free', 'smc-tee'],
  ['usb tcpdump checksum', 'smsc95xx-cow'],
  ['CVE-2023-4622', 'unix-sendpage'],
  ['vhost upend_idx', 'vhost-head-index'],
])("'%s' leads to %s", (words, id) => {
  expect(first(...words.split(' '))).toBe(id);
});

test('a word in another form is the same word', () => {
  expect(first('probes', 'retransmitted')).toBe('mtu-probe');
});

test('a number is that number, and a commit may be cut', () => {
  expect(first('CVE-2022-49093')).toBe('coalesce-pool');
  expect(first('30f241f')).toBe('xsk-immature');
  expect(found(entries, ['CVE-2022-00000'])).toEqual([]);
});

test('what is met nowhere is not made up', () => {
  expect(found(entries, ['xyzzy'])).toEqual([]);
  expect(found(entries, [])).toEqual([]);
});
