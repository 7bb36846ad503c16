// The matrix of a candidate: what it asks of its era is asked in a process of its own, and who judges does not hear it.
import { ERAS, eraOf, type Design, type Loan, type Services } from '@lastref/kernel';
import type { Isolate } from '@lastref/runner';
import { expect, test } from 'vitest';
import { share } from '../../runner/src/candidates/shared.ts';
import { Books, designOf, playing, said, tapeOf } from '../../runner/test/taped.ts';
import { LONG } from '../../../scripts/tier.ts';
import { matrixOperations, runMatrixCell } from '../src/index.ts';
import { question } from '../src/question.ts';

const HASTY = '6.1.192';

/** Right, but in one kernel: there it tells when the call returns. */
class Hasty extends Books {
  override released(loan: Loan): void {
    if (this.k.era.id === HASTY) this.k.complete(loan);
    else super.released(loan);
  }
}
share({ Hasty });
const design = designOf((k: Services) => new Hasty(k));

test('a candidate that asks which kernel it is in is run in each, and has the word of each', async () => {
  const source = { file: 'mine.ts', code: '', version: '1', name: 'mine' };
  const eras = ERAS.map((era) => era.id);
  const n = matrixOperations().findIndex((o) => o.id === 'control');
  const asked = (as: typeof design) => {
    const isolate = { design: () => Promise.resolve(as) } as unknown as Isolate;
    return question.answer({ source, eras, head: false, faults: false }, n, isolate);
  };
  let recorded = asked(design);
  const words = said(design, (as) => {
    recorded = asked(as);
  });
  await recorded;
  const { cells } = await asked(playing(design, tapeOf(words)));
  expect(cells.map((cell) => cell!.property)).toEqual(
    eras.map((id) => (id === HASTY ? 'corrupt' : null)),
  );
});

/** What a design may be asked. */
const ASKED = ['canAppend', 'mayMove', 'mayMerge', 'mayWrite', 'mayWriteFrags'] as const;

/** One that answers no whenever it is asked that. */
function saysNo(question: (typeof ASKED)[number]): Design {
  class No extends Books {}
  Object.defineProperty(No.prototype, question, { value: () => false });
  return designOf((k: Services) => new No(k));
}

/** What cuts a packet of two pages in its second one. */
const CUT = ['__pskb_trim_head', 'pskb_carve_inside_nonlinear', 'skb_split, esp_input'];

test.each(ASKED)('no operation stops at a design that answers no to %s', (question) => {
  const no = saysNo(question);
  const all = matrixOperations();
  const tried = LONG ? all : all.filter((o) => CUT.includes(o.id));
  for (const era of LONG ? ['2.6.24', '3.8', '4.14', '7.2.13'] : ['2.6.24', '7.2.13'])
    for (const operation of tried)
      expect(
        () => runMatrixCell(no, operation, eraOf(era)!),
        `${operation.id} in ${era}`,
      ).not.toThrow();
});
