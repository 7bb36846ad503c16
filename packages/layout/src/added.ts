// What a design adds to the kernel's structs. Growth is computed from it, never stated.
import {
  type Aggregate,
  type Member,
  type Structs,
  atomic,
  bits,
  fn,
  int,
  ptr,
  u16,
  u32,
  u64,
  u8,
  ulong,
  unsigned,
  array,
} from './ctype.ts';
import { LayoutError, layoutOf } from './layout.ts';

const TYPES = {
  pointer: (name: string) => ptr('void', name),
  callback: (name: string) => fn(name),
  'unsigned long': (name: string) => ulong(name),
  int: (name: string) => int(name),
  'unsigned int': (name: string) => unsigned(name),
  atomic_t: (name: string) => atomic(name),
  u64: (name: string) => u64(name),
  u32: (name: string) => u32(name),
  u16: (name: string) => u16(name),
  u8: (name: string) => u8(name),
  bit: (name: string) => bits(u8, { [name]: 1 }),
};

/** One field of a patch. */
export interface AddedField {
  /** A struct by the kernel's name, without 'struct'; `skb_frag_t` for struct skb_frag_struct. */
  readonly struct: string;
  readonly name: string;
  readonly type: keyof typeof TYPES;
  /** Behind this field, or the first of these that the kernel has; else at the end, a bit beside other bits. */
  readonly after?: string | readonly string[];
  /** An array of so many, or of one for each entry of frags[]. */
  readonly length?: number | 'MAX_SKB_FRAGS';
  /** Into this member, or the first of these that the kernel has; it is wrapped in a struct where the kernel has not done that already. */
  readonly into?: string | readonly string[];
  /** The first release whose struct has it: there it adds nothing to what is laid out. */
  readonly merged?: string;
}

/** The structs with the fields in place, in the order given; a field of a struct that is not there is left out. */
export function withAdded(structs: Structs, adds: readonly AddedField[]): Structs {
  const changed: Record<string, Aggregate> = { ...structs };
  for (const field of adds) {
    const type = changed[field.struct];
    if (type !== undefined) changed[field.struct] = put(type, field, structs);
  }
  return changed;
}

function put(type: Aggregate, field: AddedField, structs: Structs): Aggregate {
  const make = (TYPES as Partial<typeof TYPES>)[field.type];
  if (make === undefined)
    throw new LayoutError(
      `${field.struct}.${field.name} is of type '${field.type}'; known: ${Object.keys(TYPES).join(', ')}`,
    );
  const one = make(field.name);
  const { length } = field;
  const members = length === undefined ? one : array(entries(length, structs), one);
  const added = members.map((m) => ({ ...m, added: true as const }));
  const within = [...type.members];
  if (field.into !== undefined) {
    const names = typeof field.into === 'string' ? [field.into] : field.into;
    const at = within.findIndex((m) => names.includes(m.name));
    const into = within[at];
    if (into === undefined) throw missing(field, names);
    const inner: Aggregate =
      into.type.kind === 'struct' || into.type.kind === 'union'
        ? into.type
        : { kind: 'struct', members: [{ ...into, name: 'p' }] };
    within[at] = { name: into.name, type: insert(inner, added, field, structs) };
    return { ...type, members: within };
  }
  return insert(type, added, field, structs);
}

/** As many as frags[] of this kernel has entries, or a number. */
function entries(length: number | 'MAX_SKB_FRAGS', structs: Structs): number {
  if (typeof length === 'number') return length;
  const frags = structs['skb_shared_info']?.members.find((m) => m.name === 'frags')?.type;
  if (frags?.kind !== 'array') throw new LayoutError('there is no frags[] to count the entries of');
  return frags.length;
}

function insert(
  type: Aggregate,
  added: readonly Member[],
  field: AddedField,
  structs: Structs,
): Aggregate {
  const members = [...type.members];
  members.splice(place(type, field, structs), 0, ...added);
  return { ...type, members };
}

/** Index of the member that the field goes in front of. */
function place(type: Aggregate, field: AddedField, structs: Structs): number {
  if (field.after !== undefined) {
    const names = typeof field.after === 'string' ? [field.after] : field.after;
    for (const name of names) {
      const at = type.members.findIndex((m) => holds(m, name));
      if (at >= 0) return at + 1;
    }
    throw missing(field, names);
  }
  if (field.type === 'bit') {
    const room = layoutOf(type, structs).holes.find((h) => h.bits > 0);
    if (room !== undefined) return memberIndex(type, room.after) + 1;
  }
  return type.members.length;
}

/** From an index among the fields that are laid out to one among the members: zero-width bit-fields have no place. */
function memberIndex(type: Aggregate, field: number): number {
  let seen = -1;
  return type.members.findIndex((m) => (m.bits === 0 ? false : ++seen === field));
}

/** Is it this member, or in this unnamed one? */
function holds(m: Member, name: string): boolean {
  if (m.name !== '') return m.name === name;
  if (m.type.kind !== 'struct' && m.type.kind !== 'union') return false;
  return m.type.members.some((inner) => holds(inner, name));
}

function missing(field: AddedField, names: readonly string[]): LayoutError {
  return new LayoutError(
    `${field.struct}.${field.name} has no place: there is no ${names.join(' or ')} in it`,
  );
}
