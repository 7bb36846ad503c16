// Has a candidate changed what is not its own? Prototypes and globals of its isolate are looked at before and after.
import * as judge from '@lastref/judge';
import * as kernel from '@lastref/kernel';

interface Kept {
  readonly name: string;
  readonly object: object;
  readonly fields: ReadonlyMap<PropertyKey, PropertyDescriptor>;
}

function fieldsOf(object: object): Map<PropertyKey, PropertyDescriptor> {
  return new Map(
    Reflect.ownKeys(object).map((key) => [key, Reflect.getOwnPropertyDescriptor(object, key)!]),
  );
}

/** Some of what is global Node loads when it is first looked at: code of its own, which adds globals and sets prototypes. */
export function loadAllGlobals(): void {
  Object.getOwnPropertyDescriptors(globalThis);
}

export class Globals {
  private readonly kept: Kept[] = [];

  /** Remembers everything as it is now. */
  constructor() {
    loadAllGlobals();
    this.keep('globalThis', globalThis);
    for (const [name, value] of Object.entries(Object.getOwnPropertyDescriptors(globalThis)))
      if (/^[A-Z]/.test(name) && 'value' in value) this.keepWithPrototype(name, value.value);
    for (const [name, value] of [...Object.entries(kernel), ...Object.entries(judge)])
      this.keepWithPrototype(name, value);
  }

  private keepWithPrototype(name: string, value: unknown): void {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    this.keep(name, value);
    const { prototype } = value as { prototype?: unknown };
    if (typeof prototype === 'object' && prototype !== null)
      this.keep(`${name}.prototype`, prototype);
  }

  private keep(name: string, object: object): void {
    if (!ArrayBuffer.isView(object)) this.kept.push({ name, object, fields: fieldsOf(object) });
  }

  /** The name of something that is not as it was, or null. */
  changed(): string | null {
    for (const { name, object, fields } of this.kept) {
      for (const key of Reflect.ownKeys(object)) {
        const before = fields.get(key);
        const now = Reflect.getOwnPropertyDescriptor(object, key)!;
        if (before === undefined || !same(before, now)) return `${name}.${String(key)}`;
      }
      for (const key of fields.keys())
        if (!Object.hasOwn(object, key)) return `${name}.${String(key)}`;
    }
    return null;
  }
}

/** Node makes some globals when they are first read: an accessor that became a value is no change. */
function same(before: PropertyDescriptor, now: PropertyDescriptor): boolean {
  if ('get' in before && before.get !== undefined && 'value' in now) return true;
  return Object.is(before.value, now.value) && before.get === now.get && before.set === now.set;
}
