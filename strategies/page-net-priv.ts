import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
  type Sock,
} from '@lastref/kernel';
import { LoanPages } from './lib/loan-pages.ts';

export const design = {
  id: 'page-net-priv',
  title: "a pointer in struct page that the network's get and put look at",
  year: 2007,
  source:
    'Vladislav Bolkhovitin, iSCSI-SCST: iscsi-scst/kernel/patches/put_page_callback-2.6.28.patch and iscsi-scst/kernel/nthread.c (SCST 479a9d0a9f4a, 12 Jan 2009; in the tree since 15 Aug 2007, for 2.6.16 to 3.19); LKML, "[PATCH][RFC 23/23]: Support for zero-copy TCP transmit of user space data", Dec 2008',
  era: { id: '2.6.28', source: 'put_page_callback-2.6.28.patch' },
  status: 'out-of-tree',
  summary:
    'struct page gets net_priv, a pointer to the command. Everywhere under net/ get_page and put_page become net_get_page and net_put_page, which call back if it is set: the command counts the references of the network on all of its pages, and is free of it when there are none.',
  reading:
    'A page that has the pointer of another command is sent by copying. The pointers are taken off when the count is 0, and when the connection is in TCP_CLOSE, where all that is queued is taken to be freed: "no data are going to be sent" [iscsi_check_closewait]. Whoever takes or puts references outside of net/ is not seen. What a socket has given to a pipe is counted (the patches for 2.6.32 and 3.8), and from 3.14 on, where fs/ puts it, it stays counted: the patch for 3.18 has the get alone.',
  domain: {
    by: ['stream'],
    over: ['tcp'],
    memory: 'pages',
    source:
      '"Currently this is only used by the iSCSI target driver" [net/Kconfig of the patch]: pages of a target, sent to an initiator that answers none of it',
  },
  adds: [{ struct: 'page', name: 'net_priv', type: 'pointer' }],
  hooks: 0,
  claims: [],
  create: (k) => new PageNetPriv(k),
} satisfies Design;

class PageNetPriv extends GetPutPage {
  private readonly pages = new LoanPages(this.k);
  /** cmd->net_ref_cnt */
  private readonly netRefs = this.k.sideField<Loan, number>();
  /** The commands of a connection, by stream. */
  private readonly commands: Loan[][] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    if (page.loan !== null && page.loan !== loan) {
      const copy = this.k.copyPage(page, pageOffset, size); // net_priv != ref_cmd: sock_no_sendpage [write_data]
      this.k.fillPageDesc(skb, copy, pageOffset, size);
      return;
    }
    page.loan = loan; // net_priv = ref_cmd [write_data]
    this.pages.add(loan, page);
    this.getCalledBack(loan); // net_get_page [patch, tcp.c @@ -714, ip_output.c @@ -1166]
    super.lend(skb, page, pageOffset, size, loan);
    const commands = (this.commands[skb.flow] ??= []);
    if (commands.at(-1) !== loan) commands.push(loan);
  }

  override mayMerge({ page }: SkbFrag, loan: Loan | null): boolean {
    return loan === null || page.loan === loan; // what is sent by copying is no more of this page [write_data]
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { loan } = frag.page;
    if (loan !== null) this.getCalledBack(loan); // net_get_page [patch, skbuff.c @@ -727, -792, -1987, -2355]
    super.fragRef(shinfo, frag);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { loan } = frag.page;
    if (loan !== null) this.putCalledBack(loan); // net_put_page: before put_page [patch, skbuff.c @@ -339, -1061, -1230, tcp_output.c @@ -871]
    super.fragUnref(shinfo, frag);
  }

  override pageRef(page: Page): void {
    if (page.loan !== null) this.getCalledBack(page.loan); // net_get_page [put_page_callback-2.6.32.patch, skbuff.c spd_fill_page]
    super.pageRef(page);
  }

  override pageUnref(page: Page): void {
    if (page.loan !== null) this.putCalledBack(page.loan); // net_put_page [put_page_callback-2.6.32.patch, skbuff.c sock_pipe_buf_release]
    super.pageUnref(page);
  }

  override closed({ slot }: Sock): void {
    for (const loan of this.commands[slot] ?? []) this.purge(loan); // while (page->net_priv != NULL) [iscsi_check_closewait]
    this.commands[slot] = [];
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the reference of write_data itself [cmnd_put]
  }

  override keepsOwner(): boolean {
    return true; // a connection is there as long as a command of it [conn_ref_cnt, close_conn]
  }

  /** net_get_page_callback is a pointer, which net_set_get_put_page_callbacks sets [patch]. */
  private getCalledBack(loan: Loan): void {
    this.k.called();
    this.netGet(loan);
  }

  /** net_put_page_callback [patch] */
  private putCalledBack(loan: Loan): void {
    this.k.called();
    this.netPut(loan);
  }

  private netGet(loan: Loan): void {
    this.netRefs.set(loan, (this.netRefs.get(loan) ?? 0) + 1);
    this.k.hold(loan);
  }

  private netPut(loan: Loan): void {
    const left = (this.netRefs.get(loan) ?? 0) - 1;
    this.netRefs.set(loan, left);
    if (left === 0) this.clear(loan);
    this.k.drop(loan);
  }

  /** All that the network still has of it counts as put. */
  private purge(loan: Loan): void {
    while ((this.netRefs.get(loan) ?? 0) > 0) this.netPut(loan);
  }

  /** "Clearing page": net_priv = NULL on all pages of the command [__iscsi_put_page_callback] */
  private clear(loan: Loan): void {
    for (const page of this.pages.take(loan)) if (page.loan === loan) page.loan = null;
  }
}
