// Is it a candidate's code that reads and writes? Of the machine's objects what is no state is closed to it, and most of them to
// its writing (tape/closed.ts); our own code reads and writes all of them on the way.

/** Is told what a candidate does to its machine. */
export interface Told {
  /** It writes `value` to what is a design's own to write. Throws Broken, where it may not. */
  wrote(field: number, o: object, value: unknown): void;
  /** It looks at something that is different where somebody has not read or sent yet. */
  sees(): void;
}

/** Of this isolate, which has one candidate. Nothing that a candidate is given leads here. `told`: nobody is where it loads. */
export const reading: { byCandidate: boolean; told: Told | null } = {
  byCandidate: false,
  told: null,
};

/**
 * The objects of machines that are closed. A candidate may make others that look like them, whose fields are code of its own: to
 * read one while nobody is held to read for a candidate would let it read all.
 */
export const closed = {
  /** By prototype: is it one of those that machines have? To look a stamp up is faster than a set of all of them. */
  stamped: new Map<object | null, (o: object) => boolean>(),
  /** Those that no slab made. */
  others: new WeakSet<object>(),
  has(o: object): boolean {
    return (
      this.stamped.get(Object.getPrototypeOf(o) as object | null)?.(o) === true ||
      this.others.has(o)
    );
  },
};

/** Does something of ours for a candidate that calls. */
export function quietly<T>(work: () => T): T {
  const before = reading.byCandidate;
  reading.byCandidate = false;
  try {
    return work();
  } finally {
    reading.byCandidate = before;
  }
}

/** Does something that is a candidate's. */
export function asCandidate<T>(work: () => T): T {
  const before = reading.byCandidate;
  reading.byCandidate = true;
  try {
    return work();
  } finally {
    reading.byCandidate = before;
  }
}
