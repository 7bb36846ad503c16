// What a field of a design is called changes nothing that a search finds: here a sample, all of them in
// renamed.long.test.ts.
import { Prng } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { NAMES, SEARCHES, allFields, allParts, designIn, outcomeOf, renamed } from './renamed.ts';

/** Fields that are renamed, each in one design. */
const SAMPLE = 3;

test('a design is the same to a search whatever a field of it is called', async () => {
  const fields = allFields();
  const parts = await allParts();
  const prng = new Prng(10);
  const pick = <T>(list: readonly T[]): T => list[prng.below(list.length)]!;
  for (let n = 0; n < SAMPLE; n++) {
    const field = fields.splice(prng.below(fields.length), 1)[0]!;
    const { id, file } = pick(parts.filter(({ files }) => files.includes(field.file)));
    const to = pick(NAMES);
    const before = await designIn(file, new Map());
    const after = await designIn(file, renamed(field, to));
    for (const [workload, limits] of SEARCHES) {
      const told = `${id} on ${workload}: ${field.owner}.${field.name} called ${to}`;
      expect(outcomeOf(after, workload, limits), told).toEqual(outcomeOf(before, workload, limits));
    }
  }
});

test('every design that remembers something has a field to rename, and each name is new to it', async () => {
  const fields = allFields();
  const owners = new Set(fields.map(({ owner }) => owner));
  expect([...owners]).toEqual(
    expect.arrayContaining(['SockWfree', 'Piece', 'PageShinfo', 'LoanPages', 'StreamRanges']),
  );
  for (const { name } of fields) expect(NAMES).not.toContain(name);
  const field = fields.find(({ name }) => name === 'endSeq')!;
  const text = [...renamed(field, 'due').values()].join('');
  expect(text).toContain('.push({ loan, due: endSeq })'); // shorthand, in another class
  expect(text).toContain('ranges[i]!.due - seq');
});
