// What the model says of an arm: whether somebody may read changed bytes, and who.
import { NotInEra, eraOf, type Design, type Era } from '@lastref/kernel';
import { OPERATIONS, existsIn, runMatrixCell } from '@lastref/operations';
import type { LiveRow } from '@lastref/report';
import { Cell } from '@lastref/search';
import { workloadCalled } from '@lastref/workloads';
import type { Arm, Beside } from './scenarios.ts';

/** By id: designs and runtimes. */
export type Designs = ReadonlyMap<string, Design>;

export type ReadBy = LiveRow['finds'][number];

export interface ModelAnswer {
  readonly cell: LiveRow['cell'];
  readonly finds: readonly ReadBy[];
}

const NOTHING: ModelAnswer = { cell: null, finds: [] };
/** Told too early or not: bytes were read that nobody had sent. */
const CHANGED: readonly string[] = ['corrupt', 'written'];

/** What the model says of `arm` beside the kernel `era`; null: that kernel has not got it. */
export function modelOf(
  { design: id, beside }: Arm,
  era: string,
  designs: Designs,
): ModelAnswer | null {
  if (beside === null) return NOTHING;
  const design = designs.get(id);
  if (design === undefined) throw new RangeError(`no design ${id}`);
  const key = `${era} ${id} ${JSON.stringify(beside)}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = asked(design, beside, era);
  answers.set(key, answer);
  return answer;
}

const answers = new Map<string, ModelAnswer | null>();

function asked(design: Design, beside: Beside, kernel: string): ModelAnswer | null {
  try {
    if ('operations' in beside) return onOperation(design, beside.operations, kernel);
    const era = beside.without === undefined ? kernel : `${kernel}-${beside.without}`;
    return onWorkload(design, beside.workload, eraOf(era)!);
  } catch (error) {
    if (error instanceof NotInEra) return null;
    throw error;
  }
}

function onOperation(design: Design, ids: readonly string[], era: string): ModelAnswer | null {
  const operation = OPERATIONS.find((o) => ids.includes(o.id) && existsIn(o, era));
  if (operation === undefined) return null;
  const { verdict, properties } = runMatrixCell(design, operation, eraOf(era)!);
  const word = verdict === 'refuted' ? properties.join(', ') : verdict;
  // who reads on the matrix's bench says nothing of who reads here: there all that somebody holds is read
  const isRead = properties.some((property) => CHANGED.includes(property));
  const finds: ReadBy[] = isRead ? ['wire', 'delivered'] : [];
  return { cell: { design: design.id, on: operation.id, era, word }, finds };
}

/** A kernel is asked many times as well: what one run of the model shows may be chance. */
const SEEDS = 8;

function onWorkload(design: Design, id: string, era: Era): ModelAnswer {
  const words = new Set<string>();
  const finds = new Set<ReadBy>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const cell = new Cell({ design, workload: workloadCalled(id)!, era, seed });
    const { judgement } = cell.runByClock();
    const beside = judgement.beside.filter((f) => CHANGED.includes(f.property));
    for (const { property, harm } of [...judgement.findings, ...beside]) {
      words.add(property);
      if (CHANGED.includes(property) && harm !== 'hazard') finds.add(harm);
    }
  }
  const word = words.size === 0 ? 'holds' : [...words].join(', ');
  return { cell: { design: design.id, on: id, era: era.id, word }, finds: [...finds].sort() };
}

/** What was seen beside what the model finds. */
export function verdictOf(seen: readonly ReadBy[], finds: readonly ReadBy[]): LiveRow['verdict'] {
  if (seen.some((by) => !finds.includes(by))) return 'contradicts';
  return finds.length > 0 && seen.length === 0 ? 'not seen' : 'agrees';
}
