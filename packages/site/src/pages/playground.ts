// The page of the playground, before its script fills it.
import type { Page } from './frame.ts';

export function playgroundPage(): Page {
  const select = (id: string, label: string): string =>
    `<div class="field"><label for="${id}">${label}</label><select id="${id}"></select></div>`;
  const body = `<h1>Playground</h1>
<p class="lead">A design answers two questions: where does the loan hang, and what keeps it alive? Change the source: it is judged on
every workload while you type. <a href="docs/seam.html">The seam</a> lists the hooks, <a href="docs/tutorial.html">the tutorial</a> repairs one.
A <a href="docs/runtime.html">program above a socket</a> is judged as well: <code>my-runtime</code> is one to begin with.</p>
<div class="bar">
${select('design', 'design')}
${select('beside', 'beside it')}
${select('era', 'kernel')}
<button type="button" id="link">Link to this</button>
</div>
<p id="notice" role="status"></p>
<div class="bench">
<div id="editor"></div>
<div id="verdicts"></div>
</div>
<h2 id="story-title">How it goes wrong</h2>
<p class="lead">The shortest of the findings above, or the one you choose in the table; the other design takes the same steps.</p>
<div id="story"></div>
<div id="checking"></div>
<div id="exploring"></div>
<iframe id="machine" title="the model at work" sandbox="allow-scripts" hidden></iframe>
<noscript><p>The playground runs the model in your browser and needs its scripts. <a href="results/report.html">The report</a> has all verdicts.</p></noscript>`;
  return { path: 'play.html', title: 'Playground', body, scripts: ['play.js'], wide: true };
}
