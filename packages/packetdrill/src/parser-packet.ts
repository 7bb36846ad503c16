// A packet: where it goes, its flags, numbers and options.
import type { Foreign, Packet, TcpOption, TcpSegment } from './ast.ts';
import type { Reader } from './reader.ts';

const FLAGS = 'flags of TCP: letters of FSRPEWUAN, . for ACK, or - for none';
const NUMBERS = 'the numbers of a segment: seq:end(payload), as 1:1001(1000)';

export function parsePacket(r: Reader): Packet {
  const direction = r.take().text === '<' ? 'in' : 'out';
  const ip = ipWords(r);
  if (r.is('icmp') || r.is('udp'))
    return { kind: 'packet', direction, ip, ports: null, body: foreign(r) };
  const ports = portsOf(r);
  return { kind: 'packet', direction, ip, ports, body: segment(r) };
}

/** `[ect0]`, `(tos 0x2)`: what the IP header says. */
function ipWords(r: Reader): string[] {
  const close = r.is('[') ? ']' : r.is('(') ? ')' : null;
  if (close === null) return [];
  r.take();
  const words: string[] = [];
  while (!r.is(close) && !r.isKind('end')) words.push(r.take().text);
  r.expect(close, `what the IP header says ends with ${close}`);
  return words;
}

/** `80 > 5000`, where ports are named. */
function portsOf(r: Reader): [number, number] | null {
  if (!r.isKind('integer') || r.second.text !== '>') return null;
  const source = r.number('a port');
  r.take();
  return [source, r.number('a port')];
}

/** All words up to the next event. */
function foreign(r: Reader): Foreign {
  const protocol = r.take().text === 'udp' ? 'udp' : 'icmp';
  const words: string[] = [];
  for (let depth = 0; depth > 0 || !startsEvent(r);) {
    if (r.isKind('end')) break;
    const { text } = r.take();
    if (text === '[' || text === '(') depth++;
    if (text === ']' || text === ')') depth--;
    words.push(text);
  }
  return { protocol, words };
}

function startsEvent(r: Reader): boolean {
  const { kind, text } = r.next;
  if (kind === 'end' || kind === 'shell' || kind === 'float') return true;
  return (
    text === '+' || text === '*' || (kind === 'integer' && /^[<>`%~]|^[a-z]/.test(r.second.text))
  );
}

function segment(r: Reader): TcpSegment {
  const flags = flagsOf(r);
  const seq = r.number(NUMBERS);
  r.expect(':', NUMBERS);
  const end = r.number(NUMBERS);
  r.expect('(', NUMBERS);
  const at = r.next;
  const payload = r.number(NUMBERS);
  r.expect(')', NUMBERS);
  if (payload < 0 || payload > 0xffff || end - seq !== payload) {
    throw at.kind === 'end' ? r.wrong(NUMBERS) : numbersDiffer(r, seq, end, payload);
  }
  const ack = r.accept('ack') ? r.number('a number behind ack') : null;
  const window = r.accept('win') ? r.number('a number behind win') : null;
  const urgent = r.accept('urg') ? r.number('a number behind urg') : null;
  return { protocol: 'tcp', flags, seq, end, payload, ack, window, urgent, options: options(r) };
}

function numbersDiffer(r: Reader, seq: number, end: number, payload: number): Error {
  return r.wrong(
    `in ${seq}:${end}(${payload}) before it, end - seq is the payload, of at most 65535 bytes`,
  );
}

function flagsOf(r: Reader): string {
  if (r.accept('-')) return '';
  const { kind, text } = r.next;
  let flags = '';
  if (kind === 'word') {
    if (!/^[FSRPEWUACN]+$/.test(text)) throw r.wrong(FLAGS);
    flags = r.take().text;
  }
  if (r.accept('.')) flags += '.';
  if (flags === '') throw r.wrong(FLAGS);
  return flags;
}

function options(r: Reader): TcpOption[] | null {
  if (!r.is('<')) return [];
  r.take();
  if (r.isKind('ellipsis')) {
    r.take();
    r.expect('>', 'options that are not looked at are <...>');
    return null;
  }
  const found: TcpOption[] = [];
  do found.push(option(r));
  while (r.accept(','));
  r.expect('>', 'options are separated by , and end with >');
  return found;
}

function option(r: Reader): TcpOption {
  const name = r.word('an option: mss, sackOK, sack, TS, nop, wscale or eol');
  if (name === 'nop' || name === 'eol' || name === 'sackOK') return { kind: name };
  if (name === 'mss' || name === 'wscale')
    return { kind: name, value: r.number(`a number behind ${name}`) };
  if (name === 'TS') {
    r.expect('val', 'a time stamp is TS val N ecr N');
    const val = r.number('a time stamp is TS val N ecr N');
    r.expect('ecr', 'a time stamp is TS val N ecr N');
    return { kind: 'TS', val, ecr: r.number('a time stamp is TS val N ecr N') };
  }
  if (name === 'sack') return { kind: 'sack', blocks: blocks(r) };
  const words: string[] = [];
  while (r.isKind('word') || r.isKind('integer') || r.isKind('hex')) words.push(r.take().text);
  return { kind: 'other', name, words };
}

function blocks(r: Reader): [number, number][] {
  const right = 'a block of sack is start:end';
  const found: [number, number][] = [];
  do {
    const start = r.number(right);
    r.expect(':', right);
    found.push([start, r.number(right)]);
  } while (r.isKind('integer'));
  return found;
}
