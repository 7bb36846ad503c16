// Reference calls, found and spoiled where the counts themselves stand: a call is a count that is read and written
// back changed at once (of a loan: the service that does so). Nobody has to say which calls an operation makes.
import type { Kernel, Slab } from '@lastref/kernel';

/** One reference call: which count, by how much, and the number of the access that reads it. */
export interface RefCall {
  readonly count: string;
  readonly by: number;
  readonly access: number;
}

/** The counts, by the slab whose objects have them. */
const COUNTS = {
  pages: ['count'],
  shinfos: ['dataref'],
  skbs: ['users'],
  fclones: ['users', 'fcloneRef'],
} as const;

/** One call is spoiled: where it reads its count, it finds this much more. */
export interface Spoiled {
  readonly access: number;
  readonly by: number;
}

/** Watches every count of a machine while it is armed, and spoils one access. */
export class Counts {
  /** Reference calls so far. */
  readonly calls: RefCall[] = [];
  private readonly spoiled: Spoiled | null;
  private armed = true;
  private accesses = 0;
  private lastRead: object | null = null;
  /** Methods that stand for others as long as it is armed: no object keeps one, as a search could not see it. */
  private readonly undo: (() => void)[] = [];

  constructor(k: Kernel, spoiled: Spoiled | null) {
    this.spoiled = spoiled;
    this.slab(k.pages, 'page', COUNTS.pages);
    this.slab(k.shinfos, 'shinfo', COUNTS.shinfos);
    this.slab(k.skbs, 'skb', COUNTS.skbs);
    this.slab(k.fclones, 'skb', COUNTS.fclones, (orig) => [orig, orig.pair!]);
    this.service(k, 'hold', 1);
    this.service(k, 'drop', -1);
  }

  /** The operation is over: what comes now is not its doing. */
  disarm(): void {
    this.armed = false;
    for (const undo of this.undo) undo();
  }

  /** References on loans are taken and dropped by these calls alone. */
  private service(k: Kernel, name: 'hold' | 'drop', by: number): void {
    const call = k[name].bind(k);
    k[name] = (loan) => {
      if (this.armed) {
        const access = ++this.accesses;
        this.calls.push({ count: 'loan.refs', by, access });
        if (this.spoiled?.access === access) {
          if (this.spoiled.by !== by) return;
          call(loan);
        }
      }
      call(loan);
    };
    this.undo.push(() => Reflect.deleteProperty(k, name));
  }

  private slab<T extends { slot: number; gen: number; live: boolean }>(
    slab: Slab<T>,
    struct: string,
    fields: readonly string[],
    parts: (object: T) => object[] = (object) => [object],
  ): void {
    const watched = new Set<T>();
    const watch = (object: T): T => {
      if (watched.has(object)) return object;
      watched.add(object);
      for (const part of parts(object)) for (const field of fields) this.field(part, struct, field);
      return object;
    };
    for (const object of slab.all) watch(object);
    const alloc = slab.alloc.bind(slab);
    slab.alloc = () => watch(alloc());
    this.undo.push(() => Reflect.deleteProperty(slab, 'alloc'));
  }

  private field(object: object, struct: string, field: string): void {
    let value = Reflect.get(object, field) as number;
    let readAt = -1;
    Object.defineProperty(object, field, {
      configurable: true,
      enumerable: true,
      get: () => {
        if (!this.armed) return value;
        readAt = ++this.accesses;
        if (this.spoiled?.access === readAt) value += this.spoiled.by;
        this.lastRead = object;
        return value;
      },
      set: (next: number) => {
        if (this.armed) {
          const atOnce = this.lastRead === object && readAt === this.accesses;
          const by = next - value;
          if (atOnce && by !== 0)
            this.calls.push({ count: `${struct}.${field}`, by, access: readAt });
          this.accesses++;
          this.lastRead = null;
        }
        value = next;
      },
    });
  }
}
