// The cells of documents in which designs are judged, as --fail-on, --exclude, --junit and --sarif take them.
import { HARMS, PROPERTIES, cardOf, type Property } from '@lastref/judge';
import type {
  CampaignDocument,
  CheckDocument,
  CompareDocument,
  ErasDocument,
  MoversDocument,
  ReplayDocument,
} from '../document.ts';
import { isUnended } from '../answer.ts';
import type { ProcessorsDocument } from '../processors.ts';
import type { SeedsDocument } from '../seeds.ts';
import type { StoriesDocument } from '../stories.ts';
import { many } from '../words.ts';
import type { JudgedCell, JudgedFinding } from './judged.ts';

export function cellsOfCompare({ rows }: CompareDocument): JudgedCell[] {
  return rows.map((row) => ({
    design: row.design,
    on: row.workload,
    era: row.era,
    notJudged:
      row.state === 'n/a' ? (row.notJudged ?? 'its kernel has not got what it takes') : null,
    ...(isUnended(row) ? NOT_OVER : {}),
    findings: row.findings,
  }));
}

const NOT_OVER = { notJudged: 'the run was not over when its time was', open: true } as const;

/** Of rows that have words alone: that of a capture may be of what the capture does not show. */
function ofWords(workload: string, words: readonly string[]): typeof NOT_OVER | object {
  const shown = workload !== 'capture' && !workload.startsWith('capture/');
  return shown && words.includes('not judged') ? NOT_OVER : {};
}

export function cellsOfCheck(doc: CheckDocument): JudgedCell[] {
  const { design, workload, era, property, harm, text, token, result, reason } = doc;
  const open: string | null = result === 'not-a-proof' ? reason : null;
  const findings = property === null ? [] : [{ property, harm, text: text ?? '', token }];
  const notJudged = result === 'bound-reached' ? 'the bound was reached' : open;
  return [{ design, on: workload, era, notJudged, findings }];
}

export function cellsOfReplay(doc: ReplayDocument): JudgedCell[] {
  const { design, workload, era, findings, token } = doc;
  return [
    {
      design,
      on: workload,
      era,
      notJudged: notPlayed(doc),
      findings: findings.map((f) => ({ ...f, token })),
    },
  ];
}

/** Why what was played says nothing of the token's finding; null: it does. */
export function notPlayed({ lastApplied, same, versions }: ReplayDocument): string | null {
  if (!lastApplied) return 'the last step of the token did not apply';
  const { token, here } = versions;
  const changed = token.machine !== here.machine || token.code !== here.code;
  return same || changed ? null : 'nothing was changed, and the run of the token is another one';
}

/** A campaign names what it has found and what it could not look at, and no cell in which there is nothing. */
export function cellsOfCampaign({ era, findings, starved = [] }: CampaignDocument): JudgedCell[] {
  const cells = new Map<string, JudgedCell & { findings: JudgedFinding[] }>();
  for (const f of findings) {
    const key = `${f.design} ${f.workload}`;
    const cell = cells.get(key) ?? {
      design: f.design,
      on: f.workload,
      era,
      notJudged: null,
      findings: [],
    };
    cell.findings.push(f);
    cells.set(key, cell);
  }
  for (const { design, workload, runs, of } of starved) {
    const key = `${design} ${workload}`;
    if (cells.has(key)) continue;
    const notJudged = `${runs} of ${many(of, 'run')} ended as no page frame was left`;
    cells.set(key, { design, on: workload, era, notJudged, findings: [] });
  }
  return [...cells.values()];
}

/** Of an operation only what it adds to what the control refutes without it. */
export function cellsOfMovers({ rows, designs }: MoversDocument): JudgedCell[] {
  return rows.flatMap(({ mover, era, cells }) =>
    designs.flatMap((design) => {
      const cell = cells[design];
      if (cell === undefined) return [];
      const { verdict, adds, property, harm, token } = cell;
      return {
        design,
        on: mover,
        era,
        notJudged: ['n/a', 'not-exercised', 'refused'].includes(verdict) ? verdict : null,
        findings: adds.map((p) => ({
          property: p,
          harm: p === property ? harm : null,
          text: cardOf(p).says,
          token: p === property ? token : null,
        })),
      };
    }),
  );
}

export function cellsOfStories({ cells }: StoriesDocument): JudgedCell[] {
  return cells.map(({ design, story, era, findings, token }) => ({
    design,
    on: story,
    era,
    notJudged: null,
    findings: findings.map((f) => ({ ...f, token })),
  }));
}

export function cellsOfEras({ rows }: ErasDocument): JudgedCell[] {
  return rows.map(({ design, workload, era, state, verdicts, word, token }) => {
    const refuted = PROPERTIES.filter((p) => verdicts[p] === 'refuted');
    const [gravest] = refuted;
    return {
      design,
      on: workload,
      era,
      notJudged: state === 'n/a' ? 'its kernel has not got what it takes' : null,
      ...ofWords(workload, [word]),
      findings: refuted.map((p) => ({
        property: p,
        harm: (cardOf(p).word === 'harm' ? HARMS.find((h) => h === word) : undefined) ?? null,
        text: cardOf(p).says,
        token: p === gravest ? token : null,
      })),
    };
  });
}

/** A row has three runs, each with its word. */
export function cellsOfProcessors({ rows }: ProcessorsDocument): JudgedCell[] {
  return rows.map(({ design, workload, era, free, low, high, token }) => ({
    design,
    on: workload,
    era,
    notJudged: null,
    ...ofWords(workload, [free.word, low.word, high.word]),
    findings: [
      ...ofWord(free.word, 'where work takes no time', null),
      ...ofWord(low.word, 'at the low end of the prices', token),
      ...ofWord(high.word, 'at the high end of the prices', token),
    ],
  }));
}

/** A row has a word for each seed; a word that several have stands once. */
export function cellsOfSeeds({ rows }: SeedsDocument): JudgedCell[] {
  return rows.map(({ design, workload, era, seeds, words, token }) => ({
    design,
    on: workload,
    era,
    notJudged: null,
    ...ofWords(
      workload,
      words.map(({ word }) => word),
    ),
    findings: words.flatMap((w, i) =>
      ofWord(w.word, `with ${w.seeds} of ${many(seeds, 'seed')}`, i === 0 ? null : token),
    ),
  }));
}

function ofWord(word: string, where: string, token: string | null): JudgedFinding[] {
  const harm = HARMS.find((h) => h === word) ?? null;
  const property: Property | undefined =
    harm === null
      ? PROPERTIES.find((p) => p === word)
      : PROPERTIES.find((p) => cardOf(p).word === 'harm');
  if (property === undefined) return [];
  return [{ property, harm, text: `${where}: ${cardOf(property).says}`, token }];
}
