// Of sk_buffs and their frags.
import type { Reason } from './reason.ts';

export const OF_BUFFERS: Readonly<Record<string, Reason>> = {
  'skb_private.ts skbMorph: skbOrphan(k, dst); => (dropped)': {
    of: 'b8ee2382',
    equivalent: false,
    text: 'sk_buffs of scripts have no socket and no destructor',
  },
  'skb_carve.ts pskbCarve: if (gone <= 0) continue; => if (gone < 0) continue;': {
    of: '470d15f7',
    equivalent: true,
    text: '0 bytes more at the offset, 0 less of the size',
  },
  'skb_clone.ts skbCopyBits: for (let m = skb.shinfo.fragList; m !== null && left > 0; m = m.next) { => for (let m = skb.shinfo.fragList; m !== null || left > 0; m = m.next) {':
    {
      of: 'fe3fb190',
      equivalent: true,
      text: 'behind the last byte it copies 0 bytes of each member that is left',
    },
  'skb_clone.ts skbCopyBits: if (at < end) { => if (at <= end) {': {
    of: 'fe3fb190',
    equivalent: true,
    text: '0 bytes more, of an entry or a member that ends where the copy goes on',
  },
  'skb_coalesce.ts skbGroReceive: if (p.shinfo.nrFrags + skb.shinfo.nrFrags > k.era.maxSkbFrags) return false; => if (p.shinfo.nrFrags + skb.shinfo.nrFrags > k.era.maxSkbFrags) return true;':
    {
      of: 'b9ba2024',
      equivalent: false,
      text: 'a script joins what fits; what does not goes on the frag_list in a kernel, which is another operation of scripts',
    },
  'skb_free.ts shinfoFree: if (datarefSub(k, orig, PAYLOAD_REF) !== 0) return; => if (datarefSub(k, orig, PAYLOAD_REF) !== 1) return;':
    {
      of: '7b80bb26',
      equivalent: false,
      text: 'no design of a running kernel chains one shared info to another, so there is none to go on with',
    },
  'skb_free.ts shinfoFree: shinfo = orig; => (dropped)': {
    of: '7b80bb26',
    equivalent: false,
    text: 'no design of a running kernel chains one shared info to another, so there is none to go on with',
  },
  'skb_head.ts copyHead: if (k.copiesSlot) shinfo.loan = old.loan; => if (!(k.copiesSlot)) shinfo.loan = old.loan;':
    {
      of: 'd83c5762',
      equivalent: true,
      text: 'adopt() of msg-zerocopy, which comes behind it, sets the same; no other seam has anything there',
    },
  'skb_segment.ts segment: frag = 0; => frag = 1;': {
    of: '6cdf9baf',
    equivalent: false,
    text: 'where a member with linear bytes is a segment by itself, as scripts and GRO have it, all of its entries are behind it either way',
  },
  'skb_split.ts skbShift: if (!unshareBoth(k, skb, tgt)) return 0; => if (!unshareBoth(k, skb, tgt)) return 1;':
    {
      of: '43cb1725',
      equivalent: false,
      text: 'no allocation of a script fails',
    },
  'page-pool.ts lend: if (page.loan === null) this.k.poolTake(page); => if (!(page.loan === null)) this.k.poolTake(page);':
    {
      of: 'f858aec5',
      equivalent: false,
      text: 'the pages of scripts belong to their pool from the beginning, and the number of those on their way is not in the normal form',
    },
  'page-pool.ts put: page.loan = null; => (dropped)': {
    of: 'f806e044',
    equivalent: false,
    text: 'a script puts no page in once its owner has let go of it, and before that it is not home',
  },
  'skb_free.ts kfreeSkb: k.point(); => (dropped)': {
    of: '367bedfb',
    equivalent: false,
    text: 'a moment at which another processor may come in, and a script has one',
  },
  'skb_free.ts kfreeSkbmem: k.point(); => (dropped)': {
    of: 'a2100813',
    equivalent: false,
    text: 'a moment at which another processor may come in, and a script has one',
  },
  'msg-zerocopy.ts mayMove: if (site === Site.IPTFS_CONSUME) return from.shinfo.loan === null; => if (site === Site.IPTFS_CONSUME) return from.shinfo.loan !== null;':
    {
      of: 'dcb26900',
      equivalent: false,
      text: 'no script plays IP-TFS, which is static in a module',
    },
  'msg-zerocopy.ts adopt: const shared = this.k.era.probeSharesOwner && site === Site.PROBE; => const shared = this.k.era.probeSharesOwner && site !== Site.PROBE;':
    {
      of: '281a9b46',
      equivalent: false,
      text: 'probeSharesOwner is proposed, and in no kernel that runs',
    },
  'skb_coalesce.ts skbTryCoalesce: if (from.ppRecycle !== 0 && skbCloned(from) && !k.era.coalescesClonedPool) return false; => if (from.ppRecycle !== 0 && skbCloned(from) && !k.era.coalescesClonedPool) return true;':
    {
      of: '288a7738',
      equivalent: false,
      text: 'kernels before 6.8 refuse it, and there a script has no pages of a pool (test/beside-scripts.test.ts sees it)',
    },
  'skb_free.ts skbReleaseData: skb.shinfo = POISON_SHINFO; => (dropped)': {
    of: '7775ffb4',
    equivalent: true,
    text: 'a guard: whoever let go of its data is freed or gets another shared info in the next line, and nobody reads it in between',
  },
  'skb_head.ts movesReferences: return false; => return true;': {
    of: '18595748',
    equivalent: false,
    text: 'pskb_expand_head takes references anew before 2.6.36 only, and 5.10.223 is the oldest kernel that runs (kernel/test/walkthroughs.test.ts sees it)',
  },
  'skb_head.ts copyHead: k.lifetime.clone(skb, Site.EXPAND_HEAD); => (dropped)': {
    of: 'd83c5762',
    equivalent: false,
    text: 'no design of a seam of scripts copies where data is shared: MSG_ZEROCOPY has SKBFL_DONT_ORPHAN (test/beside-scripts.test.ts sees it)',
  },
  'skb_private.ts skbZerocopy: skbOrphanFrags(k, from); => (dropped)': {
    of: '584b3e2b',
    equivalent: false,
    text: 'skb_orphan_frags leaves MSG_ZEROCOPY alone (SKBFL_DONT_ORPHAN), and no seam of scripts has another ubuf_info (test/beside-scripts.test.ts sees it)',
  },
  'skb_segment.ts segment: if (k.era.segmentOrphans) skbOrphanFrags(k, donor); => if (!(k.era.segmentOrphans)) skbOrphanFrags(k, donor);':
    {
      of: '6cdf9baf',
      equivalent: false,
      text: 'skb_orphan_frags leaves MSG_ZEROCOPY alone (SKBFL_DONT_ORPHAN), and no seam of scripts has another ubuf_info (test/beside-scripts.test.ts sees it)',
    },
  'skb_segment.ts segment: if (sg && k.era.segmentOrphans) skbOrphanFrags(k, skb); => if (!(sg && k.era.segmentOrphans)) skbOrphanFrags(k, skb);':
    {
      of: '6cdf9baf',
      equivalent: false,
      text: 'skb_orphan_frags leaves MSG_ZEROCOPY alone (SKBFL_DONT_ORPHAN), and no seam of scripts has another ubuf_info (test/beside-scripts.test.ts sees it)',
    },
  'skb_split.ts skbShift: for (let i = from, left = todo; left > 0 && i < source.nrFrags; i++) { => for (let i = from, left = todo; left > 0 && i <= source.nrFrags; i++) {':
    {
      of: '43cb1725',
      equivalent: true,
      text: 'without linear bytes the entries have all that is shifted, so nothing is left behind the last of them [skb_shift: BUG_ON(shiftlen > skb->len)]',
    },
  'page-pool.ts released: this.k.drop(loan); => (dropped)': {
    of: 'ae3b4259',
    equivalent: false,
    text: 'the loan is the account of who is told; a pool tells nobody, and its counts are compared (harness/test/homes.test.ts sees it)',
  },
  'skb_coalesce.ts skbGroReceiveList: skb.next = null; => (dropped)': {
    of: 'c18e124b',
    equivalent: false,
    text: 'the packet that a script adds is in no list: its next is null already',
  },
  'skb_free.ts kfreeSkb: if (--skb.users > 0) return; => if (--skb.users >= 0) return;': {
    of: '367bedfb',
    equivalent: true,
    text: '0 is left of 1 alone, which does not come here',
  },
  'skb_head.ts copyHead: shinfo.marked = old.marked; => (dropped)': {
    of: 'd83c5762',
    equivalent: false,
    text: 'IP-TFS alone sets it, and no script plays that (static in a module)',
  },
  'skb_private.ts pack: k.probe.copied(from); => (dropped)': {
    of: '3d564b98',
    equivalent: false,
    text: 'tells the judge, which no kernel has',
  },
  'skb_private.ts skbOrphanFrags: k.lifetime.orphanFrags(skb); => (dropped)': {
    of: '5cf7cd23',
    equivalent: false,
    text: 'the ubuf_info of MSG_ZEROCOPY is not for orphaning here (skb_orphan_frags asks for SKBFL_DONT_ORPHAN), and the other seams of scripts have none (test/beside-scripts.test.ts sees where it is called)',
  },
  'skb_pull.ts eatFrags: if (eat > paged) eatFragList(k, skb, eat - paged); => if (eat >= paged) eatFragList(k, skb, eat - paged);':
    {
      of: 'e40fa219',
      equivalent: false,
      text: 'takes 0 bytes off a list none of whose members is empty',
    },
  'skb_pull.ts pskbPullTail: if (delta === skb.dataLen) tellCopied(k, skb); => if (!(delta === skb.dataLen)) tellCopied(k, skb);':
    {
      of: '8d2957a3',
      equivalent: false,
      text: 'tells the judge, which no kernel has',
    },
  'skb_pull.ts pskbTrimHead: if (rest > 0) { => if (rest >= 0) {': {
    of: 'ea98cfee',
    equivalent: false,
    text: 'takes 0 bytes off entries none of which is empty',
  },
  'skb_segment.ts segment: if (sg && k.era.segmentOrphans) skbOrphanFrags(k, skb); => if (sg || k.era.segmentOrphans) skbOrphanFrags(k, skb);':
    {
      of: '6cdf9baf',
      equivalent: false,
      text: 'the ubuf_info of MSG_ZEROCOPY is not for orphaning here, and the other seams of scripts have none',
    },
  'skb_segment.ts segment: if (head > 0) { => if (head >= 0) {': {
    of: '6cdf9baf',
    equivalent: true,
    text: 'copies 0 bytes more',
  },
  'skb_segment.ts wholeMember: const linear = member === null ? 0 : skbHeadlen(member); => const linear = member === null ? 1 : skbHeadlen(member);':
    {
      of: '008cce69',
      equivalent: true,
      text: 'where there is no member it is null that is given, whatever its bytes',
    },
  'skb_split.ts splitInsideHeader: for (let i = 0; i < from.nrFrags; i++) copyFrag(fragAt(to, i), fragAt(from, i)); => for (let i = 0; i <= from.nrFrags; i++) copyFrag(fragAt(to, i), fragAt(from, i));':
    {
      of: 'cc5effa7',
      equivalent: false,
      text: 'one entry more, behind those that count',
    },
  'skb_carve.ts pskbCarve: k.lifetime.clone(skb, Site.CARVE); => (dropped)': {
    of: '470d15f7',
    equivalent: false,
    text: 'no design of a seam of scripts copies where data is shared: MSG_ZEROCOPY has SKBFL_DONT_ORPHAN',
  },
  'skb_clone.ts skbCopyBits: for (let m = skb.shinfo.fragList; m !== null && left > 0; m = m.next) { => for (let m = skb.shinfo.fragList; m !== null && left >= 0; m = m.next) {':
    {
      of: 'fe3fb190',
      equivalent: true,
      text: 'behind the last byte it copies 0 bytes of each member that is left',
    },
  'skb_private.ts copyPages: parts.push({ page: k.copyPage(frag.page, pageOffset, size), pageOffset, size }); => (dropped)':
    {
      of: '43214746',
      equivalent: false,
      text: 'skb_copy_ubufs packs from 4.14 on, and 5.10.223 is the oldest kernel that runs',
    },
  'skb_segment.ts segment: for (let i = 0; i < whole.shinfo.nrFrags; i++) { => for (let i = 0; i <= whole.shinfo.nrFrags; i++) {':
    {
      of: '6cdf9baf',
      equivalent: false,
      text: 'a member that is a segment by itself ends where the segment does, in scripts as in what GRO makes: an entry behind its own ends the loop, or has no bytes',
    },
  'skb_segment.ts segment: if (pos + size > end) break; => if (pos - size > end) break;': {
    of: '6cdf9baf',
    equivalent: false,
    text: 'a member that is a segment by itself ends where the segment does, in scripts as in what GRO makes: none of its entries goes on behind it',
  },
  'skb_split.ts skbSplit: if (len < headlen) splitInsideHeader(k, skb, skb1, len, headlen); => if (len <= headlen) splitInsideHeader(k, skb, skb1, len, headlen);':
    {
      of: '6a7a8191',
      equivalent: true,
      text: 'where no byte of the linear part moves, either of the two moves all entries, whole',
    },
  'skb_segment.ts segment: if (pos < offset) { => if (pos <= offset) {': {
    of: '6cdf9baf',
    equivalent: true,
    text: '0 bytes more at the offset, 0 less of the size',
  },
  'skb_alloc.ts initShinfo: shinfo.lentMark = false; => (dropped)': {
    of: '49a5ee82',
    equivalent: false,
    text: 'asked only where a packet is summed, and no script plays that (kernel/test/shared-frag.test.ts sees it)',
  },
  'skb_alloc.ts initShinfo: shinfo.lentMark = false; => shinfo.lentMark = true;': {
    of: '49a5ee82',
    equivalent: false,
    text: 'asked only where a packet is summed, and no script plays that (kernel/test/shared-frag.test.ts sees it)',
  },
  'skb_private.ts skbCopyUbufs: if (zerocopy) { => if (!(zerocopy)) {': {
    of: 'e6d939ca',
    equivalent: false,
    text: 'asked only where a packet is summed, and no script plays that (kernel/test/copies-alone.test.ts sees it)',
  },
  'skb_private.ts skbCopyUbufs: shinfo.lentMark = false; => (dropped)': {
    of: 'e6d939ca',
    equivalent: false,
    text: 'asked only where a packet is summed, and no script plays that (kernel/test/copies-alone.test.ts sees it)',
  },
  'skb_private.ts skbCopyUbufs: shinfo.lentMark = false; => shinfo.lentMark = true;': {
    of: 'e6d939ca',
    equivalent: false,
    text: 'asked only where a packet is summed, and no script plays that (kernel/test/copies-alone.test.ts sees it)',
  },
  "skb_clone.ts skbCopy: mustBeReadable(k, skb, 'skb_copy'); => (dropped)": {
    of: '9f9aa61d',
    equivalent: false,
    text: 'no script has memory of a device (kernel/test/netmem.test.ts sees it)',
  },
  "skb_private.ts skbCopyExpand: mustBeReadable(k, skb, 'skb_copy_expand'); => (dropped)": {
    of: '0d811855',
    equivalent: false,
    text: 'no script has memory of a device (kernel/test/netmem.test.ts sees it)',
  },
  "skb_private.ts skbCopyUbufs: mustBeReadable(k, skb, 'skb_copy_ubufs'); => (dropped)": {
    of: 'e6d939ca',
    equivalent: false,
    text: 'no script has memory of a device (kernel/test/netmem.test.ts sees it)',
  },
  "skb_pull.ts pskbPullTail: mustBeReadable(k, skb, '__pskb_pull_tail'); => (dropped)": {
    of: '8d2957a3',
    equivalent: false,
    text: 'no script has memory of a device (kernel/test/netmem.test.ts sees it)',
  },
  'skb_alloc.ts initShinfo: shinfo.marked = false; => (dropped)': {
    of: '49a5ee82',
    equivalent: false,
    text: 'IP-TFS alone sets it, and no script plays that (static in a module)',
  },
  'skb_alloc.ts initShinfo: shinfo.marked = false; => shinfo.marked = true;': {
    of: '49a5ee82',
    equivalent: false,
    text: 'ESP alone asks for it, and no script plays that: it needs a security association',
  },
  'skb_coalesce.ts skbGroReceive: if (p.shinfo.nrFrags + skb.shinfo.nrFrags > k.era.maxSkbFrags) return false; => if (p.shinfo.nrFrags - skb.shinfo.nrFrags > k.era.maxSkbFrags) return false;':
    {
      of: 'b9ba2024',
      equivalent: false,
      text: 'a script joins what fits; what does not goes on the frag_list in a kernel, which is another operation of scripts',
    },
  'skb_free.ts copyFragArray: for (let i = 0; i < from.nrFrags; i++) copyFrag(to.frags[i]!, from.frags[i]!); => for (let i = 0; i <= from.nrFrags; i++) copyFrag(to.frags[i]!, from.frags[i]!);':
    {
      of: '0c79725e',
      equivalent: false,
      text: 'one entry more, behind those that count',
    },
  'skb_private.ts skbZerocopy: for (let i = 0; i < from.shinfo.nrFrags; i++) { => for (let i = 0; i <= from.shinfo.nrFrags; i++) {':
    {
      of: '584b3e2b',
      equivalent: false,
      text: 'one entry more, behind those that count',
    },
  'skb_pull.ts pskbPullTail: if (delta === skb.dataLen) tellCopied(k, skb); => if (delta !== skb.dataLen) tellCopied(k, skb);':
    {
      of: '8d2957a3',
      equivalent: false,
      text: 'tells the judge, which no kernel has',
    },
  'skb_free.ts shinfoFree: if (datarefSub(k, orig, PAYLOAD_REF) !== 0) return; => if (datarefSub(k, orig, PAYLOAD_REF) === 0) return;':
    {
      of: '7b80bb26',
      equivalent: false,
      text: 'no design of a running kernel chains one shared info to another, so there is none to go on with',
    },
  'skb_carve.ts pskbCarve: shinfo.marked = old.marked; => (dropped)': {
    of: '470d15f7',
    equivalent: false,
    text: 'IP-TFS alone sets it, and no script plays that (static in a module)',
  },
  'skb_segment.ts segment: adoptFrags(k, donor, n.shinfo, Site.SEGMENT_LIST, n); => (dropped)': {
    of: '6cdf9baf',
    equivalent: false,
    text: 'the first of a list has taken over what marks its members when they came (skb_gro_receive_list), and every segment has it from there',
  },
  'skb_clone.ts skbCopyBits: for (let i = 0; i < skb.shinfo.nrFrags && left > 0; i++) { => for (let i = 0; i < skb.shinfo.nrFrags && left >= 0; i++) {':
    {
      of: 'fe3fb190',
      equivalent: true,
      text: 'behind the last byte it copies 0 bytes of each entry that is left',
    },
  'skb_private.ts skbCopyUbufs: if (shinfo.nrFrags > 0) { => if (shinfo.nrFrags >= 0) {': {
    of: 'e6d939ca',
    equivalent: true,
    text: 'without an entry there is none to copy and none to put',
  },
  'skb_segment.ts segment: if (sg) k.lifetime.clone(skb, Site.SEGMENT); => if (!(sg)) k.lifetime.clone(skb, Site.SEGMENT);':
    {
      of: '6cdf9baf',
      equivalent: false,
      text: 'the seams of scripts answer clone() and change nothing',
    },
  'skb_segment.ts memberSegment: pskbTrim(k, n, len); => (dropped)': {
    of: '1e9ba232',
    equivalent: false,
    text: 'a member that is a segment by itself ends where the segment does, in scripts as in what GRO makes: nothing is cut off it',
  },
  'skb_split.ts skbShift: while (todo > 0 && from < src.nrFrags) { => while (todo > 0 && from <= src.nrFrags) {':
    {
      of: '43cb1725',
      equivalent: true,
      text: 'without linear bytes the entries have all that is shifted, so nothing is left behind the last of them [skb_shift: BUG_ON(shiftlen > skb->len)]',
    },
  'page-pool.ts lend: if (page.loan === null) this.k.poolTake(page); => if (page.loan !== null) this.k.poolTake(page);':
    {
      of: 'f858aec5',
      equivalent: false,
      text: 'the pages of scripts belong to their pool from the beginning, and the number of those on their way is not in the normal form',
    },
  'page-pool.ts lend: page.loan = loan; => (dropped)': {
    of: 'f858aec5',
    equivalent: false,
    text: 'the loan is the account of who is told; a pool tells nobody, and its counts are compared (harness/test/homes.test.ts sees it)',
  },
  'page-pool.ts lend: this.k.hold(loan); => (dropped)': {
    of: 'f858aec5',
    equivalent: false,
    text: 'the loan is the account of who is told; a pool tells nobody, and its counts are compared (harness/test/homes.test.ts sees it)',
  },
  'msg-zerocopy.ts lend: this.bytes.set(uarg, (this.bytes.get(uarg) ?? 0) + size); => this.bytes.set(uarg, (this.bytes.get(uarg) ?? 0) - size);':
    {
      of: '0385463a',
      equivalent: false,
      text: 'counted against a limit that no script comes near (kernel/test/append.test.ts sees it)',
    },
  'msg-zerocopy.ts lend: this.bytes.set(uarg, (this.bytes.get(uarg) ?? 0) + size); => this.bytes.set(uarg, (this.bytes.get(uarg) ?? 1) + size);':
    {
      of: '0385463a',
      equivalent: false,
      text: 'a byte of half a megabyte, and pages are counted whole',
    },
  'msg-zerocopy.ts lend: this.bytes.set(uarg, (this.bytes.get(uarg) ?? 0) + size); => (dropped)': {
    of: '0385463a',
    equivalent: false,
    text: 'counted against a limit that no script comes near (kernel/test/append.test.ts sees it)',
  },
  'msg-zerocopy.ts adopt: this.copyUbufs(into); => (dropped)': {
    of: '281a9b46',
    equivalent: false,
    text: 'a script segments no list whose members have another ubuf_info than the first (listCanBeCut)',
  },
};
