// Objects as a walk meets them: whose they are, and what they are called.

export type Fields = Readonly<Record<PropertyKey, unknown>>;

/** Does a class have it for its objects? */
export function isPrototype(o: object): boolean {
  const { constructor } = o as Fields;
  return typeof constructor === 'function' && constructor.prototype === o;
}

const ofLanguage = new WeakMap<object, boolean>();

/** A function of the language, or a prototype of one. */
export function isOfLanguage(o: object): boolean {
  let known = ofLanguage.get(o);
  if (known === undefined) {
    const made: unknown = typeof o === 'function' ? o : (o as Fields)['constructor'];
    const text = typeof made === 'function' ? Function.prototype.toString.call(made) : '';
    known = Object.getPrototypeOf(o) === null || /\[native code\]\s*\}$/.test(text);
    ofLanguage.set(o, known);
  }
  return known;
}

/** Of its class, for messages. */
export function nameOf(o: object): string {
  if (typeof o === 'function') return 'a class or function';
  const { constructor } = o as Fields;
  return typeof constructor === 'function' ? constructor.name : 'Object';
}
