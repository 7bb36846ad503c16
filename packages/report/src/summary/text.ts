// Plain text for a mailing list: 72 columns, but for tokens, which nobody may break.
import type { CompareDocument, MoversDocument } from '../document.ts';
import { changesPlaces, costName, estimate, figure, figures } from '../costs.ts';
import type { LabDocument } from '../lab.ts';
import { headRows } from '../matrix.ts';
import { seedWords, type ReportInput } from '../html/view.ts';
import { sizeHead, sizeRows, sizeText } from '../sizes.ts';
import { awayRows, awayTimes, compareLetters, costHead, eraWords, hasStopped } from '../tables.ts';
import { COMPARE_WORDS, legendLines } from '../vocabulary.ts';
import {
  ABOUT,
  OUTSIDE,
  STOPPED_LEGEND,
  STOPPED_LETTER,
  WHERE_FROM,
  duration,
  many,
  trustedText,
} from '../words.ts';
import { letterBlocks, named } from '../letters.ts';
import { gravest } from './gravest.ts';

const COLUMNS = 72;
const NAME = 22;

const KEY = [...legendLines(COMPARE_WORDS, (w) => w.letter, COLUMNS), `( )  ${OUTSIDE}`];

export function reportText(input: ReportInput): string {
  const { compare: doc, movers } = input;
  const head = `${many(doc.designs.length, 'design')}, ${many(doc.workloads.length, 'workload')}, ${eraWords(doc)}, ${seedWords(doc)}, digest ${doc.digest}`;
  return `${[
    ['When was the page really free?', ...wrap(head), '', ...wrap(ABOUT)],
    ...trustedText(doc, movers).map((line) => wrap(line)),
    verdicts(doc),
    costs(doc),
    ...away(doc),
    ...sizes(doc),
    ...(movers === null ? [] : [operations(movers)]),
    findings(doc),
    ...(input.lab === null ? [] : [lab(input.lab)]),
    [...input.commands.flatMap(command), '', ...wrap(`Made by ${input.tool}. ${WHERE_FROM}`)],
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function lab({ date, kernels }: LabDocument): string[] {
  const lines = kernels.map(
    (k) => `  ${name(k.era)}${k.agree} of ${k.sequences} sequences agree, ${k.steps} steps`,
  );
  return [...wrap(`The model beside running kernels, ${date}`), ...lines];
}

/** Breaks at blanks. */
export function wrap(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > COLUMNS) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** A command that a shell takes as it stands, over several lines. */
function command(text: string): string[] {
  const lines = wrap(text, '    ');
  return lines.map((line, i) => {
    const start = i === 0 ? `$ ${line.trim()}` : line;
    return i < lines.length - 1 ? `${start} \\` : start;
  });
}

/** What a line begins with; a long name has a line of its own. */
function name(text: string): string {
  return named(text, NAME);
}

/** Letters, workloads by number, in as many blocks as it takes. */
function verdicts(doc: CompareDocument): string[] {
  const { workloads } = doc;
  const looks = { columns: COLUMNS, name: NAME };
  const stopped = hasStopped(doc) ? [`${STOPPED_LETTER}    ${STOPPED_LEGEND}`] : [];
  const lines = [
    ...KEY,
    ...stopped,
    ...letterBlocks(compareLetters(doc), workloads.length, looks),
    '',
  ];
  workloads.forEach((w, i) => {
    const [first, ...rest] = wrap(w.title, ' '.repeat(28));
    lines.push(`${String(i + 1).padStart(3)} ${w.id.padEnd(23)} ${(first ?? '').trim()}`, ...rest);
  });
  return lines;
}

function costs(doc: CompareDocument): string[] {
  const heads = ['ref', 'design', 'payload', 'est.', 'ordinary', 'late'];
  const under = ['atomics', 'atomics', 'copied', 'ns', 'est. ns', 'worst'];
  const widths = [7, 8, 8, 11, 9, 7];
  const cells = (list: readonly string[]): string =>
    list.map((c, i) => c.padStart(widths[i]!)).join('');
  return [
    ...wrap(`${costHead(doc)}:`),
    ' '.repeat(NAME) + cells(heads),
    ' '.repeat(NAME) + cells(under),
    ...doc.costs.common.rows.map((row) => {
      const id = row.design;
      const rows = doc.rows.filter((r) => r.design === id);
      const lent = figures(row.lent);
      return (
        name(costName(row)) +
        cells([
          figure(lent, 'refAtomics', 2),
          figure(lent, 'designAtomics', 2),
          figure(lent, 'copied', 0),
          estimate(lent),
          estimate(figures(row.ordinary)),
          duration(Math.max(0, ...rows.map((r) => r.holdTicks.max))),
        ])
      );
    }),
    ...wrap(changesPlaces(doc.costs.common.rows)),
  ];
}

/** Columns of figures behind names. */
function columns(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [head, ...rows];
  const widths = head.map((_, i) => 2 + Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map(([first = '', ...rest]) => {
    const cells = rest.map((cell, i) => cell.padStart(widths[i + 1]!));
    return `${name(first)}${cells.join('')}`;
  });
}

function away(doc: CompareDocument): string[][] {
  const rows = awayRows(doc);
  if (rows.length === 0) return [];
  return [
    [
      ...wrap(
        'How long pages are away, half of the times and at worst, and how many at once at most:',
      ),
      ...columns(
        ['', 'p50', 'worst', 'page-s', 'at once'],
        rows.map((a) => [
          a.design,
          ...awayTimes(a),
          a.pageSeconds.toFixed(2),
          String(a.peak?.pages ?? '-'),
        ]),
      ),
    ],
  ];
}

/** The smallest size, one in the middle and the largest: a mail is narrow. */
function sizes(doc: CompareDocument): string[][] {
  const rows = sizeRows(doc);
  const all = doc.costs.bySize?.sizes ?? [];
  const few = [...new Set([0, all.length >> 1, all.length - 1])];
  if (rows.length === 0) return [];
  return [
    [
      ...wrap(`${sizeHead(doc)}:`),
      ...columns(
        ['', ...few.map((i) => sizeText(all[i]!)), 'pays from'],
        rows.map((r) => [r.design, ...few.map((i) => r.cells[i]!), r.pays]),
      ),
    ],
  ];
}

function operations(movers: MoversDocument): string[] {
  const rows = headRows(movers).slice(1);
  const lines = wrap(
    `Operations that move a fragment, in every order of release (${many(movers.runs, 'run')}), in the newest kernel that has them, and those that add a fault to a packet that only was in flight:`,
  );
  for (const id of movers.designs) {
    const failing = rows
      .filter(({ cells }) => cells[id]!.outside !== true && cells[id]!.adds.length > 0)
      .map((r) => r.mover);
    const tried = rows.filter(
      ({ cells }) => cells[id]!.outside !== true && cells[id]!.verdict !== 'n/a',
    ).length;
    const few = failing.length > 0 && failing.length < tried / 2;
    lines.push(`${name(id)}${failing.length} of ${tried}${few ? ':' : ''}`);
    if (few) lines.push(...wrap(failing.join(', '), '    '));
  }
  return lines;
}

function findings(doc: CompareDocument): string[] {
  const lines = ['The gravest finding about each design:'];
  for (const { design, workload, finding: f } of gravest(doc)) {
    lines.push(
      '',
      ...wrap(`${design} on ${workload}: ${f.text} (${f.property}, step ${f.step}).`),
      `  ./lastref replay ${f.token}`,
    );
  }
  return lines.length === 1 ? ['No finding.'] : lines;
}
