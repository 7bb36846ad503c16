// The answer first: what holds, what breaks whom, and at what cost, in three lines.
import { estimate, figures, times } from './costs.ts';
import type { CompareDocument, CompareRow } from './document.ts';
import { faultsOf, headline } from './verdicts.ts';
import { COMPARE_WORDS } from './vocabulary.ts';
import { many, wrapped } from './words.ts';

interface Standing {
  readonly design: string;
  /** Cells in the design's domain that its kernel can play. */
  readonly cells: readonly CompareRow[];
  readonly broken: readonly CompareRow[];
  /** Runs that were not over when their time was: whether somebody is never told nobody knows. */
  readonly unended: number;
  /** Workloads on which a candidate broke a rule of the seam: no verdict is there, and nobody knows what it would be. */
  readonly stopped: number;
  /** The gravest word. */
  readonly word: string;
}

const ORDER = COMPARE_WORDS.map((w) => w.word);

/** Nothing was found, but the run was not over when its time was. */
export function isUnended(row: CompareRow): boolean {
  return !row.drained && headline(row) === 'not judged';
}

function standings({ designs, rows, workloads }: CompareDocument): Standing[] {
  return designs.map(({ id }) => {
    const mine = rows.filter((r) => r.design === id);
    const stopped = workloads.filter((w) => mine.every((r) => r.workload !== w.id)).length;
    const cells = mine.filter((r) => r.domain && r.state !== 'n/a');
    const broken = cells.filter((r) => faultsOf(r).length > 0);
    const unended = cells.filter(isUnended).length;
    const words = broken
      .map((r) => headline(r))
      .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
    return { design: id, cells, broken, unended, stopped, word: words[0] ?? '' };
  });
}

/** Nothing was found where it lends pages, in all that it was made for. */
function holds({ broken, unended, stopped, cells }: Standing): boolean {
  const nothing = broken.length === 0 && unended === 0 && stopped === 0;
  return nothing && cells.some((r) => headline(r) === 'holds');
}

/** Ids of the designs of which nothing was found, as the answer says it. */
export function holding(doc: CompareDocument): string[] {
  return standings(doc)
    .filter(holds)
    .map((s) => s.design);
}

/** What holds, what breaks, what it costs: each in one line of `width` columns, a list in two. */
export function answerLines(doc: CompareDocument, width: number): string[] {
  const all = standings(doc);
  const [only] = all;
  if (only !== undefined && all.length === 1)
    return [onlyLine(only), costLine(doc, holds(only) ? [only] : [], width)]
      .filter((line) => line !== '')
      .flatMap((line) => wrapped(line, width));
  const hold = all.filter(holds);
  const broken = all
    .filter((s) => s.broken.length > 0)
    .sort(
      (a, b) => b.broken.length - a.broken.length || ORDER.indexOf(a.word) - ORDER.indexOf(b.word),
    );
  const each = (s: Standing): string =>
    `${s.design} (${s.word}, ${s.broken.length} of ${s.cells.length})`;
  return [
    ...(hold.length === 0
      ? [nobodyHolds(all)]
      : listed(
          `Hold on all that they were made for (${hold.length} of ${all.length}): `,
          hold.map((s) => s.design),
          width,
        )),
    ...(broken.length === 0
      ? hold.length === 0
        ? []
        : ['Breaks: none of them, in these runs.']
      : listed(`Break (${broken.length}), gravest word, workloads: `, broken.map(each), width)),
    ...unendedLines(all, width),
    ...stoppedLines(all, doc.workloads.length, width),
    costLine(doc, hold, width),
  ].filter((line) => line !== '');
}

/** Of whom not all can be said. */
function unendedLines(all: readonly Standing[], width: number): string[] {
  const unended = all.filter((s) => s.unended > 0);
  if (unended.length === 0) return [];
  const each = (s: Standing): string => `${s.design} (${s.unended} of ${s.cells.length})`;
  const head = `Not over (${unended.length}) when the time of a run was, workloads: `;
  return listed(head, unended.map(each), width);
}

/** Who broke a rule of the seam, and so has no verdict there. */
function stoppedLines(all: readonly Standing[], workloads: number, width: number): string[] {
  const stopped = all.filter((s) => s.stopped > 0);
  if (stopped.length === 0) return [];
  const each = ({ design, stopped: n }: Standing): string => `${design} (${n} of ${workloads})`;
  const head = `Stopped (${stopped.length}), as a rule of the seam was broken, workloads: `;
  return listed(head, stopped.map(each), width);
}

/** There is nobody to be compared with: what becomes of this one. */
function onlyLine({ design, cells, broken, unended, stopped, word }: Standing): string {
  const workloads = many(cells.length, 'workload');
  if (cells.length === 0 && stopped === 0)
    return `${design} was made for none of these workloads: what they do to it stands in brackets.`;
  if (broken.length > 0)
    return cells.length === 1
      ? `${design} breaks on ${cells[0]!.workload}: ${word}.`
      : `${design} breaks on ${broken.length} of ${workloads}, at worst: ${word}.`;
  if (stopped > 0)
    return `${design} broke a rule of the seam on ${many(stopped, 'workload')}, where no verdict is: nobody knows whether it holds.`;
  if (unended > 0)
    return `${design}: on ${many(unended, 'workload')} the run was not over when its time was: nobody knows whether it holds.`;
  if (cells.every((r) => r.state === 'copied'))
    return `${design} lends nothing on ${cells.length === 1 ? cells[0]!.workload : `these ${workloads}`}: only copies are in the stack.`;
  if (cells.every((r) => headline(r) !== 'holds'))
    return `${design}: nothing was lent in these runs, so they say nothing.`;
  return cells.length === 1
    ? `${design} holds on ${cells[0]!.workload}, in this run.`
    : `${design} holds on all ${workloads} that it was made for, in these runs.`;
}

function nobodyHolds(all: readonly Standing[]): string {
  return all.every((s) => s.broken.length === 0 && s.unended === 0 && s.stopped === 0)
    ? 'None of them has a lent page in the stack on what it was made for: there is nothing to hold or to break.'
    : 'Holds on all that it was made for: none of those that lend pages.';
}

/** Of those that hold, and could be in the kernel where costs are compared, the cheapest: by the low end of the prices. */
function costLine({ costs }: CompareDocument, hold: readonly Standing[], width: number): string {
  const priced = costs.common.rows
    .filter((r) => r.outside !== true && hold.some((s) => s.design === r.design))
    .flatMap((row) => {
      const lent = figures(row.lent);
      return lent === null ? [] : [{ row, lent }];
    })
    .sort((a, b) => a.lent.ns - b.lent.ns);
  const [best] = priced;
  if (best === undefined) return '';
  const own = costs.own.find((o) => o.design === best.row.design);
  const beside =
    own === undefined || own.timesCopy === null
      ? ''
      : `, ${times(own.timesCopy, own.timesCopyHigh)} of copying`;
  const { design } = best.row;
  const cost = `est. ${estimate(best.lent)} ns`;
  if (priced.length === 1) return `${design} costs ${cost} a segment${beside}.`;
  const lines = [' a segment', ''].map(
    (of) => `Cheapest that holds: ${design}, ${cost}${of}${beside}.`,
  );
  return (
    lines.find((line) => line.length <= width) ??
    `Cheapest that holds: ${design}, ${cost} a segment.`
  );
}

/** Lines that a list may take: an answer is short. */
const LINES = 2;

/** As many as fit, and how many more there are. */
function listed(head: string, names: readonly string[], width: number): string[] {
  for (let n = names.length; n > 1; n--) {
    const more = names.length - n;
    const text = `${head}${names.slice(0, n).join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
    const lines = wrapped(text, width);
    if (lines.length <= LINES) return lines;
  }
  const more = names.length - 1;
  return wrapped(`${head}${names[0]}${more === 0 ? '' : ` and ${more} more`}`, width);
}
