import {
  MARKER_HELPERS,
  markerSites,
  type Site,
  type Design,
  type Loan,
  type Page,
  type Services,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { NaiveSendpage } from './naive-sendpage.ts';

export const design = {
  id: 'shared-frag-marker',
  title: "a marker for frags that are not the stack's own",
  year: 2013,
  source:
    'include/linux/skbuff.h SKBTX_SHARED_FRAG (3.9, cef401de7be8), SKBFL_SHARED_FRAG (5.12); completed in 2026 by f84eca581739, 48f6a5356a33 and f4c50a4034e6 (CVE-2026-46300, CVE-2026-43503, CVE-2026-43284)',
  era: { id: '7.2.13', source: 'with the helpers completed in 2026 (7.1)' },
  status: 'merged',
  summary:
    'A bit in the shared info says that some frag belongs to somebody else; whoever writes in place must copy first. It tells nobody when the pages are free.',
  reading:
    'The helpers that carry the bit are those of the release: block copy, skb_split and skb_segment at first, most others from 7.1 on (6.1.174, 6.12.91), those of IP-TFS later. Datagrams get it where ESP asks for it, by the same commit. Completion is that of sendpage as it is: at its return. skb_zerocopy carries it in no release of the trunk; user space only reads its messages.',
  domain: {
    by: [],
    since: '3.9',
    source:
      'whoever sums or writes in place what user space may write to [3.9, cef401de7be8; 7.1, f4c50a4034e6]: operations and stories show that; it promises nobody to be told',
  },
  adds: [],
  hooks: MARKER_HELPERS,
  claims: [],
  create: (k) => new SharedFragMarker(k),
} satisfies Design;

export class SharedFragMarker extends NaiveSendpage {
  /** Helpers that carry the bit; null: those of the release. */
  private readonly sites: number | null;

  constructor(services: Services, sites: number | null = null) {
    super(services);
    this.sites = sites;
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.sk?.datagrams === true && !this.k.era.espAsksMarker) return; // ip_append_page and __ip_append_data forgot it [f4c50a4034e6]
    skb.shinfo.loan = loan; // SKBTX_SHARED_FRAG, never taken back [do_tcp_sendpages, 3.9]
  }

  override adopt(parent: SkBuff, child: SkbSharedInfo, site: Site): void {
    const sites = this.sites ?? markerSites(this.k.era);
    if ((site & sites) !== 0) child.loan ??= parent.shinfo.loan; // flags |= flags & SKBFL_SHARED_FRAG [net/core/shared_frag.ts]
  }

  override mayWriteFrags(skb: SkBuff): boolean {
    return skb.shinfo.loan === null; // skb_has_shared_frag [esp_input]
  }
}
