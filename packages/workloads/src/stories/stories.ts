// The stories: situations in which the designs part ways, each told for all of them.
import { HOMES } from './homes.ts';
import { HOSTS } from './hosts.ts';
import { NOTICES } from './notices.ts';
import { PIPES } from './pipes.ts';
import { STORAGE } from './storage.ts';
import { wholePages } from './set.ts';
import { story, type Story } from './story.ts';

/** A device that reads frags and computes checksums, but leaves segmentation to the stack. */
const SOFTWARE_GSO = { sg: true, csum: true, tso: false, gso: true };
const NO_SG = { sg: false, csum: false, tso: false, gso: false };

export const STORIES: readonly Story[] = [
  story(
    'an ACK overtakes a retransmission that the driver still holds',
    {
      id: 'late-ack',
      why: 'The cumulative ACK answers the first transmission; the second still waits in the ring and reads the page when its turn comes.',
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
    'sendpage returns while the packet is in the qdisc, and the page is rewritten',
    {
      id: 'qdisc',
      why: 'The return of sendpage says that the data is queued, not that it was read.',
      operations: [wholePages(1, 0), wholePages(1, 1)],
      ringSize: 1,
    },
    ({ writer, nic }) => {
      nic.stalls();
      writer.lends(0); // fills the ring
      writer.lends(1); // waits in the qdisc
      nic.resumes();
    },
  ),
  story(
    'the reply to the first copy of a call arrives while the second is in the write queue',
    {
      id: 'rpc-second-copy',
      why: 'A call is sent again whole when no answer comes in time; the answer to either copy ends the operation, and the pages are in the stream twice.',
      nfsPages: 3,
    },
    ({ nfs, nfsd, nic }) => {
      nfsd.isSlow();
      nfs.writes();
      nic.stalls();
      nfs.timesOut();
      nfsd.answers();
      nic.resumes();
    },
  ),
  story(
    'loopback: acknowledged before it is read',
    {
      id: 'loopback-acked',
      why: 'On one host the receive queue holds the very pages that were sent; the ACK says that they are queued there, not that they were read.',
      loopback: true,
    },
    ({ writer, reader }) => {
      reader.sleeps();
      writer.lends();
      reader.reads();
    },
  ),
  story(
    'a tap reads after everybody else is done',
    {
      id: 'tap-last',
      why: 'A packet tap holds clones until its owner calls recv(): nobody who looks at TCP alone knows of it.',
      tap: true,
    },
    ({ writer, tap }) => {
      tap.sleeps();
      writer.lends();
      tap.reads();
    },
  ),
  story(
    'a SACKed block of the next loan is shifted into its neighbour, and the cumulative ACK comes late',
    {
      id: 'sack-shift',
      why: 'skb_shift moves frags from one write-queue skb to another and frees the one that it emptied, pages and all else unchanged.',
      operations: [wholePages(1, 0), wholePages(1, 1), wholePages(1, 2)],
    },
    ({ writer, wire }) => {
      wire.stalls();
      writer.lends(0);
      writer.lends(1);
      writer.lends(2);
      wire.drops(3); // loan 1
      wire.delivers(3); // loan 2: SACKed
      wire.delivers(3); // loan 3: SACKed, and shifted to the skb of loan 2
      wire.resumes(); // what was sent again; the cumulative ACK
    },
  ),
  story(
    'a partial ACK trims the packet while its segments are in the ring',
    {
      id: 'partial-ack',
      why: 'tcp_trim_head gives the write-queue skb a shared info of its own and drops the acknowledged frags there; the old one lives on below.',
      features: SOFTWARE_GSO,
      ringSize: 2,
    },
    ({ writer, nic, driver }) => {
      driver.isLate();
      nic.stalls();
      writer.lends(); // three segments: two fill the ring, one waits, and with it the packet itself
      nic.reads(1); // delivered and acknowledged
      nic.resumes();
      driver.frees();
    },
  ),
  story(
    'software GSO: the parent is freed, then the write queue, before the segments are read',
    {
      id: 'gso-parent',
      why: 'Segments have frags of their own, no socket and no destructor: whoever watches the packet or its socket sees everything go while the ring is full of them.',
      features: SOFTWARE_GSO,
    },
    ({ writer, nic }) => {
      nic.stalls();
      writer.lends();
      writer.resets();
      nic.resumes();
    },
  ),
  story(
    'a device without scatter/gather linearises the packet, the write queue still holds the page',
    {
      id: 'no-sg-linearise',
      why: 'The driver reads a private copy, so the first transmission is safe; the retransmission is made anew from the page.',
      features: NO_SG,
      staleRoute: true,
    },
    ({ writer, nic, wire, tcp }) => {
      wire.stalls();
      nic.stalls();
      writer.lends();
      nic.resumes();
      wire.drops(3);
      tcp.retransmits();
      wire.resumes();
    },
  ),
  story(
    'orphaned before the driver: the destructor runs while the ring holds the packet',
    {
      id: 'early-orphan',
      why: 'From 2.6.38 to 3.2 every packet is orphaned just before the driver takes it, so whoever waits for the destructor is called too soon, and never again.',
      eras: ['2.6.32', '3.2'],
    },
    ({ writer, acks, nic, tcp }) => {
      acks.areHeldBack();
      nic.stalls();
      writer.lends();
      nic.resumes();
      nic.stalls();
      tcp.retransmits();
      acks.arrive();
      nic.resumes();
    },
  ),
  story(
    'two loans in one page, adjacent: one frag, two owners',
    {
      id: 'two-owners',
      why: 'Contiguous bytes of one page become one frag, unless the design asks for two; only one of the two loans is acknowledged.',
      operations: [[{ page: 0, offset: 0, size: 1000 }], [{ page: 0, offset: 1000, size: 1000 }]],
    },
    ({ writer, wire, tcp }) => {
      wire.stalls();
      writer.lendsWithMore(0);
      writer.lends(1);
      wire.delivers(1); // all of loan 1; with one skb for both, a part of loan 2
      wire.drops(1);
      tcp.retransmits();
      wire.resumes();
    },
  ),
  story(
    'the connection is reset while a clone is in the ring',
    {
      id: 'reset-in-ring',
      why: 'The write queue is purged at once; the driver still reads its clone.',
    },
    ({ writer, nic }) => {
      nic.stalls();
      writer.lends();
      writer.resets();
      nic.resumes();
    },
  ),
  story(
    'a file is written while it is being sent, by somebody who asks nobody',
    {
      id: 'file-written',
      why: 'No notification helps against a writer who does not wait for it: only a private copy does.',
    },
    ({ writer, file, nic }) => {
      nic.stalls();
      writer.lends();
      file.isWritten();
      nic.resumes();
    },
  ),
  story(
    'one call lends both halves of a page',
    {
      id: 'page-in-halves',
      why: 'Neighbours in one page may become one entry with one reference: what is counted is entries, not what was lent.',
      operations: [
        [
          { page: 0, offset: 0, size: 2048 },
          { page: 0, offset: 2048, size: 2048 },
        ],
      ],
    },
    ({ writer, acks, nic }) => {
      acks.areHeldBack();
      nic.stalls();
      writer.lends();
      nic.resumes();
      acks.arrive();
    },
  ),
  ...HOMES,
  ...NOTICES,
  ...PIPES,
  ...STORAGE,
  ...HOSTS,
];
