// The whole site, as files by path: pages from what is there already, and the playground.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERAS } from '@lastref/kernel';
import { loadAssets } from '@lastref/report';
import { ROOT, allDesigns } from '@lastref/runner';
import { designFile, runtimeFile } from '@lastref/runner/new';
import { RUNTIME_WORKLOADS, WORKLOADS } from '@lastref/workloads';
import { bundleScripts } from './bundle/bundle.ts';
import { contentsPage } from './pages/contents.ts';
import { pageHtml, type Page } from './pages/frame.ts';
import { frontPage } from './pages/front.ts';
import { library } from './pages/library.ts';
import { operationPages } from './pages/operations.ts';
import { playgroundPage } from './pages/playground.ts';

export type Files = ReadonlyMap<string, string | Uint8Array>;

/** The same repository gives the same bytes. */
export async function siteFiles(): Promise<Files> {
  const files = new Map<string, string | Uint8Array>();
  const { pages, copies } = library();
  const own = [frontPage(), playgroundPage(), contentsPage(pages), ...operationPages()];
  const all: Page[] = [...own, ...pages];
  for (const page of all) files.set(page.path, pageHtml(page));
  for (const { path, from } of copies) files.set(path, readFileSync(from));
  const { model, compiler, frame, play, theme } = await bundleScripts();
  files.set('model.js', model);
  files.set('compiler.js', compiler);
  files.set('play.js', play);
  files.set('theme.js', theme);
  files.set('frame.html', frameHtml(frame));
  files.set('catalog.json', JSON.stringify(await catalog()));
  const style = fileURLToPath(new URL('../src/site.css', import.meta.url));
  files.set('site.css', `${(await loadAssets()).style}\n${readFileSync(style, 'utf8')}`);
  return files;
}

/** The year that stands in the card of the playground's own design; a reader changes it. */
const YEAR = 2026;

/** What the playground offers: the starts that `lastref new` writes, and every design of the repository. */
async function catalog(): Promise<object> {
  const starts = [designFile('my-design', YEAR), runtimeFile('my-runtime', YEAR)].map(
    ({ name, data }) => ({
      id: name.replace(/\.ts$/, ''),
      title: 'a start',
      start: true,
      text: data,
    }),
  );
  const shipped = (await allDesigns()).map(({ design: { id, title } }) => ({
    id,
    title,
    text: readFileSync(`${ROOT}strategies/${id}.ts`, 'utf8'),
  }));
  return {
    designs: [...starts, ...shipped],
    workloads: [...WORKLOADS, ...RUNTIME_WORKLOADS].map(({ id, title, runtime = false }) => ({
      id,
      title,
      runtime,
    })),
    eras: ERAS.map((era) => era.id),
  };
}

/** What foreign source runs in: nothing may be asked of anybody, and only its own script and workers run. */
function frameHtml(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}' 'unsafe-eval' blob:`,
    'worker-src blob:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>the model at work</title>
</head>
<body><script>${script}</script></body>
</html>
`;
}
