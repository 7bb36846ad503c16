// What docs/reading.md says of an era the machine does: somebody asks for each change of the list.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHANGES } from '../src/index.ts';

const PACKAGES = fileURLToPath(new URL('../../', import.meta.url));

test('no change of a kernel is only told of', () => {
  const asked = readdirSync(PACKAGES).flatMap((name) => {
    const src = join(PACKAGES, name, 'src');
    return readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'changes.ts')
      .map((file) => readFileSync(join(src, file), 'utf8'));
  });
  const words = new Set(asked.join('\n').match(/\bCHANGES\.\w+/g));
  expect(Object.keys(CHANGES).filter((key) => !words.has(`CHANGES.${key}`))).toEqual([]);
});
