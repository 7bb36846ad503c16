// A reason is given for one line of one function as it stands: when that is edited, it has to be given again.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SUBJECTS, keyOf } from '../src/mutants/mutants.ts';
import { mutantsOf } from '../src/mutants/mutate.ts';
import { REASONS } from '../src/mutants/reasons.ts';

const ROOT = new URL('../../../', import.meta.url);

const digests = new Map<string, string>();
for (const [file, played] of Object.entries(SUBJECTS))
  for (const mutant of mutantsOf(
    file,
    readFileSync(new URL(file, ROOT), 'utf8'),
    new Set(played.split(' ')),
  ))
    digests.set(keyOf(mutant), mutant.digest);

test.each(Object.entries(REASONS))('%s', (key, { of, text }) => {
  expect(digests.get(key)).toBe(of);
  expect(text).not.toBe('');
});
