/** Text from outside for a terminal: what would move the cursor or change its colours is shown, not sent. */
export function printable(text: string): string {
  return Array.from(text, (c) => {
    const code = c.codePointAt(0)!;
    const controls = code < 0x20 || (code >= 0x7f && code < 0xa0);
    return controls ? `\\x${code.toString(16).padStart(2, '0')}` : c;
  }).join('');
}
