// What of an object is state. A class says it once, beside itself, and whoever compares, keeps or sums up machines
// (fingerprint, snapshot, digest, equality) reads it here. Every field of a class is declared: one that is not stops
// the search, so that a new field is never forgotten.

/** What a field is to whoever takes the machine from one moment to another. */
export type FieldKind =
  /** What comes next can depend on it. */
  | 'state'
  /** Never set again once the machine is built; whatever changes below it is reached by other ways, too. */
  | 'constant'
  /** State that is walked with the objects that it belongs to. */
  | 'elsewhere'
  /** A point in time. As the clock of a search stands still, only the order of steps counts. */
  | 'moment'
  /** A name: a slot, an address, a serial number. Machines that differ in names alone are equal. */
  | 'name'
  /** A statistic, which nobody asks but at the end. */
  | 'count'
  /** Unused objects, kept to be used again. */
  | 'spare'
  /** Set anew in every step before it is read. */
  | 'scratch';

/** Takes in what an object is. */
export interface StateSink {
  number(v: number): void;
  value(v: unknown): void;
  /** Something of a design's: whatever is found in it is state. */
  design(v: unknown): void;
  /** Bytes of the machine's memory. */
  bytes(at: number, size: number): void;
  byteAt(at: number): number;
}

export type Declaration<T> = {
  /** Names of fields of this kind, between blanks. */
  readonly [kind in FieldKind]?: string;
} & {
  /** The object is one life of a slab's: only while it is alive is anything of it state, with what designs add to it. */
  readonly lives?: true;
  /** What the fields alone do not say: bytes in memory, entries in use. */
  readonly also?: (o: T, sink: StateSink) => void;
};

/** All that is declared of the objects of one class, from the classes above it down. */
export interface Declared {
  /** It is the class itself that declares, and not one above it alone. */
  readonly own: boolean;
  readonly fields: ReadonlyMap<string, FieldKind>;
  readonly lives: boolean;
  readonly also: readonly ((o: never, sink: StateSink) => void)[];
}

const declarations = new Map<unknown, Declaration<never>>();
/** What was put together of classes that declare something themselves: a search asks for every object it meets. */
const together = new Map<unknown, Declared>();

/** Once for each class that has fields of its own, just behind it. */
export function declareState<T extends object>(
  kind: { readonly prototype: T },
  declaration: Declaration<T>,
): void {
  declarations.set(kind, declaration);
  together.clear();
}

const NO_FIELDS: Declared = { own: false, fields: new Map(), lives: false, also: [] };

/** What is declared of `kind` and the classes above it; null: nothing, it is no class of the machine. */
export function declaredOf(kind: unknown): Declared | null {
  if (typeof kind !== 'function') return null;
  const before = together.get(kind);
  if (before !== undefined) return before;
  const { prototype } = kind as { prototype: object | null };
  const above = prototype === null ? null : (Object.getPrototypeOf(prototype) as object | null);
  const inherited = above === null ? null : declaredOf(above.constructor);
  const own = declarations.get(kind);
  if (own === undefined) return inherited === null ? null : { ...inherited, own: false };
  const { lives, also, ...kinds } = own;
  const { fields, ...rest } = inherited ?? NO_FIELDS;
  const all = new Map(fields);
  for (const [name, names] of Object.entries(kinds))
    for (const field of names.split(' ')) all.set(field, name as FieldKind);
  const declared = {
    own: true,
    fields: all,
    lives: rest.lives || lives === true,
    also: also === undefined ? rest.also : [...rest.also, also],
  };
  together.set(kind, declared);
  return declared;
}
