// The ledger of claims as a page: an annotated history, document by document.
import type { ClaimRow, ClaimsDocument } from '../claims.ts';
import { verdictCounts } from './text.ts';
import { escapeMarkdown, code, table } from '../markup.ts';

const WORDS: Readonly<Record<ClaimRow['verdict'], string>> = {
  confirmed: 'confirmed',
  refuted: 'refuted',
  qualified: 'qualified',
  'not-settled': 'not settled',
};

/** The whole page. */
export function claimsMarkdown(doc: ClaimsDocument): string {
  const parts = [
    '# What was claimed, and what the experiments say',
    INTRODUCTION,
    `${doc.rows.length} statements: ${verdictCounts(doc)}. Digest ${code(doc.digest)}.`,
    table(
      ['document', 'date', 'claims'],
      doc.sources.map((s) => [
        `[${escapeMarkdown(s.author)}: ${escapeMarkdown(s.title)}](#${anchor(headingOf(s))})`,
        escapeMarkdown(s.date),
        doc.rows
          .filter((r) => r.source === s.id)
          .map((r) => `[${r.id}](#${r.id.toLowerCase()})`)
          .join(' '),
      ]),
    ),
  ];
  for (const source of doc.sources) {
    parts.push(
      `## ${headingOf(source)}`,
      `*${escapeMarkdown(source.date)}.* ${escapeMarkdown(source.about)}`,
    );
    const rows = doc.rows.filter((r) => r.source === source.id);
    for (const row of rows) parts.push(section(row));
  }
  return `${parts.join('\n\n')}\n`;
}

const INTRODUCTION = `Between 2007 and 2013 five documents discussed how a producer could learn that the network stack has let go of its
pages. They argue from experience, and most of what they say was never tested in public. Each statement that an
experiment can settle stands here in our own words, with the experiment and its outcome. A verdict is computed from runs of
the model every time that \`./lastref claims\` is called; none is written down anywhere.

*Confirmed*: the experiment could have come out otherwise and did not. *Refuted*: there is a counterexample.
*Qualified*: it is true under a condition that the experiment names, and both sides were seen. *Not settled*: the model lacks
what it would take. *By construction*: it could not have come out otherwise, and why. What a verdict rests on (kernel, bounds, seeds) stands under each; the model and its omissions are
described in [docs/omissions.md](../docs/omissions.md).`;

function headingOf(source: ClaimsDocument['sources'][number]): string {
  return `${source.author}: ${source.title}`;
}

/** The first letter large, unless it begins a name of the kernel's. */
function capital(text: string): string {
  return /^[a-z]+[_>]/.test(text) || /^(sendpage|sendfile|skb)/.test(text)
    ? text
    : text.charAt(0).toUpperCase() + text.slice(1);
}

/** As GitHub makes it of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .replace(/\s/g, '-');
}

function section(row: ClaimRow): string {
  const lines = [
    `### ${row.id}`,
    `**${capital(escapeMarkdown(row.text))}.** ${escapeMarkdown(row.hypothesis)}`,
    `*Run.* ${escapeMarkdown(row.run)} It would be refuted if: ${escapeMarkdown(row.refuting)}.`,
    `*Seen.* ${escapeMarkdown(row.saw)}`,
    `**Verdict: ${WORDS[row.verdict]}.**${row.missing === null ? '' : ` Missing: ${escapeMarkdown(row.missing)}.`}${row.byConstruction === null ? '' : ` *By construction:* ${escapeMarkdown(row.byConstruction)}.`} Scope: ${escapeMarkdown(row.scope)}.`,
    `Again: ${code(`./lastref claims --claim ${row.id}`)}${row.token === null ? '' : ', and step by step:'}`,
  ];
  if (row.token !== null) lines.push(`\`\`\`sh\n./lastref replay ${row.token}\n\`\`\``);
  return lines.join('\n\n');
}
