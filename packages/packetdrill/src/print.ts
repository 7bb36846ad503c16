// A tree as text again: what is parsed from it is the same tree.
import type {
  Call,
  Expression,
  Member,
  Packet,
  Script,
  ScriptEvent,
  TcpOption,
  TcpSegment,
  Time,
} from './ast.ts';

export function print({ options, init, events, cleanup }: Script): string {
  const lines = options.map(({ name, value }) => `--${name}${value === null ? '' : `=${value}`}`);
  if (init !== null) lines.push(`\`${init.text}\``);
  lines.push(...events.map(printEvent));
  if (cleanup !== null) lines.push(`\`${cleanup.text}\``);
  return `${lines.join('\n')}\n`;
}

export function printEvent({ time, action }: ScriptEvent): string {
  const at = printTime(time);
  if (action.kind === 'packet') return `${at} ${printPacket(action)}`;
  if (action.kind === 'shell') return `${at} \`${action.text}\``;
  if (action.kind === 'code') return `${at} %{${action.text}}%`;
  const until = action.until === null ? '' : `...${printSeconds(action.until)}`;
  return `${at}${until} ${printCall(action)}`;
}

export function printSeconds(ticks: number): string {
  const whole = Math.floor(ticks / 1e6);
  const rest = String(ticks % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return rest === '' ? String(whole) : `${whole}.${rest}`;
}

function printTime(time: Time): string {
  if (time.kind === 'any') return '*';
  const sign = time.kind === 'relative' ? '+' : '';
  const from = `${sign}${printSeconds(time.from)}`;
  return time.until === null ? from : `${from}~${sign}${printSeconds(time.until)}`;
}

function printPacket({ direction, ip, ports, body }: Packet): string {
  const words = [direction === 'in' ? '<' : '>'];
  if (ip.length > 0) words.push(`[${ip.join(' ')}]`);
  if (ports !== null) words.push(`${ports[0]} > ${ports[1]}`);
  words.push(
    body.protocol === 'tcp' ? printSegment(body) : [body.protocol, ...body.words].join(' '),
  );
  return words.join(' ');
}

export function printSegment(s: TcpSegment): string {
  const words = [s.flags === '' ? '-' : s.flags, `${s.seq}:${s.end}(${s.payload})`];
  if (s.ack !== null) words.push(`ack ${s.ack}`);
  if (s.window !== null) words.push(`win ${s.window}`);
  if (s.urgent !== null) words.push(`urg ${s.urgent}`);
  if (s.options === null) words.push('<...>');
  else if (s.options.length > 0) words.push(`<${printOptions(s.options)}>`);
  return words.join(' ');
}

export function printOptions(options: readonly TcpOption[]): string {
  return options.map(printOption).join(',');
}

function printOption(o: TcpOption): string {
  if (o.kind === 'mss' || o.kind === 'wscale') return `${o.kind} ${o.value}`;
  if (o.kind === 'TS') return `TS val ${o.val} ecr ${o.ecr}`;
  if (o.kind === 'sack') return `sack ${o.blocks.map(([a, b]) => `${a}:${b}`).join(' ')}`;
  if (o.kind === 'other') return [o.name, ...o.words].join(' ');
  return o.kind;
}

function printCall({ name, args, result, errno }: Call): string {
  const text = `${name}(${args.map(printExpression).join(', ')}) = ${printExpression(result)}`;
  return errno === null ? text : `${text} ${errno}`;
}

export function printExpression(e: Expression): string {
  switch (e.kind) {
    case 'integer':
      return e.hex ? `0x${e.value.toString(16)}` : String(e.value);
    case 'word':
      return e.name;
    case 'string':
      return `"${e.text}"`;
    case 'any':
      return '...';
    case 'or':
      return e.parts.map(printExpression).join('|');
    case 'list':
      return `[${e.items.map(printExpression).join(', ')}]`;
    case 'apply':
      return `${e.name}(${e.args.map(printExpression).join(', ')})`;
    case 'struct':
      return `{${e.members.map(printMember).join(', ')}}`;
  }
}

function printMember({ name, count, value }: Member): string {
  const text = printExpression(value);
  if (name === null) return text;
  return `${name}${count === null ? '' : `(${printExpression(count)})`}=${text}`;
}
