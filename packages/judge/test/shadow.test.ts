// Where lent bytes are found again: by stream position, from a place that the last look left behind.
import { Prng } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { FlowShadow, Lent } from '../src/truth/shadow.ts';

function lent(at: number, size: number): Lent {
  return Object.assign(new Lent(), { at, size });
}

test('whatever was sought before, retired or forgotten, a look finds the first range that ends behind it', () => {
  const prng = new Prng(3);
  const shadow = new FlowShadow(0);
  let end = 0;
  let compacted = 0;
  for (let n = 0; n < 20_000; n++) {
    end += prng.below(3) === 0 ? prng.below(50) : 0; // bytes that nobody lent
    const size = 1 + prng.below(100);
    shadow.entries.push(lent(end, size));
    end += size;
    const { entries } = shadow;
    // mostly the place moves on with the readers, and is there when what lies before it is forgotten
    if (n % 3 === 0) shadow.head = Math.max(shadow.head, entries.length - 40);
    if (n % 5 === 0) shadow.find(end - prng.below(500));
    const many = shadow.head >= 4096;
    const left = entries.slice(many ? shadow.head : 0);
    shadow.compact();
    expect(entries).toHaveLength(left.length);
    expect(entries[0]).toBe(left[0]);
    if (many) compacted++;
    const at = end - prng.below(2_500);
    const right = entries.findIndex((e, i) => i >= shadow.head && e.at + e.size > at);
    expect(shadow.find(at), `range ${n}`).toBe(right < 0 ? entries.length : right);
  }
  expect(compacted).toBeGreaterThan(3);
});
