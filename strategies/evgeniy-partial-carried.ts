import { Site, type Design, type SkBuff, type SkbSharedInfo } from '@lastref/kernel';
import { Partial, design as literal } from './evgeniy-partial.ts';

export const design = {
  ...literal,
  id: 'evgeniy-partial-carried',
  title: 'a destructor in the shared info that goes wherever pages go',
  readingOf: 'evgeniy-partial',
  summary:
    'As evgeniy-partial, and whatever gives pages to another shared info gives it the destructor as well.',
  reading:
    'The author speaks of the two functions that he was asked about, and of a destructor that does not rely on which skb it is called for: that every shared info with such pages has it is the other reading. Beside the block copy of pskb_expand_head, the places are those of the patch that answers him (pskb_copy, skb_split, skb_segment); skb_shift and what came later are not hooked, as there.',
  hooks: Site.PSKB_COPY | Site.SPLIT | Site.SEGMENT,
  create: (k) => new Carried(k),
} satisfies Design;

class Carried extends Partial {
  override adopt(parent: SkBuff, child: SkbSharedInfo, site: Site): void {
    if ((site & design.hooks) !== 0) child.loan ??= parent.shinfo.loan; // "should not rely on which skb it is called on" [LKML 21 Dec 2008]
  }
}
