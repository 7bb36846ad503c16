// The answer first: what holds, what breaks whom, and at what cost, in three lines.
import { estimate, figures, times } from './costs.ts';
import type { CompareDocument, CompareRow } from './document.ts';
import { faultsOf, headline } from './verdicts.ts';
import { COMPARE_WORDS } from './vocabulary.ts';
import { wrapped } from './words.ts';

interface Standing {
  readonly design: string;
  /** Cells in the design's domain that its kernel can play. */
  readonly cells: readonly CompareRow[];
  readonly broken: readonly CompareRow[];
  /** The gravest word. */
  readonly word: string;
}

const ORDER = COMPARE_WORDS.map((w) => w.word);

function standings({ designs, rows }: CompareDocument): Standing[] {
  return designs.map(({ id }) => {
    const cells = rows.filter((r) => r.design === id && r.domain && r.state !== 'n/a');
    const broken = cells.filter((r) => faultsOf(r).length > 0);
    const words = broken
      .map((r) => headline(r))
      .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
    return { design: id, cells, broken, word: words[0] ?? '' };
  });
}

/** What holds, what breaks, what it costs: each in one line of `width` columns, a list in two. */
export function answerLines(doc: CompareDocument, width: number): string[] {
  const all = standings(doc);
  const lends = (s: Standing): boolean => s.cells.some((r) => headline(r) === 'holds');
  const hold = all.filter((s) => s.broken.length === 0 && lends(s));
  const broken = all
    .filter((s) => s.broken.length > 0)
    .sort(
      (a, b) => b.broken.length - a.broken.length || ORDER.indexOf(a.word) - ORDER.indexOf(b.word),
    );
  const each = (s: Standing): string =>
    `${s.design} (${s.word}, ${s.broken.length} of ${s.cells.length})`;
  return [
    ...(hold.length === 0
      ? ['Holds: no design that lends pages, on all that it was made for.']
      : listed(
          `Hold on all that they were made for (${hold.length} of ${all.length}): `,
          hold.map((s) => s.design),
          width,
        )),
    ...(broken.length === 0
      ? ['Breaks: none of them.']
      : listed(`Break (${broken.length}), gravest word, workloads: `, broken.map(each), width)),
    costLine(doc, hold),
  ].filter((line) => line !== '');
}

/** Of those that hold, the cheapest: by the low end of the prices, as one processor pays them. */
function costLine({ costs }: CompareDocument, hold: readonly Standing[]): string {
  const priced = costs.common.rows
    .filter((r) => hold.some((s) => s.design === r.design))
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
  return `Cheapest that holds: ${best.row.design}, est. ${estimate(best.lent)} ns a segment${beside}.`;
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
