// The project's Markdown as HTML: the same files that a reader of the repository sees, with links that stay in the site.
import MarkdownIt from 'markdown-it';

/** Where a link of a file leads in the site. */
export type Follow = (href: string) => string;

/** GitHub's name for a heading, as links in the files have it. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

export interface Rendered {
  /** Of the first heading. */
  readonly title: string;
  readonly html: string;
}

type Tokens = ReturnType<InstanceType<typeof MarkdownIt>['parse']>;

export function rendered(text: string, follow: Follow): Rendered {
  const md = new MarkdownIt({ html: true, linkify: false, typographer: false });
  const tokens = md.parse(text, {});
  const title = nameHeadings(tokens);
  for (const token of tokens)
    for (const child of [token, ...(token.children ?? [])]) lead(child, follow);
  const html = md.renderer
    .render(tokens, md.options, {})
    .replaceAll(
      '<table>',
      '<div class="scroll" tabindex="0" role="region" aria-label="table"><table>',
    )
    .replaceAll('</table>', '</table></div>')
    .replaceAll('<pre>', '<pre tabindex="0">');
  return { title, html };
}

/** Gives headings their ids; returns the text of the first. */
function nameHeadings(tokens: Tokens): string {
  const seen = new Map<string, number>();
  let title = '';
  tokens.forEach((token, i) => {
    if (token.type !== 'heading_open') return;
    const words = (tokens[i + 1]!.children ?? [])
      .filter((c) => c.type === 'text' || c.type === 'code_inline')
      .map((c) => c.content)
      .join('');
    if (title === '') title = words;
    const slug = slugOf(words);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    token.attrSet('id', times === 0 ? slug : `${slug}-${times}`);
  });
  return title;
}

const IN_HTML = /\b(href|src|srcset)="([^"]*)"/g;

function lead(token: Tokens[number], follow: Follow): void {
  for (const name of ['href', 'src']) {
    const to = token.attrGet(name);
    if (to !== null) token.attrSet(name, follow(String(to)));
  }
  if (token.type === 'html_block' || token.type === 'html_inline')
    token.content = token.content.replace(IN_HTML, (_, name, to) => `${name}="${follow(to)}"`);
}
