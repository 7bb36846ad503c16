import { GetPutPage, type Design, type Loan, type Page, type SkBuff } from '@lastref/kernel';

export const design = {
  id: 'stable-pages',
  title: 'writers wait until the I/O is over',
  year: 2011,
  source: 'Jonathan Corbet, LWN, 25 July 2011, on the "stable pages" patches of that May',
  era: {
    id: '3.2',
    source:
      'patches of May 2011, merged for 3.0; 3.2 is the first release with them that is modelled',
  },
  status: 'merged',
  summary:
    'Nobody is notified: a page under I/O may not be written, and whoever wants to waits until the layer below reports the end of the I/O.',
  reading:
    'A page is under writeback if its file system says so before it sends it; NFS does, and clears it at the reply, after which the page may change, whatever the network still holds. O_DIRECT, sendfile of a clean page, vmsplice and a guest set no such flag: nobody waits for those.',
  domain: {
    by: ['writeback'],
    memory: 'pages',
    since: '3.0',
    source:
      'pages under I/O [LWN, 25 July 2011]; a file system says so of what it writes back. Whoever writes waits for that since 3.0 (grab_cache_page_write_begin in mm/filemap.c of 3.2, not in 2.6.38)',
  },
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new StablePages(k),
} satisfies Design;

class StablePages extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (loan.writeback) page.loan = loan; // PG_writeback, set by its file system [nfs_set_page_writeback]
  }

  override returned(loan: Loan): void {
    if (!loan.writeback && !loan.completed) this.k.complete(loan); // nobody waits for a page without the flag [in the card]
  }

  override mayWrite(page: Page): boolean {
    return page.loan === null || page.loan.completed; // wait_on_page_writeback
  }

  override replied(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan); // end_page_writeback
  }

  override unanswered(loan: Loan, last: boolean): void {
    if (last && !loan.completed) this.k.complete(loan); // an I/O error ends the writeback, too [end_page_writeback]
  }
}
