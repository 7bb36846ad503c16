import type { Design, Loan } from '@lastref/kernel';
import { MsgZerocopy } from '../msg-zerocopy.ts';

export const design = {
  id: 'canary-never-says-copied',
  title: 'canary: a notification that denies every copy',
  year: 2026,
  source: 'made wrong on purpose, after 02583adeff12, which mended such a case',
  status: 'canary',
  summary: 'msg-zerocopy whose notifications never have the copied flag, whatever was sent.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new NeverSaysCopied(k),
} satisfies Design;

class NeverSaysCopied extends MsgZerocopy {
  protected override announce(loan: Loan): void {
    super.announce(loan, false); // the bug [in the card]
  }
}
