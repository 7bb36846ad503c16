// A socket call with its values, what it gives back, and its errno.
import type { Call, Expression, Member } from './ast.ts';
import type { Reader } from './reader.ts';

export function parseCall(r: Reader): Call {
  const until = r.isKind('ellipsis') ? blocksUntil(r) : null;
  const name = r.word('a packet (< or >), a call, a command in backquotes or code in %{ }%');
  r.expect('(', `the values of ${name} stand in ( )`);
  const args = list(r, ')');
  r.expect('=', `behind ${name}(…) stands = and what it gives back`);
  const result = r.isKind('ellipsis') ? any(r) : expression(r);
  const errno = r.isKind('word') && /^[A-Z]/.test(r.next.text) ? r.take().text : null;
  if (r.is('(')) note(r);
  return { kind: 'call', name, args, until, result, errno };
}

function blocksUntil(r: Reader): number {
  r.take();
  return r.seconds('behind ... stands the time at which a blocking call comes back');
}

/** `(flags O_RDWR)`, `(Broken pipe)`: words for the reader. */
function note(r: Reader): void {
  r.take();
  while (r.isKind('word')) r.take();
  r.expect(')', 'a note behind a result is words in ( )');
}

function any(r: Reader): Expression {
  r.take();
  return { kind: 'any' };
}

/** Values up to `end`, which is taken. */
function list(r: Reader, end: string): Expression[] {
  const items: Expression[] = [];
  if (r.accept(end)) return items;
  r.nested(() => {
    do items.push(expression(r));
    while (r.accept(','));
  });
  r.expect(end, `values are separated by , and end with ${end}`);
  return items;
}

function expression(r: Reader): Expression {
  const first = single(r);
  if (!r.is('|')) return first;
  const parts = [first];
  while (r.accept('|')) parts.push(single(r));
  return { kind: 'or', parts };
}

function single(r: Reader): Expression {
  const { kind, text } = r.next;
  if (kind === 'ellipsis') return any(r);
  if (kind === 'integer' || kind === 'hex')
    return { kind: 'integer', hex: kind === 'hex', value: r.number('a whole number') };
  if (kind === 'string') return string(r);
  if (kind === 'word') return named(r);
  if (text === '[') {
    r.take();
    return { kind: 'list', items: list(r, ']') };
  }
  if (text === '{') return struct(r);
  throw r.wrong('a value: a number, a name, "text", ..., [ ] or { }');
}

function string(r: Reader): Expression {
  let text = '';
  while (r.isKind('string')) text += r.take().text;
  if (r.isKind('ellipsis')) r.take(); // "text"...: it may go on
  return { kind: 'string', text };
}

function named(r: Reader): Expression {
  const name = r.take().text;
  if (!r.accept('(')) return { kind: 'word', name };
  return { kind: 'apply', name, args: list(r, ')') };
}

function struct(r: Reader): Expression {
  r.take();
  const members: Member[] = [];
  r.nested(() => {
    do members.push(member(r));
    while (r.accept(','));
  });
  r.expect('}', 'members of a { } are separated by , and end with }');
  return { kind: 'struct', members };
}

function member(r: Reader): Member {
  const follows = r.second.text;
  if (!r.isKind('word') || (follows !== '=' && follows !== '('))
    return { name: null, count: null, value: expression(r) };
  const name = r.take().text;
  let count: Expression | null = null;
  if (r.accept('(')) {
    count = expression(r);
    r.expect(')', `the count of ${name} stands in ( )`);
  }
  r.expect('=', `behind ${name} stands = and a value`);
  return { name, count, value: expression(r) };
}
