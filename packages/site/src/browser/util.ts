// What the model asks of node:util. No script can tell a Proxy in a browser: sources that name one are refused before they
// run (runner, hidden.ts). The other types are told by what only they can do, whatever they say of themselves.

const holds = (ask: () => unknown): boolean => {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
};

/** Whose slot the field `name` of `prototype` reads. */
const reader = (prototype: object, name: string) => (v: unknown) =>
  holds(() => Reflect.get(prototype, name, v) as unknown);

/** Whose slot the method `name` of `prototype` looks into. */
const caller = (prototype: object, name: string) => (v: unknown) =>
  holds(() => Reflect.apply(Reflect.get(prototype, name) as () => unknown, v, []));

const isBoxed = [Number, String, Boolean, Symbol, BigInt].map(({ prototype }) =>
  caller(prototype, 'valueOf'),
);

const isOfBuffers = [ArrayBuffer.prototype, ...sharedBuffers()].map((prototype) =>
  reader(prototype, 'byteLength'),
);

/** A page that is not isolated from others has none. */
function sharedBuffers(): object[] {
  return typeof SharedArrayBuffer === 'undefined' ? [] : [SharedArrayBuffer.prototype];
}

export const types = {
  isProxy: (_: unknown): boolean => false,
  isMap: reader(Map.prototype, 'size'),
  isSet: reader(Set.prototype, 'size'),
  isDate: caller(Date.prototype, 'getTime'),
  isRegExp: reader(RegExp.prototype, 'hasIndices'),
  isAnyArrayBuffer: (v: unknown): boolean => isOfBuffers.some((is) => is(v)),
  isBoxedPrimitive: (v: unknown): boolean =>
    typeof v === 'object' && v !== null && isBoxed.some((is) => is(v)),
  isGeneratorObject: (v: unknown): boolean =>
    Object.prototype.toString.call(v) === '[object Generator]',
  isPromise: (v: unknown): boolean => v instanceof Promise,
  isNativeError: (v: unknown): boolean => v instanceof Error,
};

/** Errors of the system: there is none. */
export const getSystemErrorMap = (): Map<number, [string, string]> => new Map();
