// One design plays at both hosts. Who knows at one of them what happened at the other couples them, and a search that leaves out
// orders of their steps would call what is wrong "exhausted".
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSchema } from '@lastref/report';
import { expect, test } from 'vitest';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

/** A destructor in each fragment, and something that makes it forget its producer. */
/** `hold`: adds so many holders to a loan, where it counts these itself. */
const source = (body: string, forgets: string, hold?: string): string => `
import { GetPutPage, type Design } from '@lastref/kernel';
export const design = { id: 'mine', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0,
  claims: [], era: { id: '3.8', source: 's' }, create: (k: any) => new Mine(k) } as Design;
class Mine extends GetPutPage {
  ${body}
  override lend(skb: any, page: any, at: number, size: number, loan: any): void {
    this.k.fillPageDesc(skb, page, at, size).loan = loan;
    ${hold === undefined ? 'this.k.hold(loan)' : `${hold}(loan, 1)`};
  }
  override mayMerge(frag: any, loan: any): boolean { return frag.loan === loan; }
  override fragRef(shinfo: any, frag: any): void {
    if (frag.loan === null) super.fragRef(shinfo, frag);
    else ${hold === undefined ? 'this.k.hold(frag.loan)' : `${hold}(frag.loan, 1)`};
  }
  override fragUnref(shinfo: any, frag: any): void {
    if (frag.loan === null) super.fragUnref(shinfo, frag);
    else if (!(${forgets})) ${hold === undefined ? 'this.k.drop(frag.loan)' : `${hold}(frag.loan, -1)`};
  }
  override released(loan: any): void { ${hold === undefined ? 'this.k.drop(loan)' : `${hold}(loan, -1)`}; }
  override keepsOwner(): boolean { return true; }
}`;

test.each([
  [
    'whether an answer of the peer is still in its ring',
    `client: any = null; out = false;
  override charged({ sk }: any): void { this.client ??= sk; if (sk !== this.client) this.out = true; }
  override skbDestructor({ sk }: any): void { if (sk !== this.client) this.out = false; }`,
    'this.out',
  ],
  [
    'how much the program of the peer has not read',
    `unread = false;
  override charged({ sk }: any): void { if (sk !== null && sk.rmemAlloc > 4560) this.unread = true; }`,
    'this.unread',
  ],
  [
    'how many answers are, from a field that it added to a loan which it keeps',
    `client: any = null; first: any = null; out: any = this.k.sideField();
  override begins(loan: any): void { this.first ??= loan; }
  count(): number { return (this.first?.live ? this.out.get(this.first) : 0) ?? 0; }
  add(n: number): void { if (this.first?.live) this.out.set(this.first, this.count() + n); }
  override charged({ sk }: any): void { this.client ??= sk; if (sk !== this.client) this.add(1); }
  override skbDestructor({ sk }: any): void { if (sk !== this.client) this.add(-1); }`,
    'this.count() > 2',
  ],
  [
    'how many answers are, from who holds a loan which it keeps, and counts its own holders elsewhere',
    `client: any = null; first: any = null; holders: any = this.k.sideField();
  begins(loan: any): void { this.first ??= loan; }
  hold(loan: any, n: number): void {
    const now = (this.holders.get(loan) ?? 1) + n;
    this.holders.set(loan, now);
    if (now === 0) this.k.complete(loan);
  }
  override charged({ sk }: any): void { this.client ??= sk; if (sk !== this.client && this.first?.live) this.k.hold(this.first); }
  override skbDestructor({ sk }: any): void { if (sk !== this.client && this.first?.live && this.first.refs > 1) this.k.drop(this.first); }`,
    'frag.loan.refs > 2',
    'this.hold',
  ],
])(
  'a candidate that knows %s is not exhausted',
  (_, body, forgets, hold?: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'lastref-other-host-'));
    const file = join(dir, 'mine.ts');
    writeFileSync(file, source(body, forgets, hold));
    const bound = ['--operations', '1', '--drops', '0', '--retransmissions', '0'];
    const args = ['check', 'mine', 'bulk-loss', ...bound, '--with', file, '--json'];
    const { result, property } = checkSchema.parse(JSON.parse(said(dir, lastref, ...args).stdout));
    expect([result, property]).toEqual(['refuted', 'lost']);
  },
  120_000,
);

test.each([[[]], [['--trust']]])(
  'nor one that keeps in mind that the peer has sent something again while its device had it, as the site of a clone says (%s)',
  (trust) => {
    const body = `bad = false;
  override clone({ shinfo }: any, site: any): 0 | 1 {
    const lent = shinfo.frags.slice(0, shinfo.nrFrags).some((frag: any) => frag.loan !== null);
    if (site === 4 && !lent) this.bad = true;
    return 0;
  }`;
    const dir = mkdtempSync(join(tmpdir(), 'lastref-other-host-'));
    const file = join(dir, 'mine.ts');
    writeFileSync(file, source(body, 'this.bad'));
    const args = ['check', 'mine', 'nfs-odirect', '--operations', '1', '--drops', '0'];
    const { stdout } = said(dir, lastref, ...args, '--with', file, '--json', ...trust);
    const { result, property } = checkSchema.parse(JSON.parse(stdout));
    expect([result, property]).toEqual(['refuted', 'lost']);
  },
  120_000,
);
