// Structs as a compiler lays them out.
import { z } from 'zod';

/** Where one field lies; inner structs' fields by path. */
export const layoutFieldSchema = z.object({
  name: z.string(),
  type: z.string(),
  offset: z.number().int(),
  /** 0 for a bit-field. */
  bytes: z.number().int(),
  /** First bit in the byte at `offset`, and width; null for what is no bit-field. */
  bits: z.object({ at: z.number().int(), width: z.number().int() }).nullable(),
  /** The design's own. */
  added: z.boolean(),
});

export const layoutSchema = z.object({
  schema: z.literal('lastref.layout/1'),
  /** The kernels that the rows name; `as` is the one whose structs stand for it. */
  eras: z.array(z.object({ id: z.string(), as: z.string(), note: z.string().nullable() })),
  rows: z.array(
    z.object({
      design: z.string(),
      era: z.string(),
      struct: z.string(),
      /** With the design's fields, and how many of them are the design's doing. */
      bytes: z.number().int(),
      growth: z.number().int(),
      /** 64-byte lines. */
      cacheLines: z.number().int(),
      /** What it takes where it lives: sk_buff in its slab, the shared info in a data buffer. */
      footprint: z.number().int(),
      /** Fields that the design adds to this struct itself. */
      adds: z.array(z.string()),
    }),
  ),
  buffers: z.array(
    z.object({
      design: z.string(),
      era: z.string(),
      mtu: z.number().int(),
      /** Asked of the allocator: `data` and `shinfo`. */
      bytes: z.number().int(),
      /** The kmalloc cache that holds it. */
      sizeClass: z.number().int(),
      data: z.number().int(),
      shinfo: z.number().int(),
      /** A caller that may not sleep gets exactly `bytes`, cut from a chunk of pages. */
      pageFrag: z.boolean(),
    }),
  ),
  /** With --struct: the struct as the kernel has it (design null), and with each design that changes it. */
  listings: z.array(
    z.object({
      design: z.string().nullable(),
      era: z.string(),
      struct: z.string(),
      bytes: z.number().int(),
      fields: z.array(layoutFieldSchema),
      holes: z.array(
        z.object({ offset: z.number().int(), bytes: z.number().int(), bits: z.number().int() }),
      ),
      padding: z.number().int(),
    }),
  ),
  trusted: z.array(z.string()).optional(),
  digest: z.string(),
});

export type LayoutDocument = z.infer<typeof layoutSchema>;
