// Which findings count for whoever asked: those of the kinds that were named, but for the cells that are known.
import { HARMS, IN_THE_WORD, PROPERTIES, type Harm } from '@lastref/judge';
import {
  failsUnasked,
  type JudgedCell,
  type JudgedFinding,
  type Kind,
  type OtherKind,
  type Standing,
} from './judged.ts';

/** What a command may find, where it is not properties alone. */
export interface Finds {
  readonly others: readonly OtherKind[];
  /** Does it find properties, too? */
  readonly properties: boolean;
  /** What DESIGN and WORKLOAD of --exclude are there. */
  readonly cells: string;
  /** What else --fail-on does there. */
  readonly more?: string;
}

export const PROPERTIES_ALONE: Finds = {
  others: [],
  properties: true,
  cells: 'DESIGN, DESIGN/WORKLOAD or DESIGN/WORKLOAD/PROPERTY',
};

/** What may be asked for: properties, and with `harms` what came of them; then what else is found. */
export function kindsOf({ others, properties }: Finds, harms: boolean): readonly string[] {
  return [...(properties ? [...PROPERTIES, ...(harms ? HARMS : [])] : []), ...others];
}

/** Is the finding one of these? What stands beside the word is so by its own name alone, whatever harm was done. */
export function isOf(
  kinds: ReadonlySet<string>,
  { property, harm }: { readonly property: Kind; readonly harm: Harm | null },
): boolean {
  return (
    kinds.has(property) ||
    (harm !== null && IN_THE_WORD.some((p) => p === property) && kinds.has(harm))
  );
}

/** Cells whose findings are known; '*' is any. */
export interface Exclusion {
  /** As it was typed. */
  readonly text: string;
  readonly design: string;
  readonly on: string;
  readonly property: string;
}

/** 'DESIGN', 'DESIGN/ON' or 'DESIGN/ON/PROPERTY'; null: it is none of these. */
export function exclusionOf(text: string): Exclusion | null {
  const [design = '', on = '*', property = '*', ...more] = text.split('/');
  return design === '' || on === '' || more.length > 0 ? null : { text, design, on, property };
}

function covers(e: Exclusion, cell: JudgedCell, { property }: JudgedFinding): boolean {
  return (
    (e.design === '*' || e.design === cell.design) &&
    (e.on === '*' || e.on === cell.on) &&
    (e.property === '*' || e.property === property)
  );
}

/** `kinds` null: nobody said, and all counts that stands in the word of a cell. */
export function standingOf(
  kinds: ReadonlySet<string> | null,
  excluded: readonly Exclusion[],
  cell: JudgedCell,
  finding: JudgedFinding,
): Standing {
  const asked = kinds === null ? failsUnasked(finding.property) : isOf(kinds, finding);
  if (!asked) return 'beside';
  return excluded.some((e) => covers(e, cell, finding)) ? 'known' : 'counts';
}

/** Has somebody said of a cell that nobody can judge that it is known, or that who is never told there is? */
export function isKnownOpen(excluded: readonly Exclusion[], cell: JudgedCell): boolean {
  const finding: JudgedFinding = { property: 'lost', harm: null, text: '', token: null };
  return cell.open === true && excluded.some((e) => covers(e, cell, finding));
}
