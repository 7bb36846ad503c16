// Stories of pages that do not come from the free list, and of a writer that is not their owner.
import { PageHome } from '@lastref/kernel';
import { story, type Story } from './story.ts';

export const HOMES: readonly Story[] = [
  story(
    "a guest's page is unmapped when its backend is told, and the stack puts the last reference",
    {
      id: 'foreign-page',
      why: 'There is no memory of its own under the frame number of a mapped grant: a page that reaches the free list after it was unmapped faults under its next owner. Without an event at the last reference, the backend cannot know.',
      home: PageHome.FOREIGN,
    },
    ({ writer, nic, acks, tcp }) => {
      acks.areHeldBack();
      writer.lends();
      nic.stalls();
      tcp.retransmits();
      acks.arrive();
      nic.resumes();
    },
  ),
  story(
    'memory of a slab is sent by reference: the stack counts, its owner does not',
    {
      id: 'slab-page',
      why: 'get_page and put_page on a page whose count is 0 free it under the feet of whoever has it from kmalloc. Every design that counts on the page itself does so, however right its moment is (nvme-tcp, 7d4194abfc4d).',
      home: PageHome.SLAB,
    },
    ({ writer }) => writer.lends(),
  ),
  story(
    'the same memory, and a sender that asks first whether it may be referenced',
    {
      id: 'slab-page-checked',
      why: 'sendpage_ok refuses memory of a slab and pages that nobody counts, and the sender copies.',
      home: PageHome.SLAB,
      careful: true,
    },
    ({ writer }) => writer.lends(),
  ),
  story(
    'a page that a process has mapped, and that was pinned for the send',
    {
      id: 'user-page',
      why: 'The mapping has a reference of its own, so the count does not fall to the one that a callback waits for; and the list pointers of struct page are in use.',
      home: PageHome.USER,
    },
    ({ writer, acks, nic, tcp }) => {
      acks.areHeldBack();
      writer.lends();
      nic.stalls();
      tcp.retransmits();
      acks.arrive();
      nic.resumes();
    },
  ),
  story(
    'a page of a pool is given back while a tap has it',
    {
      id: 'pool-page',
      why: 'A pool takes a page home only if nobody else has a reference; else the page leaves it. Told too early, the driver loses a page, and nobody reads wrong bytes.',
      home: PageHome.POOL,
      tap: true,
    },
    ({ writer, tap }) => {
      tap.sleeps();
      writer.lends();
      tap.reads();
    },
  ),
  story(
    'netfilter duplicates the packets to this host, and ESP decrypts the duplicates where they are',
    {
      id: 'in-place-writer',
      why: 'A duplicate has a header of its own and the frags of the original. ESP takes what nobody shares for its own, so it writes into the pages that are still to be sent again; a marker that the duplicate has lost cannot stop it (CVE-2026-43503), one that it keeps does.',
      tee: true,
      eras: ['3.18', '6.1.192', '6.1.192-markerCarried'],
    },
    ({ writer, wire, esp, tcp }) => {
      esp.waits();
      wire.stalls();
      writer.lends();
      wire.drops(3);
      esp.decrypts();
      tcp.retransmits();
      wire.resumes();
    },
  ),
];
