// What a message costs by its size: from which size on does it pay to lend pages?
import type { CompareDocument } from './document.ts';
import { COPYING } from './perdesign.ts';

export interface SizeRow {
  readonly design: string;
  /** Microseconds of a message at both ends of the prices, by size: '1.9–4.2'. */
  readonly cells: readonly string[];
  /** The smallest size from which on it is cheaper than copying at both ends; '' where copying itself is not there. */
  readonly pays: string;
}

/** '4 KiB', '1 MiB'. */
export function sizeText(bytes: number): string {
  return bytes < 1 << 20 ? `${bytes / 1024} KiB` : `${bytes / (1 << 20)} MiB`;
}

type BySize = NonNullable<CompareDocument['costs']['bySize']>;

/** A row for each design; none: nobody asked. */
export function sizeRows({ designs, costs: { bySize } }: CompareDocument): SizeRow[] {
  if (bySize === undefined) return [];
  return designs.flatMap(({ id }) => {
    const costs = bySize.sizes.map((bytes) => at(bySize, id, bytes));
    if (costs.every((c) => c === undefined)) return [];
    return [
      {
        design: id,
        cells: costs.map((c) => (c === undefined ? '-' : `${micro(c.ns)}–${micro(c.nsHigh)}`)),
        pays: paysFrom(bySize, id),
      },
    ];
  });
}

function at({ rows }: BySize, design: string, bytes: number): BySize['rows'][number] | undefined {
  return rows.find((r) => r.design === design && r.bytes === bytes);
}

function micro(ns: number): string {
  const us = ns / 1000;
  return us.toFixed(us < 10 ? 2 : us < 100 ? 1 : 0);
}

/** From a size on: for it and every larger one. */
function paysFrom(of: BySize, design: string): string {
  if (design === COPYING || at(of, COPYING, of.sizes[0]!) === undefined) return '';
  let from: number | null = null;
  for (const bytes of [...of.sizes].reverse()) {
    const [own, copying] = [at(of, design, bytes), at(of, COPYING, bytes)];
    if (own === undefined || copying === undefined) break;
    if (own.ns >= copying.ns || own.nsHigh >= copying.nsHigh) break;
    from = bytes;
  }
  return from === null ? 'never' : sizeText(from);
}

/** The head of the table. */
export function sizeHead({ costs: { bySize } }: CompareDocument): string {
  return `What a message costs by its size, in microseconds: all in ${bySize?.era ?? '-'}, nothing lost, from one processor to two on two sockets`;
}

export const SIZE_WORDS =
  'Counted and weighted as the costs of a segment. *Pays from*: from this size on it costs less than copying at both ends of the prices. What a program pays to pin its pages, and to read that they are its own again, is not counted.';
