// A scan, and what was asked of it, as the document that `lastref sites` prints.
import type { PortDocument, SitesDocument } from '@lastref/report';
import { digestOfDocument } from '@lastref/runner';
import type { Design } from '@lastref/kernel';
import { coverageOf, directoriesOf } from './coverage.ts';
import type { Stratum } from './labels.ts';
import type { PatchReport } from './patch.ts';
import { hooksElsewhere, portOf, type SeamHook } from './port.ts';
import { mismatches, operationOf } from './registry.ts';
import type { Keeper, Scan, Site } from './scan.ts';

export interface Asked {
  readonly tree: string | null;
  readonly source: string | null;
  readonly keepers: readonly Keeper[] | null;
  readonly labels: readonly Stratum[] | null;
  readonly patch: PatchReport | null;
  readonly design: { readonly design: Design; readonly hooks: readonly SeamHook[] } | null;
}

export function sitesDocument(scan: Scan, asked: Asked): SitesDocument {
  const { files, functions, partly } = scan;
  const content: Omit<SitesDocument, 'digest'> = {
    schema: 'lastref.sites/1',
    tree: asked.tree,
    source: asked.source,
    read: { files, functions, partly },
    functions: scan.sites.map(row),
    coverage: coverageOf(scan.sites).map((c) => ({ ...c, missing: [...c.missing] })),
    directories: directoriesOf(scan.sites, scan.callers),
    mismatches: asked.tree === null ? [] : mismatches(scan, asked.tree),
    keepers: asked.keepers === null ? null : [...asked.keepers],
    labels: asked.labels === null ? null : (asked.labels as NonNullable<SitesDocument['labels']>),
    patch: asked.patch === null ? null : patchRows(asked.patch),
    design:
      asked.design === null
        ? null
        : {
            id: asked.design.design.id,
            rows: portRows(scan.sites, asked.design.design, asked.design.hooks),
          },
  };
  return { ...content, digest: digestOfDocument(content) };
}

function row({ file, name, line, kind, kinds }: Site): SitesDocument['functions'][number] {
  return { file, name, line, kind, kinds: [...kinds], operation: operationOf(name)?.id ?? null };
}

function patchRows(patch: PatchReport): NonNullable<SitesDocument['patch']> {
  return {
    changed: patch.changed.map(({ file, name, site }) => ({
      file,
      name,
      kinds: [...(site?.kinds ?? [])],
      operation: operationOf(name)?.id ?? null,
    })),
    adds: [...patch.adds],
    rows: patch.rows.map(({ site, hook, query, lines, elsewhere }) => ({
      ...row(site),
      hook,
      query,
      lines: [...lines],
      elsewhere,
    })),
  };
}

function portRows(
  sites: readonly Site[],
  design: Design,
  hooks: readonly SeamHook[],
): PortDocument['rows'] {
  return portOf(sites, design, hooks).map((r) => ({
    ...row(r.site),
    hooks: [...r.hooks],
    named: r.named,
  }));
}

export function portDocument(
  sites: readonly Site[],
  tree: string,
  design: Design,
  hooks: readonly SeamHook[],
): PortDocument {
  const content: Omit<PortDocument, 'digest'> = {
    schema: 'lastref.port/1',
    design: design.id,
    tree,
    elsewhere: hooksElsewhere(hooks),
    rows: portRows(sites, design, hooks),
  };
  return { ...content, digest: digestOfDocument(content) };
}
