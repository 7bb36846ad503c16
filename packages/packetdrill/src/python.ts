// The assertions between %{ and }%. They are Python; here the few forms that the scripts use are read as data: names,
// numbers, comparisons, arithmetic, `assert`, assignments, `print`. Nothing is executed, and what has another form is
// not known.
import { Differs, NotKnown } from './errors.ts';

type Value = number;

/** What a name stands for; undefined: nothing. */
export type Lookup = (name: string) => Value | undefined;

/** What earlier code of the same script has set. */
export type Names = Map<string, Value>;

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)|([A-Za-z_]\w*)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(\*\*|\/\/|<<|>>|<=|>=|==|!=|\+=|-=|[-+*/%&|^<>=(),~.[\]{}:]))/y;

interface Word {
  readonly kind: 'number' | 'name' | 'text' | 'sign';
  readonly text: string;
}

/** Throws Differs if an assertion does not hold, NotKnown for a form that is not read here. */
export function runCode(code: string, lookup: Lookup, names: Names): void {
  for (const statement of statements(code)) new Statement(statement, lookup, names).run();
}

/** Lines and what stands between semicolons, without comments. */
function statements(code: string): string[] {
  const whole = code.replaceAll(/\\\r?\n/g, ' ');
  const found: string[] = [];
  let now = '';
  let quote = '';
  for (let i = 0; i < whole.length; i++) {
    const c = whole[i]!;
    if (quote !== '') {
      now += c;
      if (c === '\\') now += whole[++i] ?? '';
      else if (c === quote) quote = '';
    } else if (c === "'" || c === '"') {
      quote = c;
      now += c;
    } else if (c === '#') {
      while (i + 1 < whole.length && whole[i + 1] !== '\n') i++;
    } else if (c === '\n' || c === ';') {
      found.push(now);
      now = '';
    } else {
      now += c;
    }
  }
  found.push(now);
  return found.map((s) => s.trim()).filter((s) => s !== '');
}

function words(text: string): Word[] {
  const found: Word[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const m = TOKEN.exec(text);
    if (m === null) {
      if (text.slice(at).trim() === '') break;
      throw new NotKnown(`code «${text}»`);
    }
    const [, number, name, quoted, sign] = m;
    if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else if (quoted !== undefined) found.push({ kind: 'text', text: quoted });
    else found.push({ kind: 'sign', text: sign! });
  }
  return found;
}

const BINARY: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%'],
];
const COMPARE = new Set(['<', '<=', '>', '>=', '==', '!=']);
const DEPTH_MAX = 64;

class Statement {
  private readonly text: string;
  private readonly words: readonly Word[];
  private readonly lookup: Lookup;
  private readonly names: Names;
  private at = 0;
  private depth = 0;

  constructor(text: string, lookup: Lookup, names: Names) {
    this.text = text;
    this.words = words(text);
    this.lookup = lookup;
    this.names = names;
  }

  run(): void {
    const [first, second] = this.words;
    if (first?.text === 'assert') {
      this.at = 1;
      const value = this.either();
      const ends = this.at >= this.words.length || this.words[this.at]!.text === ',';
      if (!ends) throw this.unknown();
      if (value === 0) throw new Differs(this.failure());
      return;
    }
    if (first?.text === 'print' && second?.text === '(') return; // says something, changes nothing
    if (first?.kind === 'name' && (second?.text === '=' || /^[-+]=$/.test(second?.text ?? ''))) {
      this.assign(first.text, second!.text);
      return;
    }
    throw this.unknown();
  }

  private assign(name: string, sign: string): void {
    this.at = 2;
    const value = this.either();
    if (this.at < this.words.length) throw this.unknown();
    const old = sign === '=' ? 0 : this.name(name);
    this.names.set(name, sign === '-=' ? old - value : old + value);
  }

  /** What the assertion says, with the values of its names. */
  private failure(): string {
    const stop = this.words.findIndex((w, i) => w.text === ',' && i >= this.at);
    const used = stop < 0 ? this.words : this.words.slice(0, stop);
    const names = [...new Set(used.filter((w) => w.kind === 'name').map((w) => w.text))];
    const seen = names
      .map((n) => [n, this.names.get(n) ?? this.lookup(n)] as const)
      .filter(([, v]) => v !== undefined)
      .map(([n, v]) => `${n} is ${v}`);
    const said = used
      .slice(1)
      .map((w) => w.text)
      .join(' ');
    return `expected ${said}, but ${seen.join(', ')}`;
  }

  private unknown(): NotKnown {
    return new NotKnown(`code «${this.text}»`);
  }

  private peek(): string | undefined {
    const word = this.words[this.at];
    return word?.kind === 'text' ? undefined : word?.text;
  }

  private accept(text: string): boolean {
    if (this.peek() !== text) return false;
    this.at++;
    return true;
  }

  private either(): Value {
    let value = this.both();
    while (this.accept('or')) {
      const right = this.both();
      value = value !== 0 ? value : right;
    }
    return value;
  }

  private both(): Value {
    let value = this.not();
    while (this.accept('and')) {
      const right = this.not();
      value = value === 0 ? value : right;
    }
    return value;
  }

  private not(): Value {
    if (++this.depth > DEPTH_MAX) throw this.unknown();
    const value = this.accept('not') ? Number(this.not() === 0) : this.comparison();
    this.depth--;
    return value;
  }

  /** a < b <= c: each pair. */
  private comparison(): Value {
    let left = this.binary(0);
    let holds: boolean | null = null;
    while (COMPARE.has(this.peek() ?? '')) {
      const sign = this.words[this.at++]!.text;
      const right = this.binary(0);
      holds = (holds ?? true) && compare(left, sign, right);
      left = right;
    }
    return holds === null ? left : Number(holds);
  }

  private binary(level: number): Value {
    if (level === BINARY.length) return this.unary();
    let value = this.binary(level + 1);
    while (BINARY[level]!.includes(this.peek() ?? '')) {
      const sign = this.words[this.at++]!.text;
      value = this.compute(value, sign, this.binary(level + 1));
    }
    return value;
  }

  private compute(a: Value, sign: string, b: Value): Value {
    const value = this.computed(a, sign, b);
    // Python's numbers have no end, and no bits that stand for a sign
    const bits = ['&', '|', '^', '<<', '>>'].includes(sign);
    if (bits && ![a, b, value].every((n) => Number.isInteger(n) && n >= 0 && n <= 0x7fffffff))
      throw this.unknown();
    if (!Number.isSafeInteger(Math.trunc(value))) throw this.unknown();
    return value;
  }

  private computed(a: Value, sign: string, b: Value): Value {
    switch (sign) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
      case '//':
      case '%':
        if (b === 0) throw new Differs(`«${this.text}» divides by 0`);
        if (sign === '%') return a - b * Math.floor(a / b);
        return sign === '/' ? a / b : Math.floor(a / b);
      case '&':
        return a & b;
      case '|':
        return a | b;
      case '^':
        return a ^ b;
      case '<<':
        return a * 2 ** b;
      default:
        return Math.floor(a / 2 ** b);
    }
  }

  private unary(): Value {
    if (++this.depth > DEPTH_MAX) throw this.unknown();
    let value: Value;
    if (this.accept('-')) value = -this.unary();
    else if (this.accept('~')) value = -this.unary() - 1;
    else value = this.atom();
    this.depth--;
    return value;
  }

  private atom(): Value {
    if (this.accept('(')) {
      const value = this.either();
      if (!this.accept(')')) throw this.unknown();
      return value;
    }
    const word = this.words[this.at++];
    if (word?.kind === 'number') {
      const value = Number(word.text);
      if (!Number.isSafeInteger(Math.trunc(value))) throw this.unknown();
      return value;
    }
    if (word?.kind === 'name') return this.name(word.text);
    throw this.unknown();
  }

  private name(name: string): Value {
    if (name === 'True') return 1;
    if (name === 'False' || name === 'None') return 0;
    const value = this.names.get(name) ?? this.lookup(name);
    if (value === undefined) throw new NotKnown(`the name ${name} in code «${this.text}»`);
    return value;
  }
}

function compare(a: Value, sign: string, b: Value): boolean {
  switch (sign) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    default:
      return a !== b;
  }
}
