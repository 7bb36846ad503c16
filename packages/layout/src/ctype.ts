// C types as data, and the words to write them down with. One word makes members of one type:
// u16('nr_frags', 'gso_size') are two of them.

/** Aligned to its own size, as every scalar of the x86-64 ABI up to eight bytes. */
export interface Scalar {
  readonly kind: 'scalar';
  /** As a listing prints it. */
  readonly name: string;
  readonly size: 1 | 2 | 4 | 8;
}

export interface ArrayOf {
  readonly kind: 'array';
  readonly of: CType;
  /** 0: a flexible array. */
  readonly length: number;
}

export interface Aggregate {
  readonly kind: 'struct' | 'union';
  readonly members: readonly Member[];
  /** __attribute__((aligned(n))), in bytes. */
  readonly aligned?: number;
}

/** A struct by its name, so that a change of it reaches those that contain it. */
export interface Named {
  readonly kind: 'named';
  readonly name: string;
}

export type CType = Scalar | ArrayOf | Aggregate | Named;

export interface Member {
  /** '' for an unnamed struct, union or bit-field. */
  readonly name: string;
  readonly type: CType;
  /** Width of a bit-field; 0 ends its storage unit. */
  readonly bits?: number;
  /** __attribute__((aligned(n))), in bytes. */
  readonly aligned?: number;
  /** Put there by a design. */
  readonly added?: true;
}

/** Structs by name. */
export type Structs = Readonly<Record<string, Aggregate>>;

type Word = (...names: string[]) => Member[];

function word(name: string, size: Scalar['size']): Word {
  const type: Scalar = { kind: 'scalar', name, size };
  return (...names) => names.map((n) => ({ name: n, type }));
}

export const char = word('char', 1);
export const bool = word('bool', 1);
export const u8 = word('u8', 1);
export const u16 = word('u16', 2);
export const u32 = word('u32', 4);
export const u64 = word('u64', 8);
export const int = word('int', 4);
export const unsigned = word('unsigned int', 4);
export const ulong = word('unsigned long', 8);
export const atomic = word('atomic_t', 4);
export const spinlock = word('spinlock_t', 4);
export const ktime = word('ktime_t', 8);
export const fn = word('void (*)()', 8);

/** Pointers to one type. */
export function ptr(to: string, ...names: string[]): Member[] {
  return word(`${to} *`, 8)(...names);
}

/** Arrays of what one member says. */
export function array(length: number, members: readonly Member[]): Member[] {
  return members.map((m) => ({ ...m, type: { kind: 'array', of: m.type, length } }));
}

/** The same members with an alignment of their own. */
export function aligned(bytes: number, members: readonly Member[]): Member[] {
  return members.map((m) => ({ ...m, aligned: bytes }));
}

/** Bit-fields of one declared type, by name and width; the name '' is an unnamed one. */
export function bits(type: Word, widths: Readonly<Record<string, number>>): Member[] {
  return Object.entries(widths).map(([name, width]) => ({ ...type(name)[0]!, bits: width }));
}

/** A struct that is defined elsewhere. */
export function named(struct: string, ...names: string[]): Member[] {
  return names.map((name) => ({ name, type: { kind: 'named', name: struct } }));
}

export function struct(...members: (readonly Member[])[]): Aggregate {
  return { kind: 'struct', members: members.flat() };
}

export function union(...members: (readonly Member[])[]): Aggregate {
  return { kind: 'union', members: members.flat() };
}

/** An aggregate as a member; unnamed unless it is given a name. */
export function member(type: Aggregate, name = ''): Member[] {
  return [{ name, type }];
}

/** Alternatives of an unnamed union. */
export function oneOf(...members: (readonly Member[])[]): Member[] {
  return member(union(...members));
}
