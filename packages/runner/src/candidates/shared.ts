// What all machines of a candidate share: the constants, functions and classes of its file, and what it imports. Frozen once,
// when its file was read, so that nothing can be remembered there, by whatever name it is written to.
import { types } from 'node:util';
import { POISON_PAGE, POISON_SHINFO } from '@lastref/kernel';
import { Broken, placeName } from './rules.ts';
import { running } from './running.ts';

/** By number. What the language shares was frozen before. */
const shared = new WeakMap<object, number>([
  [Object.prototype, 0],
  [Function.prototype, 1],
]);
let next = 2;

/** Was it there before the first machine, and can it not change? */
export function isShared(o: object): boolean {
  return shared.has(o);
}

/** What tells it from all others that are shared, and may be alike; null: it is not shared. */
export function sharedName(o: object): string | null {
  const number = shared.get(o);
  return number === undefined ? null : `constant ${number}`;
}

/** Freezes all that is found from `root`, its classes, methods and prototypes too. Throws Broken. */
export function share(root: object): void {
  const found: [what: unknown, name: string][] = [[root, 'its file']];
  for (let one = found.pop(); one !== undefined; one = found.pop()) {
    const [o, name] = one;
    if (!isObject(o) || shared.has(o)) continue;
    shared.set(o, next++);
    if (o === POISON_PAGE || o === POISON_SHINFO) continue; // searches set them back, and nobody else writes to them (tape/closed.ts)
    mustFreeze(o, name);
    Object.freeze(o);
    found.push([Object.getPrototypeOf(o), `the prototype of ${name}`]);
    for (const key of Reflect.ownKeys(o)) {
      const { value, get, set } = Reflect.getOwnPropertyDescriptor(o, key)! as Record<
        string,
        unknown
      >;
      for (const held of [value, get, set]) found.push([held, String(key)]);
    }
  }
}

function isObject(o: unknown): o is object {
  return (typeof o === 'object' && o !== null) || typeof o === 'function';
}

/** What has more than fields stays open when those are frozen. */
function mustFreeze(o: object, name: string): void {
  const open =
    types.isMap(o) ||
    types.isSet(o) ||
    types.isDate(o) ||
    types.isAnyArrayBuffer(o) ||
    ArrayBuffer.isView(o);
  if (!open) return;
  const kind = Object.prototype.toString.call(o).slice('[object '.length, -1);
  throw new Broken(
    placeName(running.place),
    `${name} is a ${kind}, which all machines share and can change`,
    'state',
  );
}

/** What V8 says of a write to something that is frozen, with the name of the field. */
const REFUSED =
  /^Cannot (?:assign to read only property '|add property |delete property '|redefine property: |define property |set property )(.+?)(?:'? of |, object is not extensible|$)/;

/** What `ses` calls what the language shares. */
const OF_LANGUAGE = / of 'root\.%/;

/** The field that `error` says was written to, if code of `file` itself tried and it cannot; else null. */
export function sharedWritten(error: unknown, file: string): string | null {
  try {
    if (!(error instanceof TypeError) || typeof error.stack !== 'string') return null;
    const name = REFUSED.exec(error.message)?.[1];
    const calls = error.stack.split('\n').filter((line) => /^ *at /.test(line));
    const own = calls.find((line) => !line.includes('<anonymous>'));
    const itself = OF_LANGUAGE.test(error.message) || own?.includes(`${file}:`) === true;
    return name !== undefined && itself ? name : null;
  } catch {
    return null; // what was thrown cannot be looked at
  }
}
