// What the kept scans say together, as Markdown: coverage by release, and what no operation stands for.
import { table } from '@lastref/report';
import { coverageOf, isTransfer, type Part } from './coverage.ts';
import { keptScan } from './kept.ts';
import { KINDS, KIND_WORDS } from './kinds.ts';
import { isTest, lacking } from './query.ts';
import { operationOf } from './registry.ts';
import type { Site } from './scan.ts';

const of = ({ operations, all }: Part): string =>
  `${operations} of ${all} (${((100 * operations) / all).toFixed(0)} %)`;

/** The page results/sites.md. */
export function summaryMarkdown(trees: readonly string[]): string {
  const scans = trees.map((tree) => ({ tree, ...keptScan(tree) }));
  const scopes = coverageOf(scans[0]?.sites ?? []).map((c) => c.scope);
  return `${[
    '# What of a kernel touches a fragment',
    '',
    "Every function of four of Debian's kernel sources that takes, drops, moves, shares, copies or writes in place a fragment, or touches an owner's record, and how many of them are rows of `lastref movers`. Made from the scans that are kept in [`sites/`](sites); `./lastref sites --kernel 7.2 --keep results/sites` makes one anew. How good the scan is: `./lastref sites --kernel 7.2 --labels results/sites-labels.json`. What a patch query is worth: [histories](sites-histories.md).",
    '',
    table(
      ['tree', 'files', 'functions', 'that touch', 'package'],
      scans.map(({ tree, about, sites }) => [
        tree,
        String(about.files),
        String(about.functions),
        String(sites.length),
        `\`${about.source}\`, SHA-256 \`${about.sha256.slice(0, 16)}…\``,
      ]),
    ),
    '',
    '## How much of it are operations',
    '',
    ...scopes.flatMap((scope) => [
      `### ${scope}`,
      '',
      table(
        [
          'tree',
          'functions that touch',
          'that move, share or drop',
          'transfers between shared infos',
        ],
        scans.map(({ tree, sites }) => {
          const c = coverageOf(sites).find((x) => x.scope === scope)!;
          return [tree, of(c.touching), of(c.moving), of(c.transfers)];
        }),
      ),
      '',
    ]),
    '## By kind, in net and include',
    '',
    table(
      ['kind', 'what it does', ...trees],
      KINDS.map((kind) => [
        kind,
        KIND_WORDS[kind],
        ...scans.map(({ sites }) => String(inNet(sites).filter((s) => s.kind === kind).length)),
      ]),
    ),
    '',
    '## Transfers that no operation stands for',
    '',
    table(
      ['function', 'file', ...trees],
      rowsOf(scans, (s) => isTransfer(s) && operationOf(s.name) === null),
    ),
    '',
    '## Where a way goes past the marker of shared frags',
    '',
    'Transfers, writers in place, lenders and chains, in the order of `--patch`: not every one is a bug; each is a place where somebody has to know why not.',
    '',
    ...scans.flatMap(({ tree, sites }) => {
      const rows = lacking(sites, 'marker');
      return [
        `- **${tree}**, ${rows.length}: ${rows.map((r) => `${r.site.name} (${r.query})`).join(', ')}.`,
      ];
    }),
  ].join('\n')}\n`;
}

function inNet(sites: readonly Site[]): Site[] {
  return sites.filter((s) => /^(?:net|include)\//.test(s.file) && !isTest(s));
}

function rowsOf(
  scans: readonly { readonly sites: readonly Site[] }[],
  wanted: (site: Site) => boolean,
): string[][] {
  const names = new Map<string, { name: string; file: string }>();
  for (const { sites } of scans)
    for (const s of sites.filter((x) => wanted(x) && !isTest(x)))
      names.set(`${s.file}:${s.name}`, s);
  return [...names.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { name, file }]) => [
      `\`${name}\``,
      file,
      ...scans.map(({ sites }) =>
        sites.some((s) => s.name === name && s.file === file && wanted(s)) ? 'yes' : '',
      ),
    ]);
}

/** The section of docs/omissions.md: what moves, shares or writes in place in net and is no operation. */
export function omissionsText(tree: string): string {
  const { sites } = keptScan(tree);
  const left = inNet(sites).filter(
    (s) => operationOf(s.name) === null && s.file.startsWith('net/'),
  );
  const byDir = new Map<string, string[]>();
  for (const s of left.filter((x) => ['write-in-place', 'move', 'share'].includes(x.kind))) {
    const dir = s.file.split('/').slice(0, 2).join('/');
    byDir.set(dir, [...(byDir.get(dir) ?? []), `${s.name} (${s.kind})`]);
  }
  return [
    `In ${tree}, ${left.length} functions under \`net/\` touch a fragment or an owner's record and are no operation; those that write in place, move or share (\`lastref sites --kernel ${tree.split('.').slice(0, 2).join('.')}\` has all):`,
    '',
    table(
      ['directory', 'functions'],
      [...byDir.entries()].map(([dir, names]) => [`\`${dir}\``, [...new Set(names)].join(', ')]),
    ),
  ].join('\n');
}
