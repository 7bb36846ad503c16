// A device that reads no frags, by kernel: up to 4.16 one of two sockets copies at once, and the packets of the other one are
// made linear; from 4.17 on TCP lends to both, and large packets are copied where they are cut.
// @kernel net/core/sock.c sk_setup_caps (4.15, 5.10, 7.2); net/core/skbuff.c skb_segment (5.10, 7.2)
import { eraOf, type Design } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as skbDestructor } from '../../../strategies/skb-destructor.ts';
import { design as copyAlways } from '../../../strategies/copy-always.ts';
import { Cell } from '../src/index.ts';

const workload = workloadCalled('no-sg')!;

/** Properties that are broken there. */
function broken(design: Design, era: string): string[] {
  const cell = new Cell({ design, workload, era: eraOf(era)!, seed: 1 });
  const { verdicts } = cell.runByClock().judgement;
  return Object.entries(verdicts).flatMap(([property, word]) =>
    word === 'refuted' && property !== 'late' ? [property] : [],
  );
}

const designs = { copyAlways, msgZerocopy, skbDestructor };

test.each<[keyof typeof designs, string, string[]]>([
  ['copyAlways', '7.2.13', []],
  ['msgZerocopy', '4.14', []],
  // Seen on 5.10, 6.1 and 7.2: no SO_EE_CODE_ZEROCOPY_COPIED.
  ['msgZerocopy', '5.10.223', ['dishonest']],
  ['msgZerocopy', '7.2.13', ['dishonest']],
  ['skbDestructor', '4.14', []],
  ['skbDestructor', '7.2.13', ['corrupt', 'early']],
])('%s in %s', (design, era, words) => {
  expect(broken(designs[design], era)).toEqual(words);
});
