// Numbers as a reader says them. No imports: the page in a browser uses it too.

/** '1 design', '2 designs'. */
export function many(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Ticks of 1 µs for a reader: '340 µs', '1.7 s'. */
export function duration(ticks: number): string {
  if (ticks === 0) return '0';
  if (ticks < 1_000) return `${ticks} µs`;
  if (ticks < 1_000_000) return `${(ticks / 1_000).toFixed(ticks < 10_000 ? 1 : 0)} ms`;
  return `${(ticks / 1_000_000).toFixed(1)} s`;
}

// What a terminal would act on or a reader would not see: control characters, and those that turn the direction of text.
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text from outside on one line, with what is no text made visible: `\x1b` in place of an escape. */
export function printable(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ').replace(UNSEEN, (c) => {
    const code = c.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** For all in `docs` whose verdicts are worth less, as their code ran where these were made: a line, or none. */
export function trustedText(...docs: readonly (object | null)[]): string[] {
  const ids = docs.flatMap((doc) =>
    doc !== null && 'trusted' in doc && Array.isArray(doc.trusted) ? (doc.trusted as string[]) : [],
  );
  if (ids.length === 0) return [];
  return [
    `Ran beside the judge (--trust), so that a verdict is worth what the candidate is: ${[...new Set(ids)].join(', ')}.`,
  ];
}

/** For those who were sent a report: what its commands belong to. */
export const WHERE_FROM =
  'Commands begin with ./lastref in a clone of the repository of lastref; Node 20.19 or later is all that they need.';

/** Lines of ours with words from outside in them: `printable`, but for the line ends. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Stands where a candidate broke a rule of the seam, and no verdict is; and among letters. */
export const STOPPED = 'stopped';
export const STOPPED_LETTER = '!';
export const STOPPED_LEGEND = 'a rule of the seam was broken: no verdict';

/** Of a cell in brackets. */
export const OUTSIDE = 'outside of what the design was made for';

/** 'a leak, by a remote peer': what comes of a finding, and who is needed for it. */
export function threatText({ damage, who }: { damage: string; who: string | null }): string {
  const what = damage === 'use after free' ? damage : `a ${damage}`;
  if (who === null) return what;
  return `${what}, by ${who === 'root' ? who : `a ${who}`}`;
}

/** Lines of `width` columns, broken at blanks; those after the first stand in. */
export function wrapped(text: string, width: number, indent = '  '): string[] {
  const lines: string[] = [];
  const [first = '', ...rest] = text.split(' ');
  let line = first;
  for (const word of rest) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = `${line} ${word}`;
  }
  return [...lines, line];
}

/** What a report is, for who was sent it and nothing else. */
export const ABOUT =
  'Zero-copy transmission hands a page to the network stack by reference; somebody has to say when the stack is done with it. Here every answer that was proposed for Linux runs on one model of its sk_buff layer, with real bytes, under the same work. Each word is the gravest thing that was found, each finding replays by its token, and nothing found is no proof.';

/** The command that plays a token again, as it is typed where a reader is. */
export type Replay = (token: string) => string;
