// Each override of a design is a decision, and carries its source: a place in brackets, a quotation, a word of the
// kernel, or that it is in the card.
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

const strategies = new URL('../../strategies/', import.meta.url);

/** [patch, @@ -743], "the author's words", skb_orphan_frags, skb->cb, PG_writeback. */
const SOURCE = /\[[^\]]+\]|"[^"]+"|\b[a-z]\w*_\w+|\w->\w|\bPG_|in the card/;

/** Overrides of `text` without a source, by name. */
function uncited(text: string): string[] {
  const out: string[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const name = /^ {2}(?:protected |private )?override (\w+)\(/.exec(lines[i]!)?.[1];
    if (name === undefined) continue;
    let from = i;
    while (/^ {2}(?:\/\*\*| \*|\/\/)/.test(lines[from - 1]!)) from--;
    while (!lines[i]!.startsWith('  }')) i++;
    const comments = lines
      .slice(from, i + 1)
      .map((l) => /(?:\/\/|\/\*\*|^ {3}\*)(.*)/.exec(l)?.[1]);
    if (!comments.some((c) => c !== undefined && SOURCE.test(c))) out.push(name);
  }
  return out;
}

const files = ['', 'canaries/'].flatMap((dir) =>
  readdirSync(new URL(dir, strategies))
    .filter((f) => f.endsWith('.ts') && f !== 'index.ts')
    .map((f) => dir + f),
);

test.each(files)('every override of %s carries its source', (file) => {
  const text = readFileSync(new URL(file, strategies), 'utf8');
  expect(uncited(text)).toEqual([]);
});

test('there are as many of them as a reader would think', () => {
  const found = files.map(
    (f) =>
      readFileSync(new URL(f, strategies), 'utf8').match(/^ {2}.*\boverride \w+\(/gm)?.length ?? 0,
  );
  expect(found.reduce((a, b) => a + b)).toBeGreaterThan(120);
});

test('one without is found, whatever else is said there', () => {
  const method = (comment: string): string =>
    `class A {\n  override released(loan: Loan): void {\n    this.k.drop(loan);${comment}\n  }\n}\n`;
  expect(uncited(method(''))).toEqual(['released']);
  expect(uncited(method(" // the sender's own part"))).toEqual(['released']);
  expect(uncited(method(" // the sender's own part [in the card]"))).toEqual([]);
  expect(uncited(method(' // sock_zerocopy_put'))).toEqual([]);
});
