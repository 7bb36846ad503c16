// C source as the grammar can take it: comments and texts blanked, one branch of each #if, macros that are loops or
// heads of functions in a form that C has. Lines keep their numbers.
// Non-goal: a preprocessor. Functions that a macro of the same file makes are not seen.

/** The text of one function: where it stands, its head and its body. */
export interface Chunk {
  readonly name: string;
  /** Between the brackets of its head. */
  readonly params: string;
  /** From the opening brace to the closing one. */
  readonly body: string;
  /** Lines of the file, from 1: that of the name, of the opening brace and of the closing one. */
  readonly line: number;
  readonly bodyLine: number;
  readonly endLine: number;
}

/** `text` with spaces where comments, texts and characters were; line ends stay. */
export function withoutComments(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])+'/g,
    (found) => {
      if (found.startsWith('"')) return `""${found.slice(2).replace(/[^\n]/g, ' ')}`;
      if (found.startsWith("'")) return `0${found.slice(1).replace(/[^\n]/g, ' ')}`;
      return found.replace(/[^\n]/g, ' ');
    },
  );
}

/** Whose condition says that what follows stands in for what is configured out: its #else is taken. */
const STUBS_FIRST =
  /^\s*#\s*(?:if\s+0\b|ifndef\s+CONFIG_|if\s+!\s*(?:defined|IS_\w+)\s*\(\s*CONFIG_)/;

/** `text` without directives, and with one branch of each condition. */
export function oneBranch(text: string): string {
  const lines = text.split('\n');
  const open: { taken: boolean; stubs: boolean }[] = [];
  let goesOn = false;
  return lines
    .map((line) => {
      const directive: string | undefined = goesOn ? '' : /^\s*#\s*(\w+)/.exec(line)?.[1];
      goesOn = directive !== undefined && line.endsWith('\\');
      if (directive === undefined) return open.every((o) => o.taken) ? line : '';
      if (directive.startsWith('if')) {
        const stubs = STUBS_FIRST.test(line);
        open.push({ taken: !stubs, stubs });
      } else if (directive === 'else' || directive === 'elif') {
        const last = open.at(-1);
        if (last !== undefined) last.taken = last.stubs;
      } else if (directive === 'endif') open.pop();
      return '';
    })
    .join('\n');
}

/** A macro that opens a loop: its call is followed by what it repeats. */
const LOOP = /\b(\w*(?:for_each|foreach|queue_walk|walk_frags|list_walk)\w*)\s*\(/g;

/** `skb_walk_frags(skb, iter) …` as `while (skb_walk_frags(skb, iter)) …`. */
export function loopsSpelled(body: string): string {
  let out = '';
  let from = 0;
  for (const match of body.matchAll(LOOP)) {
    if (match.index < from) continue;
    const close = closing(body, match.index + match[0].length - 1);
    if (close === -1 || /^\s*[;,)=&|?:.>-]/.test(body.slice(close + 1, close + 40))) continue;
    if (!/(?:^|[;{})]|\belse)\s*$/.test(body.slice(Math.max(0, match.index - 60), match.index)))
      continue;
    out += `${body.slice(from, match.index)}while (${body.slice(match.index, close + 1)})`;
    from = close + 1;
  }
  return out + body.slice(from);
}

/** Index of the bracket that closes the one at `open`, or -1. */
export function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 40 || c === 91 || c === 123) depth++;
    else if (c === 41 || c === 93 || c === 125) {
      depth--;
      if (depth === 0) return i;
    }
  }
  return -1;
}

/** The functions of a file. */
export function chunksOf(text: string): Chunk[] {
  const clean = oneBranch(withoutComments(text));
  const chunks: Chunk[] = [];
  let start = 0; // behind the last thing at the top of the file
  let line = 1;
  let counted = 0;
  const lineAt = (index: number): number => {
    for (; counted < index; counted++) if (clean.charCodeAt(counted) === 10) line++;
    return line;
  };
  for (let i = 0; i < clean.length; i++) {
    const c = clean.charCodeAt(i);
    if (c === 59) start = i + 1;
    if (c !== 123) continue;
    const close = endOfBlock(clean, i);
    const head = clean.slice(start, i);
    const named = nameOf(head);
    if (named !== null) {
      chunks.push({
        name: named.name,
        params: named.params,
        body: clean.slice(i, close + 1),
        line: lineAt(start + named.index),
        bodyLine: lineAt(i),
        endLine: lineAt(close),
      });
      start = close + 1;
    }
    i = close;
  }
  return chunks;
}

/** The end of a block at the top of a file: where its braces say so, and in case of doubt the brace in column 0. */
function endOfBlock(text: string, open: number): number {
  const byColumn = text.indexOf('\n}', open);
  const byCount = closing(text, open);
  if (byColumn === -1) return byCount === -1 ? text.length - 1 : byCount;
  if (byCount === -1 || byCount > byColumn + 1) return byColumn + 1;
  return byCount;
}

/** Words that look like the call of a function in a head and are attributes. */
const ATTRIBUTE =
  /^(?:__attribute__|__\w+|noinline\w*|INDIRECT_CALLABLE_SCOPE|\w+_SCOPE|DECLARE_\w+|asmlinkage|EXPORT_\w+|MODULE_\w+|module_\w+|late_initcall|BTF_\w+|ALLOW_ERROR_INJECTION|DEFINE_(?!.*CALL)\w+|LIST_HEAD)$/;
/** Macros whose first argument is the name. */
const NAMING = /^(?:BPF_CALL_\d|SYSCALL_DEFINE\d|COMPAT_SYSCALL_DEFINE\d)$/;

/** The function whose body follows `head`, or null: it is a struct, an initialiser … */
function nameOf(head: string): { name: string; params: string; index: number } | null {
  if (!head.trimEnd().endsWith(')') && !/\)\s*(?:__\w+\s*)+$/.test(head)) return null;
  for (const match of head.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)) {
    const word = match[1]!;
    const open = match.index + match[0].length - 1;
    const close = closing(head, open);
    if (close === -1) return null;
    const inside = head.slice(open + 1, close);
    if (NAMING.test(word)) {
      const [name = '', ...rest] = inside.split(',');
      const pairs = rest.flatMap((type, i) =>
        i % 2 === 0 ? [`${type} ${rest[i + 1] ?? ''}`] : [],
      );
      return { name: name.trim(), params: pairs.join(','), index: match.index };
    }
    if (ATTRIBUTE.test(word) && /[A-Za-z_]\w*\s*\(/.test(head.slice(close + 1))) continue;
    if (head.slice(0, match.index).includes('=')) return null;
    return { name: word, params: inside, index: match.index };
  }
  return null;
}
