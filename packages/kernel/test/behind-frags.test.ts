// What a patch adds to the shared info behind frags[], when a new head is made: since 2.6.36 (fed66381d65a) the copy
// ends at the last frag in use, and code that nobody has ported leaves its record in the old memory.
import { expect, test } from 'vitest';
import { design as evgeniyPartial } from '../../../strategies/evgeniy-partial.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import {
  ERAS,
  kfreeSkb,
  pskbExpandHead,
  skbClone,
  Site,
  type Design,
  type Loan,
} from '../src/index.ts';
import { bareKernel, newPage } from './machine.ts';
import { packet } from './packets.ts';

/** The owner in the shared info of a packet that was given a new head, alone or beside a clone. */
function owner(design: Design, era: string, cloned: boolean): { found: Loan | null; lent: Loan } {
  const k = bareKernel({ era, design });
  const skb = packet(k, 100);
  const lent = k.newLoan(0, 1);
  k.lifetime.lend(skb, newPage(k), 0, 1000, lent);
  skb.len += 1000;
  skb.dataLen += 1000;
  const other = cloned ? skbClone(k, skb, Site.TAP) : null;
  pskbExpandHead(k, skb, 64, 0);
  const found = skb.shinfo.loan;
  if (other !== null) kfreeSkb(k, other);
  return { found, lent };
}

const OLD = ['2.6.24', '2.6.28', '2.6.32'];

test.each(ERAS.map(({ id }) => id))('in %s', (era) => {
  for (const cloned of [false, true]) {
    const { found, lent } = owner(evgeniyPartial, era, cloned);
    expect(found).toBe(OLD.includes(era) ? lent : null);
    const inFront = owner(msgZerocopy, era, cloned); // destructor_arg, in front of frags[]
    expect(inFront.found).toBe(inFront.lent);
  }
});
