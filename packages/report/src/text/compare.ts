// A comparison for a terminal: the answer, the table, and where there is room for it costs and times.
import { answerLines, holding } from '../answer.ts';
import type { CompareDocument, CompareRow } from '../document.ts';
import { SIZE_WORDS, sizeHead } from '../sizes.ts';
import { mostWorthLooking } from '../verdicts.ts';
import {
  awayTable,
  costHead,
  costTable,
  eraWords,
  sizeTable,
  tellingTable,
  verdictTable,
  type Paint,
} from '../tables.ts';
import { many, printable, threatText, wrapped, type Replay } from '../words.ts';

export interface CompareTold {
  /** Columns of the terminal. */
  readonly width: number;
  /** No costs and no times: they are in files. */
  readonly brief: boolean;
  /** Designs whose findings a reader wants to see first. */
  readonly first: ReadonlySet<string>;
  /** Is a workload driven by a capture? */
  readonly driven: (workload: string) => boolean;
  readonly replay: Replay;
}

/** Lines; below them a command says what to do next. */
export function compareLines(
  doc: CompareDocument,
  paint: Paint,
  { width, brief, first, driven, replay }: CompareTold,
): string[] {
  const bold = (text: string): string[] => wrapped(text, width).map((line) => paint.bold(line));
  const out: string[] = [
    ...bold(
      `When was the page really free? ${many(doc.designs.length, 'design')}, ${many(doc.workloads.length, 'workload')}, ${eraWords(doc)}, seed ${doc.seed}`,
    ),
    ...answerLines(doc, width),
    '',
    verdictTable(doc, paint, width),
  ];
  if (!brief)
    out.push(
      '',
      ...bold(costHead(doc)),
      costTable(doc, width),
      '',
      ...bold('Where producers are told, how late, and who can put it off'),
      tellingTable(doc, width),
      '',
      paint.bold('How long pages are away, from lending to being told'),
      awayTable(doc, width),
      ...(doc.costs.bySize === undefined
        ? []
        : [
            '',
            ...bold(sizeHead(doc)),
            sizeTable(doc, width),
            ...wrapped(SIZE_WORDS.replaceAll('*', ''), width, ''),
          ]),
    );
  if (doc.capture !== null) {
    for (const { title, story } of doc.workloads.filter(({ id }) => driven(id)))
      out.push(`${printable(title)}: ${story}`);
  }
  const best = mostWorthLooking(doc.rows, first);
  if (best !== null)
    out.push(
      '',
      `Most worth looking at: ${paint.bold(best.row.design)} on ${best.row.workload}: ${best.finding.text} (${threatText(best.finding)}).`,
      `  ${replay(best.finding.token)}`,
    );
  return out;
}

/** Of the first of `ids` of which nothing was found the first cell that was judged, on a workload that is `wanted`. */
export function firstHeld(
  doc: CompareDocument,
  ids: readonly string[],
  wanted: (workload: string) => boolean,
): CompareRow | undefined {
  const holds = new Set(holding(doc));
  const design = ids.find((id) => holds.has(id));
  return doc.rows.find((r) => r.design === design && r.state === 'judged' && wanted(r.workload));
}
