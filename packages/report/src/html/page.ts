// One file that opens from disk and asks nobody for anything: script, style and data stand in it, and its policy
// forbids every request.
import { createHash } from 'node:crypto';
import { loadAssets } from './assets.ts';
import type { ReportData } from './data.ts';

/** Text between tags. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** JSON that can stand in a script element: nothing in it ends one. */
function jsonInScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** The page. The same data gives the same bytes. */
export async function reportHtml(data: ReportData): Promise<string> {
  const { script, style } = await loadAssets();
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(data.title)} · lastref</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#verdicts">Skip to the verdicts</a>
<div id="page"></div>
<noscript><p>This page draws its tables and diagrams with a script of its own. Without scripts, read the
Markdown page or the text that were written beside it.</p></noscript>
<script type="application/json" id="data">${jsonInScript(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}
