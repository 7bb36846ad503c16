// A page for a mail or a pull request: short enough to be read, with a token for everything that is said.
import { VERDICT_WORDS, costs, sizes, verdicts } from '../markdown.ts';
import { headRows, matrixShown, matrixWord } from '../matrix.ts';
import { AS_CONTROL } from '../vocabulary.ts';
import { eraWords } from '../tables.ts';
import type { MoversDocument } from '../document.ts';
import { duration, many, threatText, trustedText } from '../words.ts';
import { seedWords, type ReportInput } from '../html/view.ts';
import type { Story } from '../story.ts';
import { labSummary } from '../lab.ts';
import { gravest } from './gravest.ts';
import { escapeMarkdown, table, code } from '../markup.ts';

export function reportMarkdown(input: ReportInput): string {
  const { compare: doc, movers } = input;
  const featured = input.stories.find((s) => s.token === input.featured);
  const parts = [
    '# When was the page really free?',
    `${many(doc.designs.length, 'design')} on ${many(doc.workloads.length, 'workload')}, ${eraWords(doc)}, ${seedWords(doc)}. Digest \`${doc.digest}\`, made by ${input.commands.map(code).join(' and ')}.`,
    ...trustedText(doc, movers),
    '## Verdicts',
    verdicts(doc),
    VERDICT_WORDS,
    '## Costs per data segment',
    costs(doc),
    ...sizes(doc),
    ...(featured === undefined ? [] : ['## A story', story(featured)]),
    ...(movers === null ? [] : ['## Operations', operations(movers)]),
    ...(input.lab === null ? [] : ['## The model beside kernels', labSummary(input.lab)]),
    '## The gravest finding about each design',
    table(
      ['design', 'workload', 'finding', 'replay'],
      gravest(doc).map(({ design, workload, finding: f }) => [
        design,
        workload,
        `${f.property} (${f.harm}; ${threatText(f)}), step ${f.step}: ${escapeMarkdown(f.text)}`,
        `\`./lastref replay ${f.token}\``,
      ]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function operations(movers: MoversDocument): string {
  const faults = movers.faults ? ', allocations of the operation failing too' : '';
  const short: Readonly<Record<string, string>> = {
    proven: '✓',
    copied: 'c',
    refused: 'r',
    [AS_CONTROL]: '=',
    'not-exercised': '-',
    'n/a': '',
  };
  const rows = headRows(movers)
    .filter((r) => movers.designs.some((d) => r.cells[d]!.verdict !== 'n/a'))
    .map((r) => [
      `\`${r.mover}\`${r.era === movers.eras[0] ? '' : ` in ${r.era}`}`,
      ...movers.designs.map((d) => {
        const word = matrixWord(r.cells[d]!);
        return matrixShown(r.cells[d]!, short[word] ?? `**${word}**`);
      }),
    ]);
  return [
    `Every operation that moves a fragment, in every order in which the holders let go (${movers.runs} runs${faults}). Each in the newest kernel that has it, ${movers.eras[0]} where nothing else is said. ✓: no order shows a fault; =: refuted as in the row control, where no operation is; c: only private copies are left behind; r: the design forbids it; -: it met no lent page; in brackets: no packet of what the design was made for comes there.`,
    table(['operation', ...movers.designs], rows),
  ].join('\n\n');
}

/** The steps of a story, as a list. */
function story({ token, workload, loan, sides }: Story): string {
  const [failed, passed] = sides;
  const lines = failed!.steps
    .filter((s) => s.marks.some((m) => m.mark !== 'read'))
    .map(
      (s) =>
        `1. step ${s.n} (${duration(s.tick)}), ${escapeMarkdown(s.text)}: ${escapeMarkdown(s.says.join(' '))}`,
    );
  const told = passed?.steps.find((s) => s.marks.some((m) => m.mark === 'completed'));
  return [
    `${failed!.design} on ${workload}, loan ${loan}: \`./lastref replay ${token}\``,
    lines.join('\n'),
    ...(passed === undefined || told === undefined || passed.findings.length > 0
      ? []
      : [
          `Under ${passed.design} the same steps show no fault: the producer is told at step ${told.n} (${duration(told.tick)}).`,
        ]),
  ].join('\n\n');
}
