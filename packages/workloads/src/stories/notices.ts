// Stories of the news itself: where it may arrive, who is still there to get it, and whether it is true.
import { Context, PROCESS_ONLY } from '@lastref/kernel';
import { wholePages } from './set.ts';
import { story, type Story } from './story.ts';

/** A callback that takes a lock which softirqs take too. */
const INTERRUPTS_ON = PROCESS_ONLY | (1 << Context.SOFTIRQ);

export const NOTICES: readonly Story[] = [
  story(
    'a producer whose callback writes to user memory, and so may sleep',
    {
      id: 'may-sleep',
      why: 'A ring entry in user memory is marked used when the stack is done, and the page fault that this may take needs process context. The last reference goes where it goes: a callback has to put the work off.',
      contexts: PROCESS_ONLY,
    },
    ({ writer }) => writer.lends(),
  ),
  story(
    'a driver frees packets under a lock, with interrupts off',
    {
      id: 'irqs-off',
      why: "Freeing a packet may run anybody's callback. Under a lock that was taken with interrupts off, a callback that takes another one hangs the host (CVE-2022-42328).",
      contexts: INTERRUPTS_ON,
    },
    ({ writer, nic }) => {
      nic.stalls();
      writer.lends();
      writer.resets();
      nic.isReset();
      nic.resumes();
    },
  ),
  story(
    'the producer is killed while the ring has its pages',
    {
      id: 'owner-gone',
      why: 'The completion comes when the ring is done. Whoever is called then must still be there: something has to keep the owner until its last page is back.',
    },
    ({ writer, process, nic }) => {
      nic.stalls();
      writer.lends();
      process.isKilled();
      nic.resumes();
    },
  ),
  story(
    'one send goes out from its pages, the next is copied, and one notification covers both',
    {
      id: 'joined-notice',
      why: 'Notifications whose ids follow each other are joined, and the kernel compares nothing but the ids: the word on copies of the first stands for all. The producer pins pages again for sends that are copied.',
      operations: [wholePages(1, 0), wholePages(1, 1)],
    },
    ({ writer, process, route }) => {
      process.sleeps();
      writer.lends(0);
      route.losesSg();
      writer.lends(1);
      process.wakes();
    },
  ),
];
