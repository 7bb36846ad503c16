// Storage protocols: what they send again, and what their answers say of the copies before.
import { dstSet } from './set-dst.ts';
import { story, type Story } from './story.ts';

export const STORAGE: readonly Story[] = [
  story(
    'over UDP, the answer to the first datagram comes while the fragments of the second are in the ring',
    {
      id: 'udp-second-copy',
      why: 'No connection, no ACK, no order: nothing below RPC knows of the first copy or of the second. The checksum of a datagram in fragments is taken when it is put together, so the server refuses the changed bytes; a device has read them.',
      nfsPages: 3,
      nfsUdp: true,
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
    'the remedy of 2013: a call is sent again as a copy, and the answer to the first transmission comes',
    {
      id: 'resend-copies',
      why: 'Only the first transmission lends pages. Its answer proves that the server has read it, so nobody needs them any more, unless TCP itself has sent it twice.',
      nfsPages: 3,
      nfsResendCopies: true,
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
    'a page is written to between its digest and the device: the iSCSI target refuses the data',
    {
      id: 'digest-refused',
      why: 'Nothing wrong reaches the disk, as with any digest above TCP; but the write has to be made again. Writers who wait avoid it, and so does a copy, which is what the kernel makes when there is a data digest.',
      iscsi: { digests: true },
    },
    ({ disk, acks, nic }) => {
      acks.areHeldBack();
      disk.writes();
      nic.stalls();
      acks.arrive(); // the target asks for the data: summed and queued
      disk.pageIsWritten();
      nic.resumes();
    },
  ),
  story(
    'the iSCSI session goes on by another device while the first one still has the data',
    {
      id: 'iscsi-two-portals',
      why: 'The login by the second device ends the first connection at the target, so nobody takes what the first device sends later; but it reads pages whose write is over.',
      iscsi: { portals: true },
    },
    ({ disk, acks, nic, initiator }) => {
      acks.areHeldBack();
      disk.writes();
      nic.stalls();
      acks.arrive();
      initiator.givesUp();
      nic.resumes();
    },
  ),
  story(
    'a page is lent to two connections; both peers have answered, one connection has it queued again',
    {
      id: 'two-replicas',
      why: 'The bio is over when both peers have the data. What TCP on one side does with it meanwhile, nobody asks who looks at answers alone; who counts last references counts those of both.',
      set: dstSet,
    },
    ({ node, far }) => {
      far.acksAreHeldBack();
      node.writes();
      far.nicStalls();
      far.retransmits();
      far.acksArrive();
      far.nicResumes();
    },
  ),
  story(
    'a replica is sent its data again over a new connection, and the peer reads the old one to its end first',
    {
      id: 'replica-reconnects',
      why: 'A connection that is given up and closed drains by itself, with TCP behind it that never gives up soon. The peer serves one connection at a time, so the answer over the new one says that the old one has nothing left: who waits for answers is right here, by an order that no line promises.',
      set: dstSet,
    },
    ({ node, far }) => {
      far.wireStalls();
      node.writes();
      far.wireDrops(3); // all of the data
      node.givesUp();
      far.wireResumes(); // the second copy arrives and is answered
      far.retransmits();
    },
  ),
];
