// How good the scan is, by a list of functions that people labelled: recall and precision, stratum by stratum.
import { UsageError, CouldNot, textOf } from '@lastref/runner';
import { KINDS, type Kind } from './kinds.ts';
import type { Scan } from './scan.ts';

/** Of a file of them. */
const BYTES_MAX = 1 << 26;

export interface Label {
  readonly file: string;
  readonly function: string;
  /** What it does first of all; 'none': it touches no fragment and no owner's record. */
  readonly kind: Kind | 'none';
  /** It puts entries of one shared info into another. */
  readonly transfer?: boolean;
  /** The tree that it was read in. */
  readonly tree: string;
  readonly why: string;
}

export interface Stratum {
  readonly stratum: string;
  readonly labels: number;
  /** Labelled as touching, and found; labelled as touching, and not found. */
  readonly found: number;
  readonly missed: readonly string[];
  /** Labelled as not touching, and found all the same. */
  readonly wrong: readonly string[];
  readonly negatives: number;
  /** Of those found, how many have the labelled kind among theirs. */
  readonly sameKind: number;
  /** Of the labelled transfers, those that the scan has as such, and those it says of others. */
  readonly transfers: number;
  readonly transfersFound: number;
  readonly transfersWrong: number;
  /** Labels of functions that the tree has not got. */
  readonly absent: readonly string[];
}

const STRATA: readonly (readonly [string, RegExp])[] = [
  ['net/core', /^net\/core\//],
  ['net/ipv4', /^net\/ipv4\//],
  ['net/ipv6', /^net\/ipv6\//],
  ['net elsewhere', /^net\//],
  ['drivers', /^drivers\//],
  ['include', /^include\//],
  ['elsewhere', /^/],
];

export function stratumOf(file: string): string {
  return STRATA.find(([, files]) => files.test(file))![0];
}

export function readLabels(file: string): Label[] {
  let text: string;
  try {
    text = textOf(file, 'a list of labels', BYTES_MAX);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read labels from '${file}'`);
  }
  let labels: unknown;
  try {
    ({ labels } = JSON.parse(text) as { labels: unknown });
  } catch {
    throw new UsageError(`'${file}' is no list of labels: it is not JSON with "labels"`);
  }
  if (!Array.isArray(labels) || labels.length === 0)
    throw new UsageError(`'${file}' is no list of labels: see results/sites-labels.json`);
  return labels.map((label: Partial<Label>, i) => {
    const { file: of, function: name, kind, tree, why } = label;
    if (of === undefined || name === undefined || tree === undefined || why === undefined)
      throw new UsageError(`label ${i + 1} of '${file}' lacks a file, a function, a tree or a why`);
    if (kind === undefined || (kind !== 'none' && !KINDS.includes(kind)))
      throw new UsageError(`label ${i + 1} of '${file}': kind is ${KINDS.join(', ')} or none`);
    return label as Label;
  });
}

/** Labels of other trees are left out: a function may do something else there. */
export function judgeLabels(scan: Scan, all: readonly Label[], tree: string): Stratum[] {
  const labels = all.filter((l) => l.tree === tree);
  if (labels.length === 0)
    throw new CouldNot(
      `no label was read in ${tree}: ${[...new Set(all.map((l) => l.tree))].join(', ')}`,
    );
  const sites = new Map(scan.sites.map((s) => [`${s.file}:${s.name}`, s]));
  const present = (l: Label): boolean => scan.known.has(`${l.file}:${l.function}`);
  return STRATA.flatMap(([stratum]) => {
    const own = labels.filter((l) => stratumOf(l.file) === stratum);
    if (own.length === 0) return [];
    const here = own.filter(present);
    const siteOf = (l: Label) => sites.get(`${l.file}:${l.function}`);
    const isTransfer = (l: Label): boolean =>
      siteOf(l)?.demands.some((d) => d.query === 'transfer') === true;
    const positives = here.filter((l) => l.kind !== 'none');
    const negatives = here.filter((l) => l.kind === 'none');
    const found = positives.filter((l) => siteOf(l) !== undefined);
    const transfers = here.filter((l) => l.transfer === true);
    return [
      {
        stratum,
        labels: here.length,
        found: found.length,
        missed: positives.filter((l) => siteOf(l) === undefined).map((l) => l.function),
        wrong: negatives.filter((l) => siteOf(l) !== undefined).map((l) => l.function),
        negatives: negatives.length,
        sameKind: found.filter((l) => siteOf(l)!.kinds.includes(l.kind as Kind)).length,
        transfers: transfers.length,
        transfersFound: transfers.filter(isTransfer).length,
        transfersWrong: here.filter((l) => l.transfer !== true && isTransfer(l)).length,
        absent: own.filter((l) => !present(l)).map((l) => `${l.file} ${l.function}`),
      },
    ];
  });
}
