// What becomes of packets that are acknowledged behind a hole, in the write queue of the host that a script plays.
import { ERAS, type MainSock } from '@lastref/kernel';
import { design } from '@lastref/strategies/msg-zerocopy';
import { expect, test } from 'vitest';
import { parse } from '../src/index.ts';
import { SocketFile } from '../src/run/descriptors.ts';
import { Player } from '../src/run/play.ts';

/** The first segment is lost; behind it come two writes of one segment and a half, and the peer has what `sacks` say. */
const script = (sacks: readonly string[]) => `
  0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
 +0 bind(3, ..., ...) = 0
 +0 listen(3, 1) = 0
 +0 < S 0:0(0) win 32000 <mss 1000,nop,nop,sackOK>
 +0 > S. 0:0(0) ack 1 <...>
+.06 < . 1:1(0) ack 1 win 32000
 +0 accept(3, ..., ...) = 4
 +0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0
 +0 write(4, ..., 1000) = 1000
 +0 > P. 1:1001(1000) ack 1
 +0 write(4, ..., 1500) = 1500
 +0 > P. 1001:2501(1500) ack 1
 +0 write(4, ..., 1500) = 1500
 +0 > P. 2501:4001(1500) ack 1
${sacks.map((to) => ` +.06 < . 1:1(0) ack 1 win 32000 <nop,nop,sack 1001:${to}>`).join('\n')}
`;

/** The packets of the write queue: their bytes and their segments. */
function queueBehind(sacks: readonly string[]): number[][] {
  const player = new Player(parse(script(sacks)), design, ERAS.at(-1)!);
  player.run();
  const file = player.ctx.fds.get(4);
  if (!(file instanceof SocketFile)) throw new Error('4 is no socket');
  const sk: MainSock = file.sk!;
  const packets: number[][] = [];
  for (let skb = sk.writeQueue.first; skb !== null; skb = skb.next)
    packets.push([skb.len, skb.pcount]);
  return packets;
}

// tcp_skb_seglen, in tcp_shift_skb_data (net/ipv4/tcp_input.c of 5.10.198)
test('segment by segment, a last one, which is shorter, is joined to nothing', () => {
  expect(queueBehind(['2001', '2501', '3501', '4001'])).toEqual([
    [1000, 1],
    [1000, 1],
    [500, 1],
    [1000, 1],
    [500, 1],
  ]);
});

test('packets that a block covers whole are joined, as their segments are of one length', () => {
  expect(queueBehind(['2501', '4001'])).toEqual([
    [1000, 1],
    [3000, 4],
  ]);
});
