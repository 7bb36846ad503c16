// Operation × design. A cell is found by running the operation on lent pages and then releasing what is held in
// every order; nobody is asked what it hooks.
import { OPERATIONS, UNCONVERTED } from './recipes/index.ts';
import { existsIn, type Met, type Operation, type Situation } from './operation.ts';
import {
  changeAt,
  hasChange,
  inDomain,
  isOfAnotherTime,
  type Design,
  type Era,
} from '@lastref/kernel';
import { operationWorkload, type OperationWorkload } from './stage/workload.ts';
import {
  HARMS,
  IN_THE_WORD,
  PROPERTIES,
  byGravity,
  type Finding,
  type Harm,
  type Property,
  type Verdict,
} from '@lastref/judge';
import type { CellInput } from '@lastref/search';
import { isProgram, ordersWithFaults, type Order } from './orders.ts';
import { CONTROL } from './recipes/control.ts';
import { EraReads } from './watched-era.ts';
import { tokenOf } from '@lastref/runner';
import type { Trace } from '@lastref/workloads';

export type CellVerdict = 'proven' | 'refuted' | 'copied' | 'refused' | 'not-exercised' | 'n/a';

export interface MatrixCell {
  readonly verdict: CellVerdict;
  /** No packet of what the design was made for comes there. */
  readonly outside: boolean;
  /** The gravest property refuted, and all of them; those that stand beside the word are in `verdicts` alone. */
  readonly property: Property | null;
  readonly properties: readonly Property[];
  readonly verdicts: Readonly<Record<Property, Verdict>>;
  readonly harm: Finding['harm'] | null;
  /** The worst harm under each property of these. */
  readonly harms: ReadonlyMap<Property, Harm>;
  readonly token: string | null;
  /** Orders of release that were run. */
  readonly runs: number;
  /** Whose letting go completed a loan in some order: who can stretch the hold. */
  readonly heldBy: readonly string[];
}

const PARTNERS: readonly Situation[] = ['shared', 'sole owner'];
const UNLIKE: readonly Situation[] = ['first is ordinary', 'second is ordinary'];

/** The situations that an operation is run in. */
export function casesOf({ joins }: Operation): readonly Situation[] {
  return joins === true ? [...PARTNERS, ...UNLIKE] : PARTNERS;
}

/** No operation at all first, then every operation, and last what code outside the tree does. */
export function matrixOperations(): readonly Operation[] {
  return [CONTROL, ...OPERATIONS, UNCONVERTED];
}

/** Every operation in every situation, as workloads that a token can name. */
export function operationWorkloads(): OperationWorkload[] {
  return matrixOperations().flatMap((operation) =>
    casesOf(operation).map((situation) => operationWorkload(operation, situation)),
  );
}

/** What was seen of one cell, and the trace of the gravest finding. */
interface Seen {
  readonly cell: Omit<MatrixCell, 'token'>;
  readonly worst: { readonly input: CellInput; readonly trace: Trace } | null;
}

/** What the orders of a cell are more than the orders of release. */
export interface Beyond {
  /** Also with every allocation of the operation failing once. */
  readonly faults?: boolean;
  /** Also with one of the holders letting go on a second processor, inside the operation or inside another one's release. */
  readonly processors?: 2;
  /** Orders that come to the same are followed once, on one machine: for designs that hide nothing. */
  readonly joins?: boolean;
}

/** Runs one cell: every situation, every order of release. */
export function runMatrixCell(
  design: Design,
  operation: Operation,
  era: Era,
  beyond: Beyond = {},
): MatrixCell {
  return withToken(look(design, operation, era, beyond), era);
}

/** How a row is run. */
export interface RowOptions extends Beyond {
  /** Only in the first of its eras that has the operation. */
  readonly head: boolean;
  /** In each of its eras by itself: what a candidate asks of its era is heard in its own process, and not by who judges. */
  readonly each?: boolean;
}

/**
 * One cell in each of `eras`; null where it is not run. What no run can tell apart from an era before is not run again,
 * where all that the design asks is heard.
 */
export function runMatrixRow(
  design: Design,
  operation: Operation,
  eras: readonly Era[],
  { head, each = false, ...beyond }: RowOptions,
): (MatrixCell | null)[] {
  const before: { readonly reads: EraReads; readonly seen: Seen }[] = [];
  const only = head && operation !== CONTROL ? eras.find((e) => existsIn(operation, e.id)) : null;
  return eras.map((era) => {
    if (only !== null && era !== (only ?? eras[0])) return null;
    if (each || !isAsked(design, operation, era))
      return withToken(look(design, operation, era, beyond), era);
    const same = before.find(({ reads }) => reads.fits(era));
    if (same !== undefined)
      return { ...withToken(same.seen, era), outside: isOutside(design, operation, era) };
    const reads = new EraReads(era);
    const seen = look(design, operation, era, beyond, reads.era);
    before.push({ reads, seen });
    return withToken(seen, era);
  });
}

/** The token is made by playing the finding in `era` itself. */
function withToken({ cell, worst }: Seen, era: Era): MatrixCell {
  if (worst === null) return { ...cell, token: null };
  const { design, workload, seed } = worst.input;
  return { ...cell, token: tokenOf({ design, workload, seed, era }, worst.trace) };
}

function look(
  design: Design,
  operation: Operation,
  era: Era,
  { faults = false, processors, joins = false }: Beyond,
  watched?: Era,
): Seen {
  const tally = new Tally();
  if (isAsked(design, operation, era)) {
    for (const situation of casesOf(operation)) {
      const workload = operationWorkload(operation, situation);
      const given = watched === undefined ? {} : { watched };
      const two = processors === undefined ? {} : { processors };
      const input: CellInput = { design, workload, era, seed: 1, ...given, ...two };
      for (const order of ordersWithFaults(input, faults, { joins })) tally.add(order, input);
    }
  }
  return tally.seen(isOutside(design, operation, era));
}

/** Is it run: does the kernel have it, and is the design made for whoever lends so, where that is not everybody? */
function isAsked({ domain }: Design, operation: Operation, era: Era): boolean {
  return existsIn(operation, era.id) && inDomain(domain, operation.lends, era);
}

/** A design that is made for no lender at all promises nobody to be told: it is looked at wherever there is such a kernel. */
function isOutside({ domain }: Design, { meets, onHost }: Operation, era: Era): boolean {
  if (isOfAnotherTime(domain, era)) return true;
  if (domain?.onHost === false && onHost === true) return true;
  if (domain?.by?.length === 0) return false;
  const comes =
    meets === undefined || meets.some((lent) => inDomain(domain, lent, era) && isThere(lent, era));
  return !comes;
}

/** Do such packets come there in `era`? */
function isThere({ since }: Met, { tree }: Era): boolean {
  return since === undefined || hasChange(tree, changeAt(since));
}

/** Is the one harm worse than the other, or than none? */
export function isWorse(harm: Harm, than: Harm | undefined): boolean {
  return than === undefined || HARMS.indexOf(harm) > HARMS.indexOf(than);
}

/** Adds up the orders of a cell. */
class Tally {
  private runs = 0;
  private readonly heldBy = new Set<string>();
  private readonly refuted = new Set<Property>();
  private readonly harms = new Map<Property, Harm>();
  private readonly exercised = new Set<Property>();
  private worst: {
    readonly finding: Finding;
    readonly input: CellInput;
    readonly trace: Trace;
  } | null = null;
  private shared = false;
  private copied = false;
  private refused = false;

  add(order: Order, input: CellInput): void {
    const { judgement, cell } = order;
    this.runs++;
    if (order.fault === null) {
      if (order.refused) this.refused = true;
      else if (order.acted && !order.copied) this.shared = true;
      else if (order.acted) this.copied = true;
    }
    for (const who of order.heldBy) {
      this.heldBy.add(who);
      this.exercised.add('unbounded');
      if (isProgram(who)) this.refuted.add('unbounded');
    }
    for (const property of PROPERTIES) {
      if (judgement.verdicts[property] !== 'not-exercised') this.exercised.add(property);
      if (judgement.verdicts[property] === 'refuted') this.refuted.add(property);
    }
    for (const finding of judgement.findings) {
      const { property, harm } = finding;
      if (isWorse(harm, this.harms.get(property))) this.harms.set(property, harm);
      const { worst } = this;
      const order = worst === null ? -1 : byGravity(finding, worst.finding);
      if (order > 0 || (order === 0 && finding.step >= worst!.finding.step)) continue; // keep the shortest
      this.worst = { finding, input, trace: cell.recorder.upTo(finding.step) };
    }
  }

  seen(outside: boolean): Seen {
    const { refuted, exercised, worst, runs } = this;
    const verdicts = Object.fromEntries(
      PROPERTIES.map((p) => [
        p,
        refuted.has(p) ? 'refuted' : exercised.has(p) ? 'holds' : 'not-exercised',
      ]),
    ) as Record<Property, Verdict>;
    return {
      cell: {
        verdict: this.verdict(),
        outside,
        property: worst?.finding.property ?? null,
        properties: IN_THE_WORD.filter((p) => refuted.has(p)),
        verdicts,
        harm: worst?.finding.harm ?? null,
        harms: this.harms,
        runs,
        heldBy: [...this.heldBy].sort(),
      },
      worst,
    };
  }

  private verdict(): CellVerdict {
    if (this.runs === 0) return 'n/a';
    if (this.worst !== null) return 'refuted';
    if (this.shared) return 'proven';
    if (this.refused) return 'refused'; // what else was copied proves nothing either
    return this.copied ? 'copied' : 'not-exercised';
  }
}
