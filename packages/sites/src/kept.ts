// Scans that are kept: facts alone, a line for each function, so that a question about a release needs no tree.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, UsageError, digestOfDocument } from '@lastref/runner';
import { KINDS, type Kind } from './kinds.ts';
import { operationOf } from './registry.ts';
import type { Scan, Site } from './scan.ts';
import { QUERIES, type Demand, type Query } from './demands.ts';
import { HOOKS, type Hook } from './hooks.ts';

/** Where they stand. */
export const KEPT = `${ROOT}results/sites`;

/** One function: file, name, line, kinds, and for each query the hooks that every way passes and `-` for none. */
type Row = readonly [string, string, number, string, string];

export interface KeptScan {
  readonly schema: 'lastref.sites-kept/1';
  /** The tree as the model's eras name it. */
  readonly tree: string;
  /** The package that it was taken from, and its digest. */
  readonly source: string;
  readonly sha256: string;
  readonly files: number;
  readonly functions: number;
  readonly rows: readonly Row[];
  readonly digest: string;
}

export function keptText(scan: Scan, about: Pick<KeptScan, 'tree' | 'source' | 'sha256'>): string {
  const rows = scan.sites.map((s): Row => [
    s.file,
    s.name,
    s.line,
    s.kinds.join(' '),
    s.demands.map(demandText).sort().join(' '),
  ]);
  const { files, functions } = scan;
  const head = { schema: 'lastref.sites-kept/1', ...about, files, functions };
  const digest = digestOfDocument({ ...head, rows });
  const lines = rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n');
  return `${JSON.stringify({ ...head, digest }, null, 1).slice(0, -2)},\n "rows": [\n${lines}\n ]\n}\n`;
}

/** `transfer:owner+marker`, `chain:-`. */
function demandText({ query, hooks, aside }: Demand): string {
  return `${query}:${hooks.join('+') || '-'}${aside === null ? '' : `/${aside}`}`;
}

function demandOf(text: string, line: number): Demand {
  const [query = '', rest = ''] = text.split(':');
  const [hooks = '', aside = ''] = rest.split('/');
  return {
    query: query as Query,
    line,
    from: [],
    to: [],
    hooks: HOOKS.filter((h) => hooks.split('+').includes(h)),
    aside: aside === '' ? null : (aside as 'record' | 'device'),
  };
}

function siteOf([file, name, line, kinds, demands]: Row): Site {
  const all = kinds.split(' ') as Kind[];
  return {
    file,
    name,
    line,
    endLine: line,
    kind: KINDS.find((k) => all.includes(k))!,
    kinds: all,
    seen: {},
    demands: demands === '' ? [] : demands.split(' ').map((d) => demandOf(d, line)),
  };
}

/** The trees of which a scan is kept, oldest first. */
export function keptTrees(dir = KEPT): string[] {
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir)
    .filter((f) => f.endsWith('.json'))
    .map((f) => f.slice(0, -'.json'.length));
  const numbers = (name: string): string => name.replace(/^[a-z]+-/, '');
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  return names.sort((a, b) => compare(numbers(a), numbers(b)));
}

export function keptScan(tree: string, dir = KEPT): { about: KeptScan; sites: Site[] } {
  const kept = keptTrees(dir);
  // a name, and no way to another file
  if (!kept.includes(tree))
    throw new UsageError(`no scan of ${tree || "''"} is kept; there are ${kept.join(', ')}`);
  const file = join(dir, `${tree}.json`);
  const about = JSON.parse(readFileSync(file, 'utf8')) as KeptScan;
  return { about, sites: about.rows.map(siteOf) };
}

/** What stands for a hook that no way has, by site: for lists. */
export function missingHooks(site: Site): string[] {
  return QUERIES.flatMap((query) => {
    const own = site.demands.filter((d) => d.query === query && d.aside === null);
    if (own.length === 0) return [];
    const always = HOOKS.filter((h: Hook) => own.every((d) => d.hooks.includes(h)));
    return [`${query}: ${always.length === 0 ? 'no hook' : always.join(', ')}`];
  });
}

export function operationName(name: string): string | null {
  return operationOf(name)?.id ?? null;
}
