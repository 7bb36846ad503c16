import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'page-count-look',
  title: 'two processors look at a page count, and neither is the last',
  year: 2008,
  where: 'a proposal for Linux: a destructor in the shared info that looks at page counts',
  source: 'Evgeniy Polyakov, as quoted by Rusty Russell, LKML 21 Dec 2008; no code is known',
  kind: 'told too late or never',
  property: 'lost',
  on: [{ workload: 'bulk-loss' }],
  bound: { drops: 0, preemptions: 1 },
  wrong: { design: wrong, era: '2.6.28' },
  fixed: { design: fixed, era: '2.6.28' },
  mechanism:
    'Two packets have a reference each on one page: a packet that was sent again has a shared info of its own. One processor frees the acknowledged original while the other one frees what the device has sent. Both see two references, so both are sure that another one is left, and then each puts its own.',
  fix: 'The put comes first, and what it leaves decides: of two that put, one comes second.',
  lesson:
    'In one processor after the other it is right in every order, which is why no run, no test on one processor and no search of whole steps finds it.',
  words: ['race', 'smp', 'two processors', 'page_count', 'put_page', 'hang', 'leak'],
};
