// -ENOMEM is the machine's to say: a hook passes on what a service threw. A design that makes it up refuses what it likes, so
// that nothing is ever sent, and of what is never sent nothing can be found.
import { GetPutPage, NoMemory, eraOf, type Design, type Page, type SkBuff } from '@lastref/kernel';
import { DEFAULT_BOUND, explore, type Exploration } from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { Broken } from '../src/candidates/rules.ts';
import { share } from '../src/candidates/shared.ts';
import { byClock, designOf, playing, said, tapeOf } from './taped.ts';

/** Copies what is lent, which takes a page. */
class Copies extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number): void {
    this.k.fillPageDesc(skb, this.k.copyPage(page, pageOffset, size), pageOffset, size);
  }
}
/** Says that there is no memory where it was asked for none. */
class Pretends extends GetPutPage {
  override clone(): never {
    throw new NoMemory('made up');
  }
}
share({ Copies, Pretends });

/** Where one allocation may fail, whosever it is. */
function failing(design: Design): Exploration {
  const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0, failures: 1 };
  const workload = miniature(workloadCalled('sendfile-locked')!, 1);
  return explore({ design, workload, era: eraOf('3.8')!, seed: 1 }, { bound });
}

test('who passes on what a service said is judged as always', () => {
  const copies = designOf((services) => new Copies(services));
  const found: Exploration[] = [];
  const words = said(copies, (design) => found.push(failing(design)), true);
  const again = failing(playing(copies, tapeOf(words), true));
  const { result, states } = found[0]!;
  expect(again).toMatchObject({ result, states });
  expect(states).toBeGreaterThan(1);
});

test('who makes it up breaks a rule, in that hook', () => {
  const pretends = designOf((services) => new Pretends(services));
  const words = said(pretends, (design) => byClock(design, 'sendfile-locked'));
  let broken: unknown = null;
  try {
    byClock(playing(pretends, tapeOf(words)), 'sendfile-locked');
  } catch (error) {
    broken = error;
  }
  expect(broken).toBeInstanceOf(Broken);
  expect(broken).toMatchObject({ place: 'hook clone', rule: 'throws' });
  expect((broken as Broken).message).toContain('it threw NoMemory, and no service');
});
