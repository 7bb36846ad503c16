// Who iterates closes the iterator when something is thrown, and drops what that throws: also that the stack ran out, which
// no catch sees then (candidates/caught.ts). So a candidate has the iterators of the language and none of its own.
import { types } from 'node:util';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';

const prototypeOf = (o: object): object => Object.getPrototypeOf(o) as object;
const EACH = prototypeOf(prototypeOf([].values()));

/** None of these has a way to be closed. */
const OF_LANGUAGE: readonly object[] = [
  [].values(),
  new Map().values(),
  new Set().values(),
  ''[Symbol.iterator](),
  ''.matchAll(/x/g),
].map(prototypeOf);

/** They close what they are called on, which may be anything; Node 20 has none of them. */
const HELPERS = 'map filter take drop flatMap reduce toArray forEach some every find'.split(' ');

function isOfLanguage(o: object): boolean {
  if (types.isGeneratorObject(o)) return true; // of our own code: a candidate's file has none
  return OF_LANGUAGE.includes(prototypeOf(o)) && Reflect.ownKeys(o).length === 0;
}

/** Before all is frozen. */
export function keepIterators(): void {
  const method = {
    /** An iterator gives itself, which cannot be given a `return` from here on. */
    [Symbol.iterator](this: object): object {
      if (running.place !== 0 && !isOfLanguage(this)) refuse('it made an iterator of its own');
      return Object.preventExtensions(this);
    },
  };
  Object.defineProperty(EACH, Symbol.iterator, {
    value: Reflect.get(method, Symbol.iterator),
  });
  // lockdown itself calls one, so they are there, and not for a candidate
  for (const helper of HELPERS) {
    const original: unknown = Reflect.get(EACH, helper);
    if (typeof original !== 'function') continue;
    const guarded = {
      [helper](this: object, ...of: readonly unknown[]): unknown {
        if (running.place !== 0) refuse(`it called ${helper} of an iterator`);
        return Reflect.apply(original, this, of);
      },
    };
    Object.defineProperty(EACH, helper, { value: guarded[helper] });
  }
  Reflect.deleteProperty(Array, 'fromAsync');
  const symbolsOf = Object.getOwnPropertySymbols;
  Object.getOwnPropertySymbols = (o) => {
    const found = symbolsOf(o); // one is enough to find the others
    if (running.place !== 0 && found.length > 0)
      refuse('it asked for symbols (Object.getOwnPropertySymbols)');
    return found;
  };
}

function refuse(what: string): never {
  throw new Broken(placeName(running.place), what, 'repeatable');
}
