// The first page: what lastref is, a way in, what was learned.
import { readFileSync } from 'node:fs';
import { ROOT } from '@lastref/runner';
import type { Page } from './frame.ts';
import { rendered } from './markdown.ts';

/** A part of README.md: between two of its markers, or under a heading. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start + from.length);
  if (start < 0 || end < 0) throw new Error(`README.md: no '${from}' before '${to}'`);
  return text.slice(start + from.length, end);
}

/** Sentence and token of what was learned, in its order. */
export function learned(readme: string): { readonly text: string; readonly token: string }[] {
  const part = between(readme, '<!-- learned -->', '<!-- /learned -->');
  return [...part.matchAll(/^\d+\. (.*)\n\s+`\S+ replay (\S+)`/gm)].map(([, text, token]) => ({
    text: text!,
    token: token!,
  }));
}

/** A token's story in the playground. */
export function storyLink(token: string): string {
  const design = token.split('.')[1]!;
  return `play.html#design=${design}&t=${token}`;
}

export function frontPage(): Page {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const what = rendered(between(readme, '# lastref\n', '<!-- table -->'), (href) => href).html;
  const items = learned(readme).map(
    ({ text, token }) =>
      `<li>${rendered(text, (href) => href).html.replace(/^<p>|<\/p>\s*$/g, '')} <a href="${storyLink(token)}">See it happen<span class="unseen">: ${token.split('.')[1]} on ${token.split('.')[2]}</span></a></li>`,
  );
  const body = `<div class="hero">
<h1>When has the network stack really let go of the last reference to my page?</h1>
${what}
<p class="ways">
<a class="button go" href="play.html">Refute a design in the playground</a>
<a class="button" href="docs/tutorial.html">Write one of your own</a>
<a class="button" href="results/report.html">All verdicts on one page</a>
</p>
</div>
<section aria-labelledby="first">
<h2 id="first">Two minutes</h2>
<ol class="steps-in">
<li><a href="play.html#design=naive-sendpage">Open the playground</a> with a wrong design: it takes the return of sendpage for the end. Its verdicts stand beside it, and a diagram shows how an application comes to read bytes that nobody sent.</li>
<li>Repair it in the editor. <a href="play.html#design=my-design">A start that is nearly right</a> counts the fragments that it lends, and not the references that the stack takes on them later. The hook for that is <code>fragRef</code>.</li>
<li>Press <em>Check</em>: every order of events within bounds, not one run.</li>
<li>Or be the one who decides: under <em>You choose what happens next</em> the list of what may come next is yours, with undo, and a search goes on from wherever you are.</li>
</ol>
</section>
<section aria-labelledby="learned">
<h2 id="learned">What we learned</h2>
<p class="lead">Each sentence has a run behind it that you can step through.</p>
<ol class="learned">
${items.join('\n')}
</ol>
</section>
<section aria-labelledby="evidence">
<h2 id="evidence">The evidence</h2>
<ul class="cards">
<li><a href="results/compare.html">Every design on every workload</a><span>verdicts, how late, at what cost</span></li>
<li><a href="results/eras.html">Verdicts by kernel release</a><span>since which kernel, and what broke it</span></li>
<li><a href="operations/index.html">Operations</a><span>which function of the kernel breaks which design</span></li>
<li><a href="results/lab.html">The model beside four kernels</a><span>the same scripts on unmodified kernels</span></li>
<li><a href="results/claims.html">What the sources claim</a><span>and whether it holds</span></li>
<li><a href="docs/bugs.html">Bugs of history</a><span>found in the wrong version, gone behind the fix</span></li>
<li><a href="docs/omissions.html">What the model leaves out</a><span>layer by layer, and whether it could change a verdict</span></li>
<li><a href="docs/errata.html">Verdicts that changed</a><span>and why</span></li>
</ul>
</section>`;
  return { path: 'index.html', title: 'When is the page really free?', body };
}
