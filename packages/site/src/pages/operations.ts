// A page for each operation of the kernel that touches a fragment, and their list: from the operations themselves and
// the verdicts that are kept (results/verdicts/movers.txt).
import { readFileSync } from 'node:fs';
import { matrixOperations, type Operation } from '@lastref/operations';
import { AS_CONTROL, MATRIX_WORDS, escapeHtml, toneOf } from '@lastref/report';
import { ROOT } from '@lastref/runner';
import type { Page } from './frame.ts';

interface Cell {
  readonly era: string;
  readonly design: string;
  readonly word: string;
  readonly more: string;
}

/** Columns of the golden stand two blanks or more apart. */
function cells(): Map<string, Cell[]> {
  const text = readFileSync(`${ROOT}results/verdicts/movers.txt`, 'utf8');
  const found = new Map<string, Cell[]>();
  for (const line of text.split('\n')) {
    const [operation, era, design, word, more = ''] = line.split(/ {2,}/);
    if (word === undefined) continue;
    const list = found.get(operation!) ?? [];
    found.set(operation!, [...list, { era: era!, design: design!, word, more }]);
  }
  return found;
}

export function operationPath(id: string): string {
  return `operations/${id.replaceAll(/[^A-Za-z0-9_]+/g, '-').replace(/-$/, '')}.html`;
}

export function operationPages(): Page[] {
  const kept = cells();
  const operations = matrixOperations();
  return [list(operations, kept), ...operations.map((o) => page(o, kept.get(o.id) ?? []))];
}

const legend = (): string =>
  `<dl class="legend-list">${MATRIX_WORDS.map((w) => `<div><dt><span class="verdict ${w.tone}">${w.word}</span></dt><dd>${escapeHtml(w.legend)}</dd></div>`).join('')}</dl>`;

function list(operations: readonly Operation[], kept: ReadonlyMap<string, readonly Cell[]>): Page {
  const rows = operations.map((o) => {
    const of = kept.get(o.id) ?? [];
    const count = (test: (word: string) => boolean): number =>
      of.filter((c) => test(c.word)).length;
    const proven = count((w) => w === 'proven');
    const broken = count((w) => !MATRIX_WORDS.slice(0, 6).some((m) => m.word === w));
    const to = operationPath(o.id).replace('operations/', '');
    return `<tr><th scope="row"><a href="${to}"><code>${escapeHtml(o.id)}</code></a></th><td><code>${escapeHtml(o.file)}</code></td><td>${escapeHtml(o.refs)}</td><td class="number">${proven}</td><td class="number">${broken}</td></tr>`;
  });
  const body = `<h1>Operations</h1>
<p>Every function of the kernel, as far as a scan of its trees found them, that takes, drops, copies, moves or writes in place a fragment,
each run on lent pages under every design. A page has its verdicts in the newest kernel that has it.</p>
${legend()}
<div class="scroll" tabindex="0" role="region" aria-label="operations"><table>
<thead><tr><th scope="col">operation</th><th scope="col">file</th><th scope="col">page references</th><th scope="col">proven</th><th scope="col">breaks</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
  return { path: 'operations/index.html', title: 'Operations', body, wide: true };
}

function page(o: Operation, of: readonly Cell[]): Page {
  const rows = of.map(({ design, word, more }) => {
    const said = word === AS_CONTROL ? 'as without it' : word;
    return `<tr><th scope="row"><a href="../docs/designs/${design}.html">${design}</a></th><td><span class="verdict ${toneOf(word)}">${said}</span></td><td>${escapeHtml(more)}</td></tr>`;
  });
  const carries = o.carries.map((c) => c.what).join(', ');
  const body = `<h1><code>${escapeHtml(o.id)}</code></h1>
<dl class="facts">
<div><dt>file</dt><dd><code>${escapeHtml(o.file)}</code></dd></div>
<div><dt>page references</dt><dd>${escapeHtml(o.refs)}</dd></div>
<div><dt>carries with a fragment</dt><dd>${escapeHtml(carries)}</dd></div>
<div><dt>verdicts in</dt><dd>${of[0]?.era ?? 'no kernel here'}</dd></div>
</dl>
<div class="scroll" tabindex="0" role="region" aria-label="verdicts"><table>
<thead><tr><th scope="col">design</th><th scope="col">verdict</th><th scope="col">runs, and what was refuted</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>
${legend()}
<p>Made again by <code>./lastref movers --movers '${escapeHtml(o.id)}'</code>. <a href="index.html">All operations</a></p>`;
  return { path: operationPath(o.id), title: o.id, body };
}
