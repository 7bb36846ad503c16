// The pages of the catalog of bugs, as text.
import { existsSync } from 'node:fs';
import type { Bug } from '@lastref/bugs';
import { CHANGES, type KnownChange } from '@lastref/kernel';
import { bugWords, bugsTable, cleanShare, type BugRow } from '@lastref/report';

const ROOT = new URL('../../../', import.meta.url);

export function bugsPage(rows: readonly BugRow[]): string {
  const doc = { schema: 'lastref.bugs/1' as const, rows: [...rows], digest: '' };
  return `# Bugs of history

Each of these happened. \`lastref bugs\` searches the wrong version until it shows the bug, and then the fixed one to the end
of the same bound; the two differ in what the fix changed. No order of steps is given: the search finds it. *Clean runs* are
complete runs of the wrong version at random that show nothing: how seldom a test would have met it.

\`\`\`sh
./lastref bugs
./lastref bugs sunrpc-rtx
./lastref find nfs corruption
\`\`\`

${bugsTable(doc, (id) => `bugs/${id}.md`)}

For a class there are six wrong designs to repair, taken and graded by a command:

\`\`\`sh
./lastref exercise
\`\`\`

What is not here yet: bugs that need two CPUs at once, a program above the socket that reads notifications, or a failed
submission that its caller cleans up after.
`;
}

/** What the fix is, where both versions are one design in two kernels. */
function changeOf({ wrong, fixed }: Bug): string | null {
  const key = /[-+]([a-z]\w*)$/.exec(wrong.era)?.[1] ?? /[-+]([a-z]\w*)$/.exec(fixed.era)?.[1];
  if (key === undefined) return null;
  const { what, source } = (CHANGES as Readonly<Record<string, KnownChange>>)[key]!;
  return `The two versions are \`${wrong.design.id}\` in ${wrong.era} and in ${fixed.era}. The change: ${what} (${source}).`;
}

function files(id: string): string {
  const dir = `packages/bugs/src/catalog/${id}`;
  const one = (name: string): string => `[${name}.ts](../../${dir}/${name}.ts)`;
  return existsSync(new URL(`${dir}/wrong.ts`, ROOT))
    ? `The two versions: ${one('wrong')} and ${one('fixed')}.`
    : `The two versions stand in [${id}.ts](../../packages/bugs/src/catalog/${id}.ts).`;
}

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
- Both on ${row.on.map((id) => `\`${id}\``).join(', ')}.

\`\`\`text
${steps.join('\n')}
\`\`\`

${row.wrong.text ?? ''}

\`\`\`sh
./lastref bugs ${row.id}
\`\`\`
`;
}
