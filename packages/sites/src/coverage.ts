// How much of a tree the registry of operations has: by scope and by directory.
import { KINDS, type Kind } from './kinds.ts';
import { isTest } from './query.ts';
import { operationOf } from './registry.ts';
import type { Caller, Site } from './scan.ts';

export interface Part {
  readonly operations: number;
  readonly all: number;
}

export interface Coverage {
  readonly scope: string;
  /** Functions with a deed of their own. */
  readonly touching: Part;
  /** Those that move, share or drop entries, or chain whole packets. */
  readonly moving: Part;
  /** Those that put entries of one shared info into another. */
  readonly transfers: Part;
  /** Of the transfers, those that no operation stands for. */
  readonly missing: readonly string[];
}

const SCOPES: readonly (readonly [string, RegExp])[] = [
  ['net/core + net/ipv4 + skbuff.h', /^net\/(?:core|ipv4)\/|^include\/linux\/skbuff/],
  ['net + include', /^(?:net|include)\//],
  ['drivers', /^drivers\//],
  ['whole scan', /^/],
];

export function isTransfer(site: Pick<Site, 'demands'>): boolean {
  return site.demands.some((d) => d.query === 'transfer');
}

export function coverageOf(sites: readonly Site[]): Coverage[] {
  return SCOPES.map(([scope, files]) => {
    const here = sites.filter((s) => files.test(s.file) && !isTest(s));
    const transfers = here.filter(isTransfer);
    return {
      scope,
      touching: part(here),
      moving: part(
        here.filter((s) => s.kinds.some((k) => k === 'move' || k === 'share' || k === 'drop')),
      ),
      transfers: part(transfers),
      missing: transfers
        .filter((s) => operationOf(s.name) === null)
        .map((s) => `${s.file} ${s.name}`),
    };
  });
}

function part(sites: readonly Site[]): Part {
  return {
    operations: sites.filter((s) => operationOf(s.name) !== null).length,
    all: sites.length,
  };
}

export interface Directory {
  readonly dir: string;
  readonly kinds: Readonly<Record<Kind, number>>;
  readonly operations: number;
  readonly missing: number;
  /** Functions that only call an operation. */
  readonly callers: number;
}

/** `net/core`, `drivers/net`, `fs`: two levels where there are two. */
export function directoryOf(file: string): string {
  const parts = file.split('/').slice(0, -1);
  return parts.slice(0, 2).join('/');
}

export function directoriesOf(sites: readonly Site[], callers: readonly Caller[]): Directory[] {
  const dirs = [...new Set([...sites, ...callers].map((s) => directoryOf(s.file)))].sort();
  return dirs.map((dir) => {
    const here = sites.filter((s) => directoryOf(s.file) === dir);
    const operations = here.filter((s) => operationOf(s.name) !== null).length;
    const kinds = Object.fromEntries(
      KINDS.map((kind) => [kind, here.filter((s) => s.kind === kind).length]),
    ) as Record<Kind, number>;
    return {
      dir,
      kinds,
      operations,
      missing: here.length - operations,
      callers: callers.filter((c) => directoryOf(c.file) === dir).length,
    };
  });
}
