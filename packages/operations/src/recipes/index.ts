// Every operation that takes, drops, copies or moves a fragment, as data. Each brings a recipe that runs it on
// lent pages.
import { getPage, fragAt } from '@lastref/kernel';
import { PAGE_ONLY, SENDER, type Operation, emptySkb } from '../operation.ts';
import { AH } from './ah.ts';
import { CUTTING } from './cutting.ts';
import { DEVICES } from './devices.ts';
import { IN_PLACE } from './in-place.ts';
import { IP } from './ip.ts';
import { JOINING } from './joining.ts';
import { KEEPING } from './keeping.ts';
import { MESSAGES } from './messages.ts';
import { PATHS } from './paths.ts';
import { RECEIVING } from './receiving.ts';
import { SHARING } from './sharing.ts';
import { SPLICING } from './splicing.ts';
import { TLS } from './tls.ts';
import { VSOCK } from './vsock.ts';
import { XDP } from './xdp.ts';

export { carriedIn, existsIn, neededBy } from '../operation.ts';
export type * from '../operation.ts';

/** The registry: a matrix, a test battery or a report lists it from here and never forgets one. */
export const OPERATIONS: readonly Operation[] = [
  ...SHARING,
  ...CUTTING,
  ...JOINING,
  ...PATHS,
  ...DEVICES,
  ...KEEPING,
  ...SPLICING,
  ...VSOCK,
  ...MESSAGES,
  ...TLS,
  ...XDP,
  ...IP,
  ...IN_PLACE,
  ...AH,
  ...RECEIVING,
];

/**
 * What code outside the tree does that knows nothing of any design: it takes page, offset and size of each
 * entry, a bare page reference for each, and puts them into an sk_buff of its own.
 */
export const UNCONVERTED: Operation = {
  id: 'unconverted code',
  onHost: true, // a driver of the kernel's
  who: SENDER,
  file: 'outside the tree',
  since: '2.6.12',
  until: null,
  refs: '+1 per frag, bare get_page and put_page',
  carries: PAGE_ONLY,
  apply: (b) => {
    const { k } = b;
    const packet = b.packet(b.first);
    const { shinfo } = packet;
    const skb = emptySkb(k, packet);
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const frag = fragAt(shinfo, i);
      getPage(k, frag.page);
      k.fillPageDesc(skb, frag.page, frag.pageOffset, frag.size);
      skb.len += frag.size;
      skb.dataLen += frag.size;
    }
    b.hold(skb, 'foreign driver');
  },
};
