// The comparison as one Markdown page: for a mail, a pull request, or the repository.
import { COEFFICIENTS } from '@lastref/kernel';
import { PROPERTIES, type Verdict } from '@lastref/judge';
import {
  changesPlaces,
  costName,
  estimate,
  figure,
  figures,
  ordinaryMore,
  thousandths,
  times,
} from './costs.ts';
import type { CompareDocument } from './document.ts';
import { HOLDING_WORDS, peaks, pinned, producing, waiting } from './holding.ts';
import { shares, stretchers } from './perdesign.ts';
import { SIZE_WORDS, sizeHead, sizeRows, sizeText } from './sizes.ts';
import { costHead, eraWords } from './tables.ts';
import { cellWord, refutations } from './verdicts.ts';
import { BESIDE_WORDS, COMPARE_WORDS } from './vocabulary.ts';
import { OUTSIDE, STOPPED, duration, threatText, trustedText } from './words.ts';
import { code, escapeMarkdown, table } from './markup.ts';

/** The whole page. */
export function compareMarkdown(doc: CompareDocument, command: string): string {
  const parts = [
    '# When was the page really free?',
    `Designs × workloads under the clock, ${eraWords(doc)}, seed ${doc.seed}${doc.repeat > 1 ? ` and ${doc.repeat - 1} more` : ''}. Made by ${code(command)}; digest \`${doc.digest}\`. Counts are exact and repeatable; the nanoseconds are an estimate (see the end).`,
    ...trustedText(doc),
    '## Verdicts',
    verdicts(doc),
    VERDICT_WORDS,
    ...(doc.repeat > 1
      ? []
      : ['Each cell is one run; `./lastref seeds` says which words another seed changes.']),
    '## Costs per data segment',
    costs(doc),
    ...sizes(doc),
    '## When producers are told',
    telling(doc),
    TELLING_WORDS,
    '## What waiting costs the producer',
    HOLDING_WORDS,
    '### Pages got back per second',
    producing(doc),
    '### Page-seconds tied up',
    pinned(doc),
    '### The most pages away at once',
    peaks(doc),
    '### Away, and of that behind the last reader',
    waiting(doc),
    '## Workloads',
    ...doc.workloads.map(
      (w) => `- **${w.id}** (${escapeMarkdown(w.title)}). ${escapeMarkdown(w.story)}`,
    ),
    '## Findings',
    findings(doc),
    '## Every property',
    table(
      ['design', 'workload', 'kernel', 'state', ...PROPERTIES],
      doc.rows.map((r) => [
        r.design,
        r.workload,
        r.era,
        r.state,
        ...PROPERTIES.map((p) => (r.state === 'n/a' ? '' : SHORT[r.verdicts[p]])),
      ]),
    ),
    '## Where the nanoseconds come from',
    table(
      ['counter', 'ns each', 'source'],
      COEFFICIENTS.map((c) => [
        c.counter,
        c.ns === c.nsHigh ? String(c.ns) : `${c.ns}–${thousandths(c.nsHigh)}`,
        escapeMarkdown(c.source),
      ]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Designs down, workloads across. */
export function verdicts(doc: CompareDocument): string {
  return table(
    ['design', 'kernel', ...doc.workloads.map((w) => w.id)],
    doc.designs.map((d) => [
      d.id,
      d.era,
      ...doc.workloads.map((w) => {
        const row = doc.rows.find((r) => r.design === d.id && r.workload === w.id);
        return row === undefined ? STOPPED : cellWord(row);
      }),
    ]),
  );
}

export const VERDICT_WORDS = `${COMPARE_WORDS.map((w) => `*${w.word}*: ${w.legend}`).join(' · ')} · *(word)*: ${OUTSIDE} · ${BESIDE_WORDS.map((w) => `*word ${w.letter}*: ${w.word}, ${w.legend}`).join(' · ')}.`;

const SHORT: Readonly<Record<Verdict, string>> = {
  holds: 'holds',
  refuted: '**refuted**',
  'not-exercised': 'not exercised',
  'not-judged': 'not judged',
};

/** What a data segment costs, by design. */
export function costs(doc: CompareDocument): string {
  const { common, own } = doc.costs;
  return [
    `${costHead(doc)}.`,
    table(
      [
        'design',
        'ref atomics',
        'design atomics',
        'on a shared count',
        'head bytes',
        'payload bytes copied',
        'est. ns',
        'ordinary atomics',
        'ordinary est. ns',
        'more than naive',
        'own kernel',
        '× naive there',
        '× copy there',
      ],
      common.rows.map((row, i) => {
        const lent = figures(row.lent);
        const ordinary = figures(row.ordinary);
        const there = own[i]!;
        return [
          costName(row),
          figure(lent, 'refAtomics', 2),
          figure(lent, 'designAtomics', 2),
          figure(lent, 'away', 2),
          figure(lent, 'headBytes', 0),
          figure(lent, 'copied', 0),
          estimate(lent),
          figure(ordinary, 'atomics', 2),
          estimate(ordinary),
          ordinaryMore(row, common.rows),
          there.era,
          times(there.timesNaive, there.timesNaiveHigh),
          times(there.timesCopy, there.timesCopyHigh),
        ];
      }),
    ),
    changesPlaces(common.rows),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What a message costs by its size; nothing where nobody asked. */
export function sizes(doc: CompareDocument): string[] {
  const rows = sizeRows(doc);
  const { bySize } = doc.costs;
  if (rows.length === 0 || bySize === undefined) return [];
  return [
    '### By the size of a message',
    `${sizeHead(doc)}.`,
    table(
      ['design', ...bySize.sizes.map(sizeText), 'pays from'],
      rows.map((r) => [r.design, ...r.cells, r.pays]),
    ),
    SIZE_WORDS,
  ];
}

/** In which context, how late, and who could have put it off. */
export function telling(doc: CompareDocument): string {
  return table(
    [
      'design',
      'process',
      'softirq',
      'hardirq',
      'irqs off',
      'told late, worst',
      'who can put it off',
    ],
    doc.summary.map(({ design, contexts, stretchedBy }) => {
      const holds = doc.rows.filter((r) => r.design === design).map((r) => r.holdTicks.max);
      return [
        design,
        ...shares(contexts),
        duration(Math.max(0, ...holds)),
        stretchers(stretchedBy),
      ];
    }),
  );
}

export const TELLING_WORDS =
  '*process*, *softirq*, *hardirq*, *irqs off*: where the completions ran · *who can put it off*: whose step it was that something was completed in: the *peer* (an ACK, an answer), a *slow reader* (a local application, a tap), a *guest*, a *device* (its completion interrupt), *nobody* but the sending host.';

function findings(doc: CompareDocument): string {
  const lines: string[] = [];
  for (const row of doc.rows) {
    if (row.findings.length === 0) continue;
    lines.push(`### ${row.design} on ${row.workload}, ${row.era}: ${refutations(row)}`);
    lines.push(
      row.findings
        .map(
          (f) =>
            `- ${f.property}, ${f.harm}; ${threatText(f)}; ${f.where}: ${escapeMarkdown(f.text)} (step ${f.step}, ${duration(f.tick)}; ${f.count} times). \`./lastref replay ${f.token}\``,
        )
        .join('\n'),
    );
  }
  return lines.length === 0 ? 'None.' : lines.join('\n\n');
}
