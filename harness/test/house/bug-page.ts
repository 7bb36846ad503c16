// The pages of the catalog of bugs, as text.
import { existsSync, readFileSync } from 'node:fs';
import { MISSING, type Bug } from '@lastref/bugs';
import { CHANGES, type KnownChange } from '@lastref/kernel';
import {
  bugWords,
  bugsTable,
  cleanShare,
  missingTable,
  playedOn,
  type BugRow,
} from '@lastref/report';
import { diffOf } from './diff.ts';

const ROOT = new URL('../../../', import.meta.url);

export function bugsPage(rows: readonly BugRow[]): string {
  const doc = { rows: [...rows] };
  return `# Bugs of history

Each of these happened. \`lastref bugs\` searches the wrong version until it shows the bug, and then the fixed one to the end
of the same bound; the two differ in what the fix changed: a line of the kernel, a design, or a program that lends. No order of
steps is given: the search finds it. *Clean runs* are complete runs of the wrong version at random that show nothing: how seldom
a test would have met it.

\`\`\`sh
./lastref bugs
./lastref bugs sunrpc-rtx
./lastref find nfs corruption
./lastref find netty NoSuchElementException
\`\`\`

${bugsTable(doc, (id) => `bugs/${id}.md`)}

For a class there are six wrong designs to repair, taken and graded by a command:

\`\`\`sh
./lastref exercise
\`\`\`

A bug that is not here, of yours or of others, is [a file](own-bugs.md): \`lastref bugs --with FILE\`. Bugs of programs above a socket can be written down with the docs alone: [Programs above a socket](runtime.md) has thirteen.

## Not expressed yet

${missingTable({ missing: [...MISSING] })}
`;
}

/** What the fix is, where both versions are one design in two kernels. */
function changeOf({ wrong, fixed }: Bug): string | null {
  if (wrong.era === fixed.era) return null; // no release, and the same for both
  const key = /[-+]([a-z]\w*)$/.exec(wrong.era)?.[1] ?? /[-+]([a-z]\w*)$/.exec(fixed.era)?.[1];
  if (key === undefined) return null;
  const { what, source } = (CHANGES as Readonly<Record<string, KnownChange>>)[key]!;
  return `The two versions are \`${wrong.design.id}\` in ${wrong.era} and in ${fixed.era}. The change: ${what} (${source}).`;
}

function files(id: string): string {
  const dir = `packages/bugs/src/catalog/${id}`;
  const one = (name: string): string => `[${name}.ts](../../${dir}/${name}.ts)`;
  const text = (name: string): string =>
    readFileSync(new URL(`${dir}/${name}.ts`, ROOT), 'utf8').replace(IMPORTS, '');
  return existsSync(new URL(`${dir}/wrong.ts`, ROOT))
    ? `The two versions: ${one('wrong')} and ${one('fixed')}.

\`\`\`diff
${diffOf(text('wrong'), text('fixed'))}
\`\`\``
    : `The two versions stand in [${id}.ts](../../packages/bugs/src/catalog/${id}.ts).`;
}

/** At the top of a file: what it takes from others is of no interest to whoever compares two versions. */
const IMPORTS = /^import [^;]*;\n+/gm;

export function bugPage(row: BugRow, bug: Bug): string {
  const { wrong, fixed } = bugWords(row);
  const steps = row.wrong.steps.map(({ n, text }) => `${String(n).padStart(6)}  ${text}`);
  const left = bug.left === undefined ? '' : `\n**What is left.** ${bug.left}\n`;
  return `# ${row.id}: ${row.title}

${row.where}, ${row.year}. ${row.source}. Kind: ${row.kind}.

${bug.mechanism}

**The fix.** ${bug.fix}
${left}
**What would have found it.** ${bug.lesson}

${changeOf(bug) ?? files(bug.id)}

## What the search says

- Wrong version: ${wrong}, after ${row.wrong.states} states.
- Fixed version: ${fixed}, ${row.fixed.states} states.
- Of ${row.runs} complete runs of the wrong version at random ${cleanShare(row)} show nothing.
- ${playedOn(row, (id) => `\`${id}\``)}.

\`\`\`text
${steps.join('\n')}
\`\`\`

${row.wrong.text ?? ''}

\`\`\`sh
./lastref bugs ${row.id}
\`\`\`
`;
}
