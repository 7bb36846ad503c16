// What we set ourselves, beside what one run measured. A bound that the rounds lie on both sides of is undecided.
import type { BenchDocument, TargetFigure } from '@lastref/report';
import { BASELINE } from './cells.ts';
import { figure } from './render.ts';
import { median, spread } from './stats.ts';

/** What a cell's figure is divided by. */
type Against = 'its anchor' | typeof BASELINE | 'nothing' | { readonly cell: string };

interface Target {
  readonly cell: string;
  readonly against: Against;
  readonly most?: number;
  readonly least?: number;
}

const IAN = 'ian-frag-destructor';
const BOTH = [BASELINE, IAN];
const anchored = (scenario: string, bound: { most?: number; least?: number }): Target[] =>
  BOTH.map((design) => ({ cell: `${scenario}/${design}`, against: 'its anchor', ...bound }));

export const TARGETS: readonly Target[] = [
  ...anchored('cycle/1', { most: 3 }),
  ...anchored('cycle/17', { most: 3.8 }),
  ...anchored('bulk/0%-no-offload', { least: 7.5 }),
  ...anchored('bulk/1%-no-offload', { least: 4.5 }),
  // its ledger says that it costs what bare references cost
  ...['0%', '1%'].map((loss): Target => ({
    cell: `bulk/${loss}-no-offload/${IAN}`,
    against: BASELINE,
    most: 1.15,
  })),
  { cell: 'command/compare', against: 'nothing', most: 25 },
  { cell: 'command/start', against: 'nothing', most: 20 },
  { cell: 'command/check', against: 'nothing', most: 1 },
  { cell: 'command/check-repaired', against: 'nothing', most: 1 },
  { cell: 'command/check-two', against: 'nothing', most: 60 },
  { cell: 'command/check-two-alone', against: { cell: 'command/check-two' }, least: 1.7 },
  { cell: 'command/matrix', against: 'nothing', most: 10 },
  { cell: 'command/matrix-all', against: 'nothing', most: 90 },
  { cell: 'command/mutants', against: 'nothing', most: 60 },
];

interface Found {
  /** What the figure is set against. */
  readonly beside: string;
  readonly figure: number;
  readonly low: number;
  readonly high: number;
}

type Figures = Pick<BenchDocument, 'cells' | 'anchors' | 'ratios' | 'baseline'>;

/** Every target of which a cell was run. */
export function targetFigures(doc: Figures): TargetFigure[] {
  return TARGETS.filter(({ cell }) => doc.cells.some((c) => c.id === cell)).map((target) => {
    const { cell, most, least } = target;
    const bound = most ?? least!;
    const sense = most === undefined ? 'at least' : 'at most';
    const { unit } = doc.cells.find((c) => c.id === cell)!;
    const found = foundOf(target, doc);
    const measured = found === null ? null : { ...found, says: says(found, bound, sense) };
    return { cell, sense, bound, unit: target.against === 'nothing' ? unit : 'x', measured };
  });
}

function says(
  { low, high }: Found,
  bound: number,
  sense: 'at most' | 'at least',
): 'met' | 'not met' | 'undecided' {
  const [best, worst] = sense === 'at most' ? [low, high] : [-high, -low];
  const limit = sense === 'at most' ? bound : -bound;
  if (worst <= limit) return 'met';
  return best > limit ? 'not met' : 'undecided';
}

/** null: what it is set against was not measured. */
function foundOf({ cell, against }: Target, doc: Figures): Found | null {
  const own = doc.cells.find((c) => c.id === cell)!;
  if (against === 'nothing')
    return { beside: '-', figure: own.median, low: own.min, high: own.max };
  if (against === BASELINE) {
    const time = doc.baseline?.find((r) => r.cell === cell);
    if (time === undefined) return null;
    return { beside: BASELINE, figure: time.ratio, low: time.low, high: time.high };
  }
  if (against === 'its anchor') {
    const ratio = doc.ratios.find((r) => r.cell === cell);
    if (ratio === undefined) return null;
    const anchor = doc.anchors.find((a) => a.id === ratio.anchor)!;
    const beside = `${anchor.id} ${figure(anchor.median)}`;
    return { beside, figure: ratio.median, low: ratio.min, high: ratio.max };
  }
  const other = doc.cells.find((c) => c.id === against.cell);
  if (other === undefined) return null;
  const ratios = own.rounds.map((samples, i) => median(samples) / median(other.rounds[i]!));
  const { median: middle, min, max } = spread(ratios);
  return { beside: `${other.id} ${figure(other.median)}`, figure: middle, low: min, high: max };
}
