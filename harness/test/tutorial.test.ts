// What a page shows of a command is what anybody gets who types it, at any commit and on any machine.
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lasting } from './tutorial.ts';

const docs = new URL('../../docs/', import.meta.url);

test.each(readdirSync(docs).filter((name) => name.endsWith('.md')))(
  'docs/%s names no commit and no time of what it shows',
  (name) => {
    const shown =
      readFileSync(new URL(name, docs), 'utf8').match(/^```console\n[^]*?^```$/gm) ?? [];
    for (const block of shown) expect(lasting(block)).toBe(block);
  },
);

test('a page that is written anew leaves them out', () => {
  const printed =
    '3 states, 4 steps executed, depth 2, 1.2 s (20 steps/s), 0.1 MB of tables, in the pass for the shortest run; 4.5 s in 1 other pass\n';
  expect(lasting(`${printed}lastref 0.1.0, machine 01234567, commit 0123456789ab\n`)).toBe(
    '3 states, 4 steps executed, depth 2, … s (… steps/s), 0.1 MB of tables…\nlastref 0.1.0, …\n',
  );
});
