// A script from its text: options, a command, events with their times, a command. The grammar is packetdrill's
// parser.y, as far as TCP over IPv4 goes; what belongs to other protocols is kept as words.
import type { Code, Option, Script, ScriptEvent, Shell, Time } from './ast.ts';
import { parseCall } from './parser-call.ts';
import { parsePacket } from './parser-packet.ts';
import { Reader } from './reader.ts';

const TIME = 'an event begins with its time: +0, +.1, 0.5, *, 0~1 or +0~+1';

/** Throws ScriptError at the first place that is wrong. */
export function parse(source: string): Script {
  const r = new Reader(source);
  const options: Option[] = [];
  while (r.isKind('option')) options.push(option(r));
  const init = r.isKind('shell') ? shell(r) : null;
  const events: ScriptEvent[] = [];
  while (!r.isKind('end') && !r.isKind('shell')) events.push(event(r));
  if (events.length === 0) throw r.wrong(TIME);
  const cleanup = r.isKind('shell') ? shell(r) : null;
  if (!r.isKind('end')) throw r.wrong('behind the last command a script ends');
  return { options, init, events, cleanup };
}

function option(r: Reader): Option {
  const { text, at } = r.take();
  const sign = text.indexOf('=');
  if (sign < 0) return { name: text, value: null, at };
  return { name: text.slice(0, sign), value: text.slice(sign + 1), at };
}

function shell(r: Reader): Shell {
  const { text, at } = r.take();
  return { kind: 'shell', text, at };
}

function code(r: Reader): Code {
  return { kind: 'code', text: r.take().text };
}

function event(r: Reader): ScriptEvent {
  const { at } = r.next;
  const time = parseTime(r);
  const { kind } = r.next;
  if (kind === 'shell') return { time, action: shell(r), at };
  if (kind === 'code') return { time, action: code(r), at };
  if (r.is('<') || r.is('>')) return { time, action: parsePacket(r), at };
  return { time, action: parseCall(r), at };
}

function parseTime(r: Reader): Time {
  if (r.accept('*')) return { kind: 'any' };
  const relative = r.accept('+');
  const from = r.seconds(TIME);
  let until: number | null = null;
  if (r.accept('~')) {
    if (relative) r.expect('+', 'a relative range has a + on both sides: +0~+.1');
    until = r.seconds(TIME);
  }
  return { kind: relative ? 'relative' : 'absolute', from, until };
}
