// Datagrams that are put together by several calls, on the model's arm: which packets, which pages, which heads.
import { expect, test } from 'vitest';
import type { Answer, Seam } from '../src/index.ts';
import * as arm from './played.ts';
import { refs } from './played.ts';

const played = (text: string, era = '7.2.13', seam: Seam = 'marker') => arm.played(text, seam, era);
const packets = (answer: Answer) => arm.packets(answer, 'end');

test('the first bytes stand in the head, the next ones in a page of the socket, lent ones in their own', () => {
  const put = played('cork 1500 1 1; udp 100 1; udp 50 2; udppage 3 0 4000; udppage 3 4000 96');
  expect(packets(put)).toEqual([
    // 64 in front, 20 + 8 + 100, and the 15 that every head is asked beside: 207 of the 320 of a small head
    'q0 len=1500 dl=1372 [n0+0:50 p3+0:1322] end=320',
    'q1 len=1500 dl=1480 [p3+1322:1480] end=320',
    'q2 len=1314 dl=1294 [p3+2802:1294] end=320',
  ]);
  expect(refs(put)).toMatch(/ p3=4 .* n0=2 /);
});

test('a head of 320 bytes with those 15 is of the next class', () => {
  const end = (bytes: number) => packets(played(`cork 1500 1 1; udp ${bytes} 1`))[0]!;
  expect(end(320 - 64 - 28 - 15)).toMatch(/ end=320$/);
  expect(end(320 - 64 - 28 - 15 + 1)).toMatch(/ end=704$/);
});

test('sent, the others are the list of the first, without their headers, and go out as they are', () => {
  const text = 'cork 1500 1 1; udp 100 1; udppage 3 0 4000; udpsend 0 0 0';
  expect(packets(played(text))).toEqual([
    's0 len=4128 dl=4000 [p3+0:1372] {len=1480 dl=1480 [p3+1372:1480] | len=1148 dl=1148 [p3+2852:1148]} end=320',
  ]);
  expect(packets(played(`${text}; ipfrag 0 1500`))).toEqual([
    's0 len=1500 dl=1372 [p3+0:1372] end=320',
    's1 len=1500 dl=1480 [p3+1372:1480] end=320',
    's2 len=1168 dl=1148 [p3+2852:1148] end=320',
  ]);
});

test('what is beyond the last multiple of eight is copied to the next packet', () => {
  const put = played('cork 1499 1 0; udppage 0 0 1471; udppage 1 0 100');
  expect(packets(put)).toEqual([
    'q0 len=1492 dl=1464 [p0+0:1464] end=320',
    'q1 len=127 dl=100 [p1+0:100] end=320',
  ]);
});

test('without scatter and gather all is copied to heads with room for what may follow', () => {
  expect(packets(played('cork 1500 0 0; udp 10 1; udppage 0 0 50'))).toEqual([
    'q0 len=88 dl=0 [] end=1728',
  ]);
  expect(packets(played('cork 1500 0 0; udpsend 0 60 1'))).toEqual(['s0 len=88 dl=0 [] end=320']);
});

test.each([
  // from 3.7 on: begun anew when nobody else has it, and left when less than 32 bytes are free
  ['3.8', 'n0+0:100', ['n0+0:4065', 'n1+0:10']],
  ['3.2', 'n0+0:100', ['n0+0:4065', 'n0+4065:10']],
])('Linux %s: where copied bytes go', (era, again, [first, second]) => {
  const one = 'cork 9000 1 0; udp 1 1; udp 200 2; udpsend 0 0 0; free 0';
  expect(packets(played(`${one}; udp 1 1; udp 100 2`, era, 'plain'))[0]).toContain(`[${again}]`);
  const full = 'cork 9000 1 0; udp 1 1; udp 4065 2; udpsend 0 0 0; udp 1 1; udp 10 2';
  const [sent, pending] = packets(played(full, era, 'plain'));
  expect([sent, pending]).toEqual([
    expect.stringContaining(`[${first}]`),
    // before 3.7 each datagram begins a page
    expect.stringContaining(`[${second === 'n0+4065:10' ? 'n1+0:10' : second}]`),
  ]);
  const same = packets(played('cork 9000 1 0; udp 1 1; udp 4065 2; udp 10 3', era, 'plain'));
  expect(same[0]).toContain(second === 'n0+4065:10' ? '[n0+0:4075]' : '[n0+0:4065 n1+0:10]');
});

test('sendpage on UDP copies in 6.1.192, and nowhere else', () => {
  const frags = (era: string, seam: Seam) =>
    packets(played('cork 1500 1 1; udp 1 1; udppage 3 0 100', era, seam))[0]!;
  expect(frags('5.10.223', 'plain')).toContain('[p3+0:100]');
  expect(frags('6.1.192', 'plain')).toContain('[n0+0:100]');
  expect(frags('debian-6.12.117', 'marker')).toContain('[p3+0:100]');
});

test.each([
  ['no datagram is wanted', 'udp 100 1'],
  ['nor sent', 'udpsend 0 0 0'],
  ['a device that takes less than IP asks', 'cork 67 1 1'],
  ['another device amid a datagram', 'cork 1500 1 1; udp 1 1; cork 1500 1 1'],
  ['more packets than are looked at', 'cork 68 1 1; udp 4000 1'],
  ['no slot for it', 'alloc 0 0 0 0 0 0; cork 1500 1 1; udpsend 0 1 1'],
])('%s: it does not apply', (_, lines) => {
  expect(played(lines).steps.at(-1)!.state).toEqual([]);
});

test('a page by MSG_SPLICE_PAGES is marked: it is played where pages are', () => {
  const at = (seam: Seam) => played('cork 1500 1 1; udppage 0 0 100', '7.2.13', seam).steps.at(-1)!;
  expect(at('marker').state[0]).toContain(' sf=1 ');
  expect(at('plain').state).toEqual([]);
});

test('of IPv6 a packet that others follow leaves room for a fragment header, and has room for one in front', () => {
  const put = arm.played('cork6 1500 1 1; udp 100 1; udppage 3 0 4000', 'marker');
  expect(arm.packets(put, 'hr', 'end')).toEqual([
    // 40 + 8 + 100 bytes in the head; 1488 is 40 + 1448, and 8 less than 1496
    'q0 len=1488 dl=1340 [p3+0:1340] hr=72 end=320',
    'q1 len=1488 dl=1448 [p3+1340:1448] hr=72 end=320',
    'q2 len=1252 dl=1212 [p3+2788:1212] hr=72 end=320',
  ]);
});

test.each([
  ['all of the MTU, as long as it is the only packet', 'udp 1452 1', ['q0 len=1500']],
  ['one byte more makes a fragment of it', 'udp 1453 1', ['q0 len=1488', 'q1 len=53']],
  [
    'what was there beyond that is copied to the next',
    'udp 1452 1; udp 1 2',
    ['q0 len=1488', 'q1 len=53'],
  ],
  [
    'the last packet of a datagram that is longer than the MTU is a fragment as well',
    'udp 1453 1; udp 1440 2',
    ['q0 len=1488', 'q1 len=1488', 'q2 len=45'],
  ],
])('IPv6: %s', (_, calls, lengths) => {
  const put = packets(played(`cork6 1500 0 0; ${calls}`));
  expect(put.map((line) => line.split(' ', 2).join(' '))).toEqual(lengths);
});

test('sent, a datagram of IPv6 goes out as it is, each fragment with both headers', () => {
  const text = 'cork6 1500 1 1; udp 100 1; udppage 3 0 4000; udpsend 0 0 0; ip6frag 0 1500';
  expect(packets(played(text))).toEqual([
    's0 len=1496 dl=1340 [p3+0:1340] end=320',
    's1 len=1496 dl=1448 [p3+1340:1448] end=320',
    's2 len=1260 dl=1212 [p3+2788:1212] end=320',
  ]);
});

test('a head for IPv6 is asked for the room of a fragment header, and nothing beside', () => {
  const end = (bytes: number) => packets(played(`cork6 1500 1 1; udp ${bytes} 1`))[0]!;
  expect(end(320 - 64 - 8 - 48)).toMatch(/ end=320$/);
  expect(end(320 - 64 - 8 - 48 + 1)).toMatch(/ end=704$/);
});

test('sendpage on UDP over IPv6 copies: pages are lent from 6.5 on', () => {
  const frags = (era: string, seam: Seam) =>
    packets(played('cork6 1500 1 1; udp 1 1; udppage 3 0 100', era, seam))[0]!;
  expect(frags('5.10.223', 'plain')).toContain('[n0+0:100]');
  expect(frags('debian-6.12.117', 'marker')).toContain('[p3+0:100]');
});

test('a datagram of IPv6 may be longer by the header of IPv4', () => {
  const pages = Array.from({ length: 15 }, () => 'udp 4096 1').join('; ');
  const last = (cork: string, bytes: number) =>
    played(`${cork} 9000 0 0; ${pages}; udp ${bytes} 1`).steps.at(-1)!.result;
  const rest = 65535 - 15 * 4096 - 8;
  expect([last('cork6', rest), last('cork6', rest + 1)]).toEqual([rest, -90]);
  expect([last('cork', rest - 20), last('cork', rest - 19)]).toEqual([rest - 20, -90]);
});
