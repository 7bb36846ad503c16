// The parser's view of the words: the next one, and complaints about it.
import { ScriptError } from './errors.ts';
import { lex, type Token, type TokenKind } from './lexer.ts';

/** Deeper than any script nests its values. */
const NESTING_MAX = 64;

export class Reader {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(source: string) {
    this.tokens = lex(source);
  }

  get next(): Token {
    return this.tokens[this.at]!;
  }

  /** The word behind the next one. */
  get second(): Token {
    return this.tokens[Math.min(this.at + 1, this.tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Is the next word this sign or name? */
  is(text: string): boolean {
    const { kind } = this.next;
    return this.next.text === text && (kind === 'sign' || kind === 'word');
  }

  isKind(kind: TokenKind): boolean {
    return this.next.kind === kind;
  }

  /** Takes it if it is there. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string, right: string): void {
    if (!this.accept(text)) throw this.wrong(right);
  }

  /** A whole number of the script. */
  number(right: string): number {
    const { kind, text } = this.next;
    if (kind !== 'integer' && kind !== 'hex') throw this.wrong(right);
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw this.wrong('a whole number of at most 2^53');
    this.at++;
    return value;
  }

  /** Seconds in ticks (µs). */
  seconds(right: string): number {
    const { kind, text } = this.next;
    const ticks = Math.round(Number(text) * 1e6);
    if ((kind !== 'integer' && kind !== 'float') || !(ticks >= 0 && ticks <= 1e12))
      throw this.wrong(right);
    this.at++;
    return ticks;
  }

  word(right: string): string {
    if (!this.isKind('word')) throw this.wrong(right);
    return this.take().text;
  }

  /** One level deeper in values, for as long as `inside` reads. */
  nested<T>(inside: () => T): T {
    if (this.depth >= NESTING_MAX) throw this.wrong(`values nest at most ${NESTING_MAX} deep`);
    this.depth++;
    const value = inside();
    this.depth--;
    return value;
  }

  /** The next word is not what can stand here. */
  wrong(right: string): ScriptError {
    const { kind, text, at } = this.next;
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const what = kind === 'end' ? 'the script ends' : `«${shown.replaceAll('\n', ' ')}» stands`;
    return new ScriptError(at, `${what} where something else is wanted`, right);
  }
}
