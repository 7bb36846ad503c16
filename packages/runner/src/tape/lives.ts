// Lives that a candidate keeps. What one that is over led to is no state, so nobody may see that in it: what it holds is
// closed to all but its own methods, which say as much as the seam does.
import * as kernel from '@lastref/kernel';
import { Life, declareState, type SlabObject } from '@lastref/kernel';
import { closed, quietly, reading } from '../candidates/reading.ts';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';

/** What `life` is one of, and nobody but us may ask; undefined: it is none that `new Life` made, and nothing else. */
export let objectOf: (life: object) => SlabObject | undefined;

/** Which life it is, is closed to a candidate. */
function genOf(object: SlabObject): number {
  return closed.has(object) ? quietly(() => object.gen) : object.gen;
}

/** What `new Life` of a candidate makes; see `Life` of the seam. */
class ClosedLife {
  readonly #object: SlabObject;
  readonly #gen: number;

  constructor(object: SlabObject) {
    this.#object = object;
    this.#gen = genOf(object);
  }

  get over(): boolean {
    if (reading.byCandidate) reading.told?.sees(); // a packet that waits is over when it was read, or sent
    return this.#isOver;
  }

  /** Who has an object knows that somebody has it, and learns whether it is this one. */
  is(object: SlabObject): boolean {
    return this.#object === object && !this.#isOver;
  }

  get #isOver(): boolean {
    return genOf(this.#object) !== this.#gen;
  }

  static {
    objectOf = (life) => {
      const plain = Object.getPrototypeOf(life) === ClosedLife.prototype;
      return plain && Reflect.ownKeys(life).length === 0 && #object in life
        ? life.#object
        : undefined;
    };
  }
}
Object.defineProperty(ClosedLife, 'name', { value: Life.name });

declareState(ClosedLife, {
  also: (life, sink) => sink.value(life.over ? null : objectOf(life)),
});

/** Is it one, of whatever make? */
export function isLife(o: object): o is { readonly over: boolean } {
  return o instanceof ClosedLife || o instanceof Life;
}

/** What a candidate's file imports. */
export const SEAM: typeof kernel = {
  ...kernel,
  Life: ClosedLife as unknown as typeof Life,
  declaredOf(): never {
    const what = 'it asked what the machine declares of its classes (declaredOf)';
    throw new Broken(placeName(running.place), what, 'globals');
  },
  declareState(kind) {
    const what = `it declared the state of ${kind.prototype.constructor.name} (declareState)`;
    throw new Broken(placeName(running.place), what, 'globals');
  },
};
