// From documents to what the page shows.
import { COEFFICIENTS } from '@lastref/kernel';
import { changesPlaces, costName, estimate, figures, times } from '../costs.ts';
import { claimsOf, type ClaimsPart } from '../claims.ts';
import type { CompareDocument, CompareRow, LayoutDocument, MoversDocument } from '../document.ts';
import { differenceLines, headRows, matrixWord, rowName } from '../matrix.ts';
import type { LabDocument } from '../lab.ts';
import type { Story } from '../story.ts';
import { SIZE_WORDS, sizeHead, sizeRows, sizeText } from '../sizes.ts';
import { awayRows, costHead, eraWords } from '../tables.ts';
import { besideLetters, faultsOf, headline, refutations } from '../verdicts.ts';
import { BESIDE_WORDS, COMPARE_WORDS, WORDS, wordOf, type Word } from '../vocabulary.ts';
import type { LabData, MatrixData, ReportData, WordData } from './data.ts';
import { packStories } from './pack.ts';
import { ABOUT, WHERE_FROM, trustedText } from '../words.ts';
import { bufferData, structPictures } from './structs.ts';

export interface ReportInput {
  readonly compare: CompareDocument;
  readonly movers: MoversDocument | null;
  /** With the listings of every struct that some design changes. */
  readonly layout: LayoutDocument | null;
  readonly claims: ClaimsPart | null;
  /** The model beside running kernels, if that was played. */
  readonly lab: LabDocument | null;
  readonly stories: readonly Story[];
  /** Token of the story to show first; null: none. */
  readonly featured: string | null;
  readonly stale: boolean;
  readonly commands: readonly string[];
  /** Tool, version and commit, as `lastref 0.1.0, commit 42fd6611cdd1`. */
  readonly tool: string;
}

/** Counter names of the coefficients as a legend says them. */
const LABELS: Readonly<Record<string, string>> = {
  atomicsRef: 'reference atomics',
  atomicsDesign: "the design's atomics",
  atomicsRefAway: 'reference atomics on a shared count',
  atomicsDesignAway: "the design's atomics on a shared count",
  structLines: 'lines of structs',
  looked: "entries of the design's lists",
  allocDesign: "the design's allocations",
  allocSkb: 'sk_buffs allocated',
  allocHead: 'heads allocated',
  allocPage: 'pages allocated',
  copiedBytes: 'bytes copied',
  checksumBytes: 'bytes summed',
  indirectCalls: 'indirect calls',
};

export function reportData(input: ReportInput): ReportData {
  const { compare, movers, stories } = input;
  const find = new StoryFinder(stories);
  return {
    title: 'When was the page really free?',
    era: eraWords(compare),
    seeds: seedWords(compare),
    capture: compare.capture,
    commands: input.commands,
    digest: compare.digest,
    about: [ABOUT, ...trustedText(compare, movers)].join(' '),
    madeBy: `Made by ${input.tool}. ${WHERE_FROM}`,
    stale: input.stale,
    designs: compare.designs.map(({ id, title, year, era }) => ({ id, title, year, era })),
    workloads: compare.workloads,
    words: WORDS.map(wordData),
    key: COMPARE_WORDS.map(wordData),
    beside: BESIDE_WORDS.map(({ word, letter, tone, legend }) => ({
      word: letter,
      tone,
      legend: `${word}: ${legend}`,
    })),
    rows: compare.rows.map((row) => ({
      design: row.design,
      workload: row.workload,
      word: headline(row),
      beside: besideLetters(row),
      era: row.era,
      domain: row.domain,
      refuted: refutations(row),
      loans: row.loans,
      completions: row.completions,
      early: row.findings
        .filter((f) => f.property === 'early')
        .reduce((sum, f) => sum + f.count, 0),
      hold: row.holdTicks,
      lent: row.lentTicks,
      figures: figures(row.costs.lent),
      story: find.ofRow(row),
    })),
    findings: compare.rows.flatMap((row) =>
      faultsOf(row).map((f) => ({
        design: row.design,
        workload: row.workload,
        property: f.property,
        harm: f.harm,
        damage: f.damage,
        who: f.who ?? '-',
        where: f.where,
        count: f.count,
        step: f.step,
        tick: f.tick,
        text: f.text,
        token: f.token,
        story: find.ofFinding(row.design, f),
      })),
    ),
    matrix: movers === null ? null : matrixData(movers, find),
    costHead: `${costHead(compare)}. ${changesPlaces(compare.costs.common.rows)}`,
    costs: compare.costs.common.rows.map((row, i) => {
      const own = compare.costs.own[i]!;
      return {
        design: costName(row),
        lent: figures(row.lent),
        ordinary: figures(row.ordinary),
        lentNs: estimate(figures(row.lent)),
        ordinaryNs: estimate(figures(row.ordinary)),
        era: own.era,
        timesNaive: times(own.timesNaive, own.timesNaiveHigh),
        timesCopy: times(own.timesCopy, own.timesCopyHigh),
      };
    }),
    bySize:
      compare.costs.bySize === undefined
        ? null
        : {
            head: sizeHead(compare),
            words: SIZE_WORDS.replaceAll('*', ''),
            sizes: compare.costs.bySize.sizes.map(sizeText),
            rows: sizeRows(compare),
          },
    away: awayRows(compare),
    coefficients: COEFFICIENTS.map(({ counter, ns, nsHigh, source }) => ({
      label: LABELS[counter] ?? counter,
      ns,
      nsHigh,
      source,
    })),
    structs: input.layout === null ? [] : structPictures(input.layout),
    buffers: input.layout === null ? [] : bufferData(input.layout),
    claims:
      input.claims === null
        ? []
        : claimsOf(input.claims).map((c) => ({ ...c, story: find.ofToken(c.token) })),
    lab: input.lab === null ? null : labData(input.lab),
    stories: packStories(stories),
    featured: find.ofToken(input.featured ?? ''),
  };
}

export function seedWords({ seed, repeat }: CompareDocument): string {
  return repeat === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + repeat - 1}`;
}

function wordData({ word, tone, legend }: Word): WordData {
  return { word, tone, legend };
}

function matrixData(movers: MoversDocument, find: StoryFinder): MatrixData {
  return {
    designs: movers.designs,
    rows: headRows(movers).map((row) => ({
      mover: rowName(movers, row),
      file: row.file,
      since: `${row.since}${row.until === null ? ' on' : `, until ${row.until}`}`,
      cells: movers.designs.map((id) => {
        const cell = row.cells[id]!;
        return {
          word: matrixWord(cell),
          outside: cell.outside === true,
          runs: cell.runs,
          story: find.ofToken(cell.token ?? ''),
        };
      }),
    })),
    stretchedBy: movers.designs.map((id) => movers.stretchedBy[id]!.join(', ')),
    runs: movers.runs,
    faults: movers.faults,
    eras: movers.eras,
    differences: differenceLines(movers),
  };
}

function labData({ command, date, kernels, notCompared }: LabDocument): LabData {
  return { command, date, kernels, notCompared: notCompared.length };
}

/** Where the story of something is. */
class StoryFinder {
  private readonly stories: readonly Story[];
  private readonly byDesign = new Map<string, number[]>();

  constructor(stories: readonly Story[]) {
    this.stories = stories;
    stories.forEach((story, i) => {
      const key = `${story.sides[0]!.design} ${story.workload} ${story.seed}`;
      const list = this.byDesign.get(key);
      if (list === undefined) this.byDesign.set(key, [i]);
      else list.push(i);
    });
  }

  /** The story that has the finding, by the design and what its token names. */
  ofFinding(design: string, f: CompareRow['findings'][number]): number {
    const workload = f.token.split('.')[2]!;
    const found = (this.byDesign.get(`${design} ${workload} ${f.seed}`) ?? []).find((i) =>
      this.stories[i]!.sides[0]!.findings.some(
        (g) => g.property === f.property && g.harm === f.harm && g.where === f.where,
      ),
    );
    return found ?? -1;
  }

  /** The story of the gravest finding of a row, which is what its headline says. */
  ofRow(row: CompareRow): number {
    const word = headline(row);
    const finding = row.findings.find((f) => wordOf(f) === word);
    return finding === undefined ? -1 : this.ofFinding(row.design, finding);
  }

  ofToken(token: string): number {
    return token === '' ? -1 : this.stories.findIndex((s) => s.token === token);
  }
}
