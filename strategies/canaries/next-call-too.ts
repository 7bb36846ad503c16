import type { Design, Loan } from '@lastref/kernel';
import { MsgZerocopy } from '../msg-zerocopy.ts';

export const design = {
  id: 'canary-next-call-too',
  title: 'canary: a notification with a range that is one too long',
  year: 2026,
  source: 'made wrong on purpose',
  status: 'canary',
  summary: 'msg-zerocopy whose notifications announce the following send call as well.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new NextCallToo(k),
} satisfies Design;

class NextCallToo extends MsgZerocopy {
  protected override announce(uarg: Loan, copied: boolean): void {
    const { producer, call } = uarg;
    this.k.notify(producer, call, call + this.callsOf(uarg), copied); // the bug [in the card]
  }
}
