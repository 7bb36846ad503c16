// Parts of a page that are made from something else: between two marks, `<!-- name -->` and `<!-- /name -->`.
import { expect } from 'vitest';

/** The page with what stands between its two marks replaced. */
export function withBlock(page: string, mark: string, text: string): string {
  const block = new RegExp(`<!-- ${mark} -->[\\s\\S]*?<!-- /${mark} -->`);
  expect(page).toMatch(block);
  return page.replace(block, () => `<!-- ${mark} -->\n\n${text}\n\n<!-- /${mark} -->`);
}
