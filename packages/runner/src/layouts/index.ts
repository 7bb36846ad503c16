// What each design adds to the kernel's structs, and what a receive buffer takes with it.
import type { Design } from '@lastref/kernel';
import {
  LAYOUT_ERAS,
  LayoutError,
  flatten,
  layoutEra,
  layoutEraIds,
  layoutOfStruct,
  receiveBuffer,
  shinfoBytes,
  skbDataAlign,
  addedTo,
  withAdded,
  type Layout,
  type LayoutEra,
  type Structs,
} from '@lastref/layout';
import type { LayoutDocument } from '@lastref/report';
import { digestOfDocument } from '../digest.ts';
import { UsageError } from '../errors.ts';
import { find, near, ownEra, type DesignFile } from '../registry.ts';
import { sayingTrusted } from '../trusted.ts';

/** Every design is looked at in its own kernel and in this one. */
const COMMON = '3.8';
const MTU = 1500;
/** The structs that designs of the sources touch; others by name. */
const STRUCTS = ['sk_buff', 'skb_shared_info', 'skb_frag_t', 'page', 'sock', 'pipe_buffer'];
const ALL_STRUCTS = [
  ...new Set([...STRUCTS, ...LAYOUT_ERAS.flatMap((e) => Object.keys(e.structs))]),
];

export interface LayoutOptions {
  readonly designs: readonly Design[];
  /** null: the design's own kernel and 3.8. */
  readonly era: string | null;
  /** null: the six that designs touch, and no listing. */
  readonly struct: string | null;
}

interface Listing {
  readonly design: string | null;
  readonly era: string;
  readonly layout: Layout;
}

export interface Layouts {
  readonly doc: LayoutDocument;
  readonly listings: readonly Listing[];
}

/** A kernel by the name that was asked for, and the one whose structs it gets. */
interface Kernel {
  readonly id: string;
  readonly era: LayoutEra;
  readonly note: string | null;
}

function kernelOf(id: string): Kernel {
  const found = layoutEra(id);
  if (found === undefined) throw new UsageError(`unknown era '${id}'; ${near(id, layoutEraIds())}`);
  return { id, ...found };
}

/** The kernels that a design is laid out in: its own, and the one in which all can be compared. */
function kernelsOf(design: Design, asked: string | null): Kernel[] {
  if (asked !== null) return [kernelOf(asked)];
  return [...new Set([ownEra(design).id, COMMON])].map(kernelOf);
}

/** Throws UsageError for a kernel or a struct that there is not. */
export function mustHaveLayout({ era, struct }: Omit<LayoutOptions, 'designs'>): void {
  if (era !== null) kernelOf(era);
  if (struct !== null) find('struct', ALL_STRUCTS, (s) => s, struct);
}

/** Of what `mustHaveLayout` has let pass. */
export function layouts({ designs, era, struct }: LayoutOptions): Layouts {
  for (const design of designs) check(design);
  const rows: LayoutDocument['rows'] = [];
  const buffers: LayoutDocument['buffers'] = [];
  const listings: Listing[] = [];
  const kernels = new Map<string, Kernel>();
  if (struct !== null) {
    const kernel = kernelOf(era ?? COMMON);
    kernels.set(kernel.id, kernel);
    const plain = kernel.era.structs[struct];
    if (plain === undefined)
      throw new UsageError(
        `${kernel.era.id} has no struct '${struct}'; known there: ${Object.keys(kernel.era.structs).join(', ')}`,
      );
    listings.push({
      design: null,
      era: kernel.id,
      layout: layoutOfStruct(struct, kernel.era.structs),
    });
  }
  for (const design of designs) {
    for (const kernel of kernelsOf(design, era)) {
      kernels.set(kernel.id, kernel);
      const plain = kernel.era.structs;
      const structs = grown(design, kernel);
      for (const name of struct === null ? STRUCTS : [struct]) {
        if (plain[name] === undefined) continue;
        const before = layoutOfStruct(name, plain);
        const after = layoutOfStruct(name, structs);
        const adds = addedTo(kernel.era, design.adds)
          .filter((a) => a.struct === name)
          .map((a) => a.name);
        rows.push({
          design: design.id,
          era: kernel.id,
          struct: name,
          bytes: after.bytes,
          growth: after.bytes - before.bytes,
          cacheLines: after.cacheLines,
          footprint: footprint(name, after.bytes, kernel.era, structs),
          adds,
        });
        if (struct !== null && (adds.length > 0 || after.bytes !== before.bytes))
          listings.push({ design: design.id, era: kernel.id, layout: after });
      }
      buffers.push({
        design: design.id,
        era: kernel.id,
        ...receiveBuffer(kernel.era, structs, MTU),
      });
    }
  }
  const order = layoutEraIds();
  const content = {
    schema: 'lastref.layout/1' as const,
    eras: [...kernels.values()]
      .sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
      .map(({ id, era: { id: as }, note }) => ({ id, as, note })),
    rows,
    buffers,
    listings: listings.map((l) => ({
      design: l.design,
      era: l.era,
      struct: struct!,
      bytes: l.layout.bytes,
      fields: flatten(l.layout).map(({ path, field: { type, offset, bytes, bits, added } }) => ({
        name: path,
        type,
        offset,
        bytes,
        bits,
        added,
      })),
      holes: l.layout.holes.map(({ offset, bytes, bits }) => ({ offset, bytes, bits })),
      padding: l.layout.padding,
    })),
  };
  return { doc: { ...content, digest: digestOfDocument(content) }, listings };
}

/** The same of files, some of which may bring candidates. */
export function layoutsOf(
  files: readonly DesignFile[],
  where: Omit<LayoutOptions, 'designs'>,
): Layouts {
  const { doc, listings } = layouts({ designs: files.map(({ design }) => design), ...where });
  return { doc: sayingTrusted(doc, files), listings };
}

/** What a candidate says of its fields comes from outside. */
function check(design: Design): void {
  if (!Array.isArray(design.adds))
    throw new UsageError(
      `design '${design.id}' has no list 'adds' of the fields that it adds to the kernel's structs`,
    );
  for (const { struct, name } of design.adds) {
    if (!ALL_STRUCTS.includes(struct))
      throw new UsageError(
        `design '${design.id}' adds '${name}' to an unknown struct '${struct}'; ${near(struct, ALL_STRUCTS)}`,
      );
  }
}

function grown(design: Design, kernel: Kernel): Structs {
  try {
    return withAdded(kernel.era.structs, addedTo(kernel.era, design.adds));
  } catch (error) {
    if (error instanceof LayoutError)
      throw new UsageError(`design '${design.id}' in ${kernel.id}: ${error.message}`);
    throw error;
  }
}

/** Bytes that one of them takes where it lives. */
function footprint(name: string, bytes: number, era: LayoutEra, structs: Structs): number {
  if (name === 'sk_buff') return skbDataAlign(bytes); // skbuff_head_cache is SLAB_HWCACHE_ALIGN
  return name === 'skb_shared_info' ? shinfoBytes(era, structs) : bytes;
}

/** Rows and buffers of all designs, with a listing of every struct that one of them changes. */
export function layoutsOfChanged(designs: readonly Design[]): LayoutDocument {
  const { doc } = layouts({ designs, era: null, struct: null });
  const changed = new Set(designs.flatMap((d) => d.adds.map((a) => a.struct)));
  for (const row of doc.rows) if (row.growth !== 0) changed.add(row.struct);
  const names = [...new Set(doc.rows.map((r) => r.struct))].filter((s) => changed.has(s));
  const pictures = names.map((struct) => layouts({ designs, era: COMMON, struct }).doc);
  return {
    ...doc,
    rows: pictures.flatMap((p) => p.rows),
    listings: pictures.flatMap((p) => p.listings),
  };
}
