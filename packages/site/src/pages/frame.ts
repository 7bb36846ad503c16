// What stands around every page: head, navigation, foot.
import { escapeHtml } from '@lastref/report';

export interface Page {
  /** Where it lies in the site: 'docs/seam.html'. */
  readonly path: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** Scripts of the page, by path from the root of the site. */
  readonly scripts?: readonly string[];
  /** As wide as the window. */
  readonly wide?: boolean;
}

/** The navigation, by paths from the root. */
const NAVIGATION: readonly (readonly [path: string, name: string])[] = [
  ['play.html', 'Playground'],
  ['docs/tutorial.html', 'Tutorial'],
  ['docs/designs/index.html', 'Designs'],
  ['operations/index.html', 'Operations'],
  ['docs/bugs.html', 'Bugs'],
  ['results/eras.html', 'By kernel release'],
  ['results/lab.html', 'Beside real kernels'],
  ['results/claims.html', 'Claims'],
  ['results/report.html', 'Report'],
  ['docs/errata.html', 'Changes'],
  ['docs/seam.html', 'Seam'],
  ['docs/glossary.html', 'Glossary'],
  ['contents.html', 'All pages'],
];

/** From a page to the root of the site: '', '../', '../../'. */
export function toRoot(path: string): string {
  return '../'.repeat(path.split('/').length - 1);
}

/** Nothing but the site's own files. CodeMirror puts its styles into the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export function pageHtml({ path, title, body, scripts = [], wide = false }: Page): string {
  const root = toRoot(path);
  const links = NAVIGATION.map(([to, name]) => {
    const here = to === path ? ' aria-current="page"' : '';
    return `<a href="${root}${to}"${here}>${name}</a>`;
  });
  const tags = ['theme.js', ...scripts].map(
    (src) => `<script type="module" src="${root}${src}"></script>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)} · lastref</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}site.css">
${tags.join('\n')}
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header class="bar-top">
<a class="home" href="${root}index.html">lastref</a>
<nav aria-label="site">${links.join('\n')}</nav>
<span id="theme"></span>
</header>
<main id="main"${wide ? ' class="wide"' : ''}>
${body}
</main>
<footer>
<p>A model of the Linux sk_buff layer: when is the network stack really done with a lent page? Everything here runs
in this browser and asks the network for nothing. MIT licence.</p>
</footer>
</body>
</html>
`;
}
