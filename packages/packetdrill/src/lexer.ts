// From the text of a script to its words. The words are those of packetdrill's lexer.l: numbers, names, strings, shell
// in backquotes, Python in %{ }%, single signs, and the ellipsis.
import { ScriptError, type Place } from './errors.ts';

export type TokenKind =
  | 'integer'
  | 'hex'
  | 'float'
  | 'word'
  | 'string'
  | 'shell'
  | 'code'
  | 'option'
  | 'ellipsis'
  | 'address'
  | 'sign'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Without its quotes. */
  readonly text: string;
  readonly at: Place;
}

/** In the order in which they are tried; the longest of those that fit wins, then the first. */
const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['ellipsis', /\.\.\./y],
  ['address', /\d+\.\d+\.\d+\.\d+/y],
  ['float', /-?\d*\.\d+/y],
  ['integer', /-?\d+/y],
  ['hex', /0x[0-9a-fA-F]+/y],
  ['word', /[a-zA-Z0-9_]+/y],
  ['sign', /[^ \t\r\n]/y],
];
const BLANK = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
/** An option at the head takes all up to the next blank, or a quoted value. */
const OPTION = /--[a-zA-Z0-9_]+(?:=(?:[A-Za-z0-9_]+=)?(?:"[^"\n]*"|`[^`]*`|[^\s"`]+))?/y;

const QUOTES: Readonly<Record<string, readonly [TokenKind, string, string]>> = {
  '"': ['string', '"', 'a closing " on the same line or a later one'],
  '`': ['shell', '`', 'a closing ` behind the command'],
};

/** Throws ScriptError where a string, a command or a comment is not closed. */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  const places = new Places(source);
  let at = 0;
  const push = (kind: TokenKind, text: string, end: number): void => {
    tokens.push({ kind, text, at: places.of(at) });
    at = end;
  };
  for (;;) {
    at = skip(BLANK, source, at);
    if (at >= source.length) break;
    if (source.startsWith('/*', at))
      throw new ScriptError(places.of(at), 'a comment that does not end', 'it ends with */');
    if (source.startsWith('%{', at)) {
      const end = source.indexOf('}%', at);
      if (end < 0)
        throw new ScriptError(places.of(at), 'code that does not end', 'it ends with }%');
      push('code', source.slice(at + 2, end), end + 2);
      continue;
    }
    const quote = QUOTES[source[at]!];
    if (quote !== undefined) {
      const [kind, sign, right] = quote;
      const end = closing(source, at, sign);
      if (end < 0) throw new ScriptError(places.of(at), `a ${sign} that is not closed`, right);
      push(kind, source.slice(at + 1, end), end + 1);
      continue;
    }
    const option = skip(OPTION, source, at);
    if (option > at) {
      push('option', source.slice(at + 2, option), option);
      continue;
    }
    let best: TokenKind = 'sign';
    let end = at;
    for (const [kind, rule] of RULES) {
      const stop = skip(rule, source, at);
      if (stop > end) [best, end] = [kind, stop];
    }
    push(best, source.slice(at, end), end);
  }
  tokens.push({ kind: 'end', text: '', at: places.of(source.length) });
  return tokens;
}

/** Where `rule`, tried at `at`, stops; `at` itself if it does not fit. */
function skip(rule: RegExp, source: string, at: number): number {
  rule.lastIndex = at;
  return rule.test(source) ? rule.lastIndex : at;
}

/** Where the quote that opens at `at` closes, or -1. A backslash takes the next sign along. */
function closing(source: string, at: number, quote: string): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === quote) return i;
  }
  return -1;
}

/** Lines and columns of offsets, which come in order. */
class Places {
  private readonly source: string;
  private line = 1;
  private start = 0;
  private next: number;

  constructor(source: string) {
    this.source = source;
    this.next = source.indexOf('\n');
  }

  of(offset: number): Place {
    while (this.next >= 0 && this.next < offset) {
      this.line++;
      this.start = this.next + 1;
      this.next = this.source.indexOf('\n', this.start);
    }
    return { line: this.line, column: offset - this.start + 1 };
  }
}
