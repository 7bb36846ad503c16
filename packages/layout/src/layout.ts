// Where a C compiler puts the members of a struct: System V ABI for x86-64 (LP64), GCC's attributes.
// Not covered: packed structs, long double, vectors, an alignment on a bit-field.
import type { Aggregate, CType, Member, Structs } from './ctype.ts';

export const CACHE_LINE = 64;

/** One member, where it lies. */
export interface Field {
  /** '' for an unnamed struct or union. */
  readonly name: string;
  /** The type as a listing prints it. */
  readonly type: string;
  /** From the start of the outermost struct; of a bit-field, the byte that has its first bit. */
  readonly offset: number;
  /** Bytes; 0 for a bit-field. */
  readonly bytes: number;
  /** Of a bit-field: its first bit in that byte, and how many. */
  readonly bits: { readonly at: number; readonly width: number } | null;
  readonly added: boolean;
  /** Of a struct or union: what is in it. */
  readonly inner: Layout | null;
}

/** Unused room between two members. */
export interface Hole {
  /** The member before it, as an index into `fields`. */
  readonly after: number;
  readonly offset: number;
  readonly bytes: number;
  /** Unused bits before the unused bytes. */
  readonly bits: number;
}

export interface Layout {
  readonly kind: 'struct' | 'union';
  readonly bytes: number;
  readonly align: number;
  readonly fields: readonly Field[];
  readonly holes: readonly Hole[];
  /** Unused bytes at the end; those behind the last bit-field's byte. */
  readonly padding: number;
  /** 64-byte lines that it covers when it starts on one. */
  readonly cacheLines: number;
}

/** A definition that no compiler would take. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

const up = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Lays out one struct or union; O(members). `structs` has those that it names. */
export function layoutOf(type: Aggregate, structs: Structs, base = 0): Layout {
  return type.kind === 'struct' ? layStruct(type, structs, base) : layUnion(type, structs, base);
}

/** Lays out a struct by name. */
export function layoutOfStruct(name: string, structs: Structs): Layout {
  return layoutOf(definition(name, structs), structs);
}

function definition(name: string, structs: Structs): Aggregate {
  const found = structs[name];
  if (found === undefined) throw new LayoutError(`struct ${name} is not defined`);
  return found;
}

function layStruct(type: Aggregate, structs: Structs, base: number): Layout {
  const fields: Field[] = [];
  const holes: Hole[] = [];
  let align = type.aligned ?? 1;
  let at = 0; // the first free bit
  const gap = (start: number): void => {
    if (start > at && fields.length > 0) {
      const bits = Math.min(start - at, up(at, 8) - at);
      const bytes = (start - at - bits) / 8;
      holes.push({ after: fields.length - 1, offset: base + Math.floor(at / 8), bytes, bits });
    }
    at = start;
  };
  for (const m of type.members) {
    const { bytes: size, align: own } = measure(m.type, structs);
    if (m.bits !== undefined) {
      const unit = unitOf(m) * 8;
      const fits = Math.floor(at / unit) === Math.floor((at + m.bits - 1) / unit);
      if (m.bits === 0 || !fits) gap(up(at, unit));
      if (m.bits === 0) continue;
      if (m.name !== '') align = Math.max(align, own);
      fields.push(bitField(m, base, at));
      at += m.bits;
    } else {
      const wanted = Math.max(own, m.aligned ?? 1);
      align = Math.max(align, wanted);
      gap(up(at, wanted * 8));
      fields.push(field(m, structs, base + at / 8, size));
      at += size * 8;
    }
  }
  const bytes = up(Math.ceil(at / 8), align);
  const last = fields.length - 1;
  if (at % 8 !== 0)
    holes.push({ after: last, offset: base + Math.floor(at / 8), bytes: 0, bits: up(at, 8) - at });
  return {
    kind: 'struct',
    bytes,
    align,
    fields,
    holes,
    padding: bytes - Math.ceil(at / 8),
    cacheLines: Math.ceil(bytes / CACHE_LINE),
  };
}

function layUnion(type: Aggregate, structs: Structs, base: number): Layout {
  const fields: Field[] = [];
  let align = type.aligned ?? 1;
  let most = 0;
  for (const m of type.members) {
    const { bytes: size, align: own } = measure(m.type, structs);
    if (m.bits !== undefined) unitOf(m);
    if (m.bits === 0) continue;
    if (m.bits === undefined || m.name !== '') align = Math.max(align, own, m.aligned ?? 1);
    fields.push(m.bits === undefined ? field(m, structs, base, size) : bitField(m, base, 0));
    most = Math.max(most, m.bits === undefined ? size : Math.ceil(m.bits / 8));
  }
  const bytes = up(most, align);
  return {
    kind: 'union',
    bytes,
    align,
    fields,
    holes: [],
    padding: bytes - most,
    cacheLines: Math.ceil(bytes / CACHE_LINE),
  };
}

/** Bytes of the storage unit that a bit-field may not cross. */
function unitOf(m: Member): number {
  if (m.type.kind !== 'scalar')
    throw new LayoutError(`bit-field ${m.name} is of a type that has no bits`);
  if (m.aligned !== undefined)
    throw new LayoutError(`bit-field ${m.name} has an alignment of its own`);
  if (m.bits! > m.type.size * 8)
    throw new LayoutError(`bit-field ${m.name} is wider than its type (${m.type.size * 8} bits)`);
  if (m.bits === 0 && m.name !== '')
    throw new LayoutError(`bit-field ${m.name} has a name and no width`);
  return m.type.size;
}

function bitField(m: Member, base: number, at: number): Field {
  return {
    name: m.name,
    type: typeName(m.type),
    offset: base + Math.floor(at / 8),
    bytes: 0,
    bits: { at: at % 8, width: m.bits! },
    added: m.added === true,
    inner: null,
  };
}

function field(m: Member, structs: Structs, offset: number, bytes: number): Field {
  const { type } = m;
  const inside = type.kind === 'struct' || type.kind === 'union';
  return {
    name: m.name,
    type: typeName(type),
    offset,
    bytes,
    bits: null,
    added: m.added === true,
    inner: inside ? layoutOf(type, structs, offset) : null,
  };
}

function measure(type: CType, structs: Structs): { bytes: number; align: number } {
  switch (type.kind) {
    case 'scalar':
      return { bytes: type.size, align: type.size };
    case 'array': {
      const { bytes, align } = measure(type.of, structs);
      return { bytes: bytes * type.length, align };
    }
    case 'named':
      return layoutOfStruct(type.name, structs);
    case 'struct':
    case 'union':
      return layoutOf(type, structs);
  }
}

/** 'u32', 'struct page *', 'skb_frag_t[18]', 'struct'. */
export function typeName(type: CType): string {
  switch (type.kind) {
    case 'scalar':
    case 'named':
      return type.name;
    case 'array':
      return `${typeName(type.of)}[${type.length === 0 ? '' : type.length}]`;
    case 'struct':
    case 'union':
      return type.kind;
  }
}
