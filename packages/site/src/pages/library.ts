// Which files of the repository are pages: those named, and whatever they lead to. So every link resolves: a Markdown
// file is a page, a source is a page with its lines, a folder shows its README or its list, anything else is a copy.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { escapeHtml } from '@lastref/report';
import { ROOT } from '@lastref/runner';
import type { Page } from './frame.ts';
import { rendered } from './markdown.ts';

/** Files that pages are made of in the first place. */
const FOLDERS = ['docs', 'docs/designs', 'docs/bugs', 'results'];
/** Pages of our own stand where these would. */
const ELSEWHERE: Readonly<Record<string, string>> = { 'README.md': 'index.html' };
const SOURCE = /\.(ts|mjs|js|json|ya?ml|txt|css|c|h|sh)$|(^|\/)(LICENSE|lastref)$/;
/** JSON and text of results are for machines, too: as they are. */
const RAW = /^(results|docs)\/.*\.(json|txt|html|png|svg|pcap|pcapng)$/;

export interface Copy {
  readonly path: string;
  readonly from: string;
}

export interface Library {
  readonly pages: readonly Page[];
  readonly copies: readonly Copy[];
}

export function library(): Library {
  const shelf = new Shelf();
  for (const folder of FOLDERS)
    for (const name of readdirSync(`${ROOT}${folder}`).sort())
      if (name.endsWith('.md')) shelf.pathOf(`${folder}/${name}`);
  shelf.pathOf('results/report.html');
  shelf.pathOf('CONTRIBUTING.md');
  shelf.pathOf('LICENSE');
  return shelf.all();
}

/** The README, with its links led into the site: what the front page takes its parts from. */
export function readmeHtml(shelfOf: (file: string) => string): (text: string) => string {
  return (text) => rendered(text, (href) => (isOutside(href) ? href : shelfOf(href))).html;
}

function isOutside(href: string): boolean {
  return /^([a-z]+:|#)/.test(href);
}

class Shelf {
  private readonly paths = new Map<string, string>();
  private readonly waiting: string[] = [];
  private readonly pages: Page[] = [];
  private readonly copies: Copy[] = [];

  /** Where `file` lies in the site; from now on it does. */
  pathOf(file: string): string {
    const known = ELSEWHERE[file] ?? this.paths.get(file);
    if (known !== undefined) return known;
    const path = placeOf(file);
    this.paths.set(file, path);
    this.waiting.push(file);
    return path;
  }

  all(): Library {
    for (let file = this.waiting.shift(); file !== undefined; file = this.waiting.shift())
      this.make(file, this.paths.get(file)!);
    return { pages: this.pages, copies: this.copies };
  }

  private make(file: string, path: string): void {
    if (path.endsWith('.html') && !file.endsWith('.html')) this.pages.push(this.page(file, path));
    else this.copies.push({ path, from: `${ROOT}${file}` });
  }

  private page(file: string, path: string): Page {
    const at = readmeIn(file);
    if (at.endsWith('.md')) {
      const { title, html } = rendered(read(at), (href) => this.follow(href, at, path));
      return { path, title: title || file, body: html };
    }
    if (statSync(`${ROOT}${file}`).isDirectory()) return this.listing(file, path);
    const play = /^strategies\/([a-z0-9-]+)\.ts$/.exec(file)?.[1];
    const open =
      play === undefined
        ? ''
        : `<p><a class="button" href="../play.html#design=${play}">Open it in the playground</a></p>\n`;
    const body = `<h1><code>${escapeHtml(file)}</code></h1>\n${open}<pre tabindex="0"><code>${escapeHtml(read(file))}</code></pre>`;
    return { path, title: file, body };
  }

  private listing(folder: string, path: string): Page {
    const names = readdirSync(`${ROOT}${folder}`).filter(
      (name) => !['dist', 'node_modules'].includes(name) && !name.startsWith('.'),
    );
    const items = names.sort().map((name) => {
      const to = posix.relative(posix.dirname(path), this.pathOf(`${folder}/${name}`));
      return `<li><a href="${escapeHtml(to)}">${escapeHtml(name)}</a></li>`;
    });
    return {
      path,
      title: folder,
      body: `<h1><code>${escapeHtml(folder)}/</code></h1>\n<ul>${items.join('\n')}</ul>`,
    };
  }

  /** A link of `file`, whose page is `path`. */
  private follow(href: string, file: string, path: string): string {
    if (isOutside(href)) return href;
    const [to, part] = href.split('#') as [string, string | undefined];
    const target = posix.normalize(posix.join(posix.dirname(file), to)).replace(/\/$/, '');
    if (target.startsWith('..') || !existsSync(`${ROOT}${target}`))
      throw new Error(`${file}: its link to ${href} leads nowhere`);
    const found = posix.relative(posix.dirname(path), this.pathOf(target));
    return part === undefined ? found : `${found}#${part}`;
  }
}

const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');

/** A folder's README, or the file itself. */
function readmeIn(file: string): string {
  const readme = `${file}/README.md`;
  return existsSync(`${ROOT}${readme}`) ? readme : file;
}

function placeOf(file: string): string {
  if (statSync(`${ROOT}${file}`).isDirectory()) return `${file}/index.html`;
  if (file.endsWith('/README.md')) return file.replace(/README\.md$/, 'index.html');
  if (file.endsWith('.md')) return file.replace(/\.md$/, '.html');
  if (RAW.test(file)) return file;
  return SOURCE.test(file) ? `${file}.html` : file;
}
