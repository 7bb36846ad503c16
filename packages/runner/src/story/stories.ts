// The stories of a comparison and of a matrix: one for each loan that something was found about, and beside it
// the same steps under a design that passes.
import {
  faultsOf,
  headRows,
  isClean,
  sumOf,
  type CompareDocument,
  type CompareRow,
  type MoversDocument,
  type Story,
  type StorySide,
} from '@lastref/report';
import { sourceOf } from '../candidates/source.ts';
import type { House } from '../house.ts';
import { pose } from '../pool.ts';
import { Progress } from '../progress.ts';
import type { DesignFile } from '../registry.ts';
import { decodeToken } from '../token.ts';
import { question, type Play, type StoryAnswer } from './question.ts';

export interface StoryInput {
  readonly compare: CompareDocument;
  readonly movers: MoversDocument | null;
  /** Where each design comes from; one that is missing gets no story. */
  readonly designs: readonly DesignFile[];
  readonly capture: string;
}

interface Wanted {
  readonly design: string;
  readonly token: string;
  /** A design to set beside it, or null. */
  readonly beside: string | null;
}

export interface Stories {
  readonly stories: readonly Story[];
  /** Some token's steps end in another state than it says. */
  readonly stale: boolean;
}

export async function recordStories(house: House, input: StoryInput): Promise<Stories> {
  const wanted = [...ofCompare(input.compare), ...ofMovers(input)];
  const record = async (
    plays: ReadonlyMap<string, readonly Play[]>,
    what: string,
  ): Promise<readonly StoryAnswer[]> => {
    const all = [...plays.values()].reduce((sum, some) => sum + some.length, 0);
    const progress = new Progress('report', all);
    const asks = input.designs
      .filter((d) => plays.has(d.design.id))
      .map((d) => ({
        source: sourceOf(d),
        capture: input.capture,
        plays: plays.get(d.design.id)!,
      }));
    const onAnswer = ({ design }: StoryAnswer): void => progress.step(`${what} ${design}`);
    const answers = await pose(house, question, asks, { onAnswer });
    progress.end();
    return answers;
  };
  const first = await record(
    byDesign(
      wanted,
      (w) => w.design,
      (w) => [{ token: w.token, loan: null, keep: [] }],
    ),
    'the story of',
  );
  const sidesOf = new Map(first.map((a) => [a.token, a.sides]));
  const second = await record(
    byDesign(
      wanted,
      (w) => w.beside,
      (w) =>
        (sidesOf.get(w.token) ?? []).map(({ loan, side }) => ({
          token: w.token,
          loan,
          keep: side.steps.filter((s) => s.marks.some((m) => m.mark !== 'read')).map((s) => s.n),
        })),
    ),
    'the same steps under',
  );
  const beside = new Map<string, StorySide>();
  for (const { token, sides } of second)
    for (const { loan, side } of sides) beside.set(`${token} ${loan}`, side);
  const stories = wanted.flatMap((w) => {
    const { workload, era, seed } = decodeToken(w.token);
    return (sidesOf.get(w.token) ?? []).map(({ loan, side }) => {
      const other = beside.get(`${w.token} ${loan}`);
      const sides = other === undefined ? [side] : [side, other];
      return { token: w.token, workload, era, seed, loan, sides };
    });
  });
  return { stories, stale: first.some((a) => !a.same) };
}

function byDesign(
  wanted: readonly Wanted[],
  designOf: (w: Wanted) => string | null,
  playsOf: (w: Wanted) => readonly Play[],
): Map<string, Play[]> {
  const plays = new Map<string, Play[]>();
  for (const w of wanted) {
    const design = designOf(w);
    if (design === null) continue;
    plays.set(design, [...(plays.get(design) ?? []), ...playsOf(w)]);
  }
  return plays;
}

/** The longest token of each cell and seed: the others are its beginnings. */
function ofCompare(doc: CompareDocument): Wanted[] {
  const order = besides(doc);
  return doc.rows.flatMap((row) => {
    const longest = new Map<number, CompareRow['findings'][number]>();
    for (const f of faultsOf(row))
      if ((longest.get(f.seed)?.step ?? -1) <= f.step) longest.set(f.seed, f);
    const clean = (era: string | null): string | undefined =>
      order.find((id) =>
        doc.rows.some(
          (r) =>
            r.design === id &&
            r.workload === row.workload &&
            (era === null || r.era === era) &&
            isClean(r),
        ),
      );
    // In the same kernel, or else one that is clean in its own: what it does with these steps is played and shown.
    const beside = clean(row.era) ?? clean(null);
    return [...longest.values()].map(({ token }) => ({
      design: row.design,
      token,
      beside: beside ?? null,
    }));
  });
}

function ofMovers({ compare, movers }: StoryInput): Wanted[] {
  if (movers === null) return [];
  const order = [...besides(compare), ...movers.designs];
  return headRows(movers).flatMap((row) => {
    const passing = (verdict: string): string | undefined =>
      order.find((id) => row.cells[id]?.verdict === verdict);
    const beside = passing('proven') ?? passing('copied') ?? null;
    return movers.designs.flatMap((design) => {
      const token = row.cells[design]?.token ?? null;
      return token === null ? [] : [{ design, token, beside }];
    });
  });
}

/**
 * Designs worth setting beside one that fails: those with the fewest cells that fail, but first those that lend
 * at all, which is to copy less than half of what the one that copies most does.
 */
function besides(doc: CompareDocument): string[] {
  const ranked = doc.designs.map(({ id }) => {
    const rows = doc.rows.filter((r) => r.design === id);
    const { total, segments } = sumOf(rows, 'lent');
    return {
      id,
      fails: rows.filter((r) => faultsOf(r).length > 0).length,
      copies: (total['copiedPayloadBytes'] ?? 0) / Math.max(1, segments),
    };
  });
  const most = Math.max(0, ...ranked.map((r) => r.copies));
  return ranked
    .sort(
      (a, b) =>
        Number(a.copies * 2 > most) - Number(b.copies * 2 > most) ||
        a.fails - b.fails ||
        a.copies - b.copies,
    )
    .map((r) => r.id);
}
