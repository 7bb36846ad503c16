import { MARKER_HELPERS, Site } from '@lastref/kernel';
import { SharedFragMarker, design as marker } from '@lastref/strategies/shared-frag-marker';
import type { Bug } from '../bug.ts';

/** Nearly a kernel without one: no helper carries what its senders mark. */
const NO_MARK_OF_ITS_OWN = '7.2.13-markerCarried';

export const bug: Bug = {
  id: 'mbuf-rdonly',
  title: 'a duplicate of a buffer forgets that the buffer is read-only',
  year: 2010,
  where: 'FreeBSD, sys/kern/uipc_mbuf.c mb_dupcl',
  source: 'FreeBSD-SA-10:07.mbuf, CVE-2010-2693',
  kind: 'a marker or an owner lost on the way',
  property: 'unmarked',
  on: [{ operation: 'esp_input' }, { operation: 'pskb_copy, esp_input' }],
  wrong: {
    design: {
      ...marker,
      id: 'mbuf-rdonly-wrong',
      title: 'a marker that a duplicate does not get',
      create: (k) => new SharedFragMarker(k, MARKER_HELPERS & ~Site.PSKB_COPY),
    },
    era: NO_MARK_OF_ITS_OWN,
  },
  fixed: {
    design: { ...marker, create: (k) => new SharedFragMarker(k, MARKER_HELPERS) },
    era: NO_MARK_OF_ITS_OWN,
  },
  mechanism:
    'The flag that an external buffer may not be written to was not copied when a reference to the buffer was. sendfile over loopback then let the stack write into pages of a file.',
  fix: 'The flag goes with the reference.',
  lesson: 'The same shape as the marker of Linux, sixteen years before.',
  left: 'The marker says whose the pages are, and nobody when they are free: a sender who writes to them early is as badly off as with any sendfile.',
  words: ['freebsd', 'mbuf', 'm_rdonly', 'sendfile', 'root', 'loopback'],
};
