// One-line mutants of modelled functions, drawn from their source by rules, not by hand.
import { createHash } from 'node:crypto';
import { Prng } from '@lastref/workloads';

export interface Mutant {
  /** Below the root of the repository. */
  readonly file: string;
  /** Which line, from 1, in which function. */
  readonly line: number;
  readonly within: string;
  readonly before: string;
  /** Empty: the statement is dropped. */
  readonly after: string;
  /** Of the text of the function. */
  readonly digest: string;
}

/** A pattern and what takes its place, at every place where it occurs. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ \+= /g, ' -= '],
  [/ -= /g, ' += '],
  [/\+\+/g, '--'],
  [/--/g, '++'],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/Math\.min\b/g, 'Math.max'],
  [/Math\.max\b/g, 'Math.min'],
  [/(?<=[ (])0(?=[;,) ])/g, '1'],
  [/(?<=[ (])1(?=[;,) ])/g, '2'],
  [/if \((?!!)/g, 'if (!'],
];
/**
 * What the normal form does not hold (truesize, GSO counts, headers and positions of a stream, slots of designs that no
 * script plays, accounts of cost), assertions, what is done without memory, types and signatures, what stands on
 * several lines.
 */
const LEFT_OUT =
  /truesize|gsoSegs|\.headers|\.seq\b|endSeq|\.flow\b|copySkbHeader|pair!\.slot|(entry|to)\.loan = fr|k\.cost\[|\btouch\(k|\.cpu = k\.cpu|KernelBug|releases\+\+|gen\+\+|halves|mayFail|^\s*(readonly )?\w+: [\w<>[\] |]+;|^\s*(\/\/|\/?\*|import|export|function|const enum|type|interface|@|`)|^\s*[}\])]/;
/** A whole statement on one line that is no declaration and no jump. */
const STATEMENT =
  /^\s+(?!const |let |return|throw|continue|break|if |for |while |case |default)[\w.[\]!()]+.*;( \/\/.*)?$/;

/** Every mutant of the functions of `source` that are in `played`, in the order of the text. */
export function mutantsOf(file: string, source: string, played: ReadonlySet<string>): Mutant[] {
  const out: Omit<Mutant, 'digest'>[] = [];
  const bodies = new Map<string, string>();
  let within = '';
  let without = false; // in a block for the case that there is no memory: scripts always have some
  source.split('\n').forEach((text, i) => {
    within =
      functionOf(text) ?? (/^(export )?(class|const|declareState)\b/.test(text) ? '' : within);
    if (/^\s*} catch\b/.test(text)) without = true;
    else if (/^\s*}$/.test(text)) without = false;
    bodies.set(within, `${bodies.get(within) ?? ''}${text.trim()}\n`);
    if (without || !played.has(within) || LEFT_OUT.test(text) || methodOf(text) !== null) return;
    const comment = text.indexOf(' //');
    const code = comment < 0 ? text : text.slice(0, comment);
    const add = (after: string) =>
      out.push({ file, line: i + 1, within, before: code.trim(), after: after.trim() });
    for (const [pattern, into] of RULES)
      for (const match of code.matchAll(pattern)) {
        const at = match.index;
        add(
          negated(match[0], code, at) ??
            code.slice(0, at) + into + code.slice(at + match[0].length),
        );
      }
    if (STATEMENT.test(code)) add('');
  });
  return out.map((m) => ({ ...m, digest: digestOf(bodies.get(m.within)!) }));
}

function functionOf(text: string): string | null {
  return /^(?:export )?(?:async )?function (\w+)/.exec(text)?.[1] ?? methodOf(text);
}

/** What is said about it counts, what is written beside it does not. */
function digestOf(body: string): string {
  const code = body.replace(/^\s*(\/\/|\/?\*).*\n/gm, '').replace(/ \/\/.*/g, '');
  return createHash('sha256').update(code).digest('hex').slice(0, 8);
}

/** `if (…) …` with the whole condition turned round; null where `what` is another rule's, or it goes on elsewhere. */
function negated(what: string, code: string, at: number): string | null {
  if (!what.startsWith('if (')) return null;
  let depth = 0;
  for (let i = at + 3; i < code.length; i++) {
    if (code[i] === '(') depth++;
    if (code[i] === ')' && --depth === 0)
      return `${code.slice(0, at)}if (!(${code.slice(at + 4, i)}))${code.slice(i + 1)}`;
  }
  return code; // the condition goes on on the next line: no mutant
}

function methodOf(text: string): string | null {
  return /^ {2}(?:private |protected |override )*(\w+)\([^;]*\{$/.exec(text)?.[1] ?? null;
}

/** `count` of them, drawn by `seed`, each once. */
export function drawMutants(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const pool = all.filter((m) => m.before !== m.after);
  const random = new Prng(seed);
  const drawn: Mutant[] = [];
  while (drawn.length < count && pool.length > 0)
    drawn.push(...pool.splice(random.below(pool.length), 1));
  return drawn.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

export function mutated(source: string, { line, before, after }: Mutant): string {
  const lines = source.split('\n');
  lines[line - 1] = lines[line - 1]!.replace(before, () => after);
  return lines.join('\n');
}
