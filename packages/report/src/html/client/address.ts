// What an address says of a story: its token, its loan, a step, the design that is shown beside the one that fails. Tokens
// outlive a page, so that a link into one report finds the same story in the next.

export interface Address {
  readonly token: string;
  readonly loan?: number | undefined;
  readonly step?: number | undefined;
  /** The design whose side is shown, where it is not that of the token. */
  readonly beside?: string | undefined;
}

export function addressOf({ token, loan, step, beside }: Address): string {
  const parts = [`t=${token}`];
  if (loan !== undefined) parts.push(`loan=${loan}`);
  if (step !== undefined) parts.push(`step=${step}`);
  if (beside !== undefined) parts.push(`beside=${encodeURIComponent(beside)}`);
  return `#${parts.join('&')}`;
}

/** null: it names no story; a text: what is wrong with one that tries to. */
export function readAddress(hash: string): Address | string | null {
  const text = hash.replace(/^#/, '');
  if (!/(^|&)(t|story)=/.test(text)) return null;
  if (text.startsWith('story=')) return 'links by number (#story=…) are from an older report';
  const said = new URLSearchParams(text);
  const token = said.get('t') ?? '';
  if (!/^lr\d[\w.~-]+$/.test(token)) return 't= is followed by a token, such as lr2.rpc-reply.…';
  const number = (name: string): number | undefined => {
    const value = said.get(name);
    return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  };
  for (const name of ['loan', 'step'])
    if (said.has(name) && number(name) === undefined) return `${name}= takes a number`;
  return {
    token,
    loan: number('loan'),
    step: number('step'),
    beside: said.get('beside') ?? undefined,
  };
}
