import { ANY_CONTEXT, Context } from '@lastref/kernel';
import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import type { Bug } from '../bug.ts';
import { flow } from '../flow.ts';

export const bug: Bug = {
  id: 'netback-irq',
  title: 'packets are freed under a lock that was taken with interrupts off',
  year: 2022,
  where: 'Linux, drivers/net/xen-netback/rx.c xenvif_rx_queue_tail',
  source: 'commit 74e7e1efdad4, CVE-2022-42328, CVE-2022-42329',
  kind: 'told in a wrong context',
  property: 'context',
  on: [
    {
      program: flow({
        id: 'netback-irq',
        title:
          'a sender whose callback takes a lock that softirqs take, and a ring that is emptied',
        operations: 1,
        pagesPerOperation: 1,
        sndbuf: 65_536,
        contexts: ANY_CONTEXT & ~((1 << Context.IRQS_OFF) | (1 << Context.HARDIRQ)),
      }),
    },
  ],
  bound: { failures: 1 },
  wrong: { design: ian, era: '5.10.223-ringFreesUnlocked' },
  fixed: { design: ian, era: '5.10.223' },
  mechanism:
    'Freeing a packet may run a callback of whoever lent its pages. netback freed packets while it held the lock of its queue with interrupts off; a callback that takes a lock which is taken with interrupts on hangs the host, at the will of a guest.',
  fix: 'What is dropped is freed behind the lock.',
  lesson: 'kfree_skb is a call into code that one does not know.',
  words: ['xen', 'netback', 'deadlock', 'guest', 'irq', 'host hangs', 'xsa-424'],
};
