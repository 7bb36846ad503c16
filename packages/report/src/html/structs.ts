// Structs as pictures, receive buffers as rows.
import type { LayoutDocument } from '../document.ts';
import type { BufferData, StructPicture } from './data.ts';

type Listing = LayoutDocument['listings'][number];

/** One picture per struct, kernel and design that changes it, and the kernel's own before them. */
export function structPictures(doc: LayoutDocument): StructPicture[] {
  return doc.listings.map((listing) => {
    const row = doc.rows.find(
      (r) => r.design === listing.design && r.era === listing.era && r.struct === listing.struct,
    );
    const lines = Math.ceil(listing.bytes / 64);
    const plain = doc.listings.find(
      (l) => l.design === null && l.era === listing.era && l.struct === listing.struct,
    );
    const larger = (f: { name: string; bytes: number }): boolean =>
      (plain?.fields.find((p) => p.name === f.name)?.bytes ?? f.bytes) < f.bytes;
    return {
      struct: listing.struct,
      era: listing.era,
      design: listing.design,
      bytes: listing.bytes,
      growth: row?.growth ?? 0,
      lines,
      footprint: row?.footprint ?? listing.bytes,
      fields: fieldsOf(listing).map((f) => ({ ...f, added: f.added || larger(f) })),
    };
  });
}

/** Fields by offset; bit-fields and members of a union that share bytes are one block. */
function fieldsOf({ fields }: Listing): StructPicture['fields'] {
  const blocks: {
    name: string;
    type: string;
    offset: number;
    bytes: number;
    added: boolean;
  }[] = [];
  for (const { name, type, offset, bytes, bits, added } of leaves(fields)) {
    const size = bits === null ? bytes : Math.ceil((bits.at + bits.width) / 8);
    const last = blocks.at(-1);
    if (last !== undefined && offset < last.offset + last.bytes) {
      last.bytes = Math.max(last.bytes, offset + size - last.offset);
      last.name += `, ${name}`;
      last.added ||= added;
      continue;
    }
    blocks.push({ name, type, offset, bytes: size, added });
  }
  return blocks;
}

/** Without the structs whose members are listed themselves. */
function leaves(fields: Listing['fields']): Listing['fields'] {
  return fields.filter((f) => !fields.some((g) => g.name.startsWith(`${f.name}.`)));
}

/** One row per kernel and size, the designs that share it together. */
export function bufferData({ eras, buffers }: LayoutDocument): BufferData[] {
  return eras.flatMap(({ id }) => {
    const here = buffers.filter((b) => b.era === id);
    const sizes = [...new Set(here.map((b) => b.bytes))].sort((a, b) => a - b);
    return sizes.map((bytes) => {
      const same = here.filter((b) => b.bytes === bytes);
      const { sizeClass, shinfo, data } = same[0]!;
      return { era: id, bytes, sizeClass, shinfo, data, designs: same.map((b) => b.design) };
    });
  });
}
