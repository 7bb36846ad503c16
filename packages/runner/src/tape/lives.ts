// Lives that a candidate makes, as they were made: what one that is over led to is no state, so nothing else may stand
// there.
import * as kernel from '@lastref/kernel';
import { Life, type SlabObject } from '@lastref/kernel';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';

const made = new WeakMap<object, readonly [object: SlabObject, gen: number]>();

/** What a candidate's file imports. */
export const SEAM: typeof kernel = {
  ...kernel,
  Life: new Proxy(Life, {
    construct(target, given: [SlabObject], kind) {
      const life = Reflect.construct(target, given, kind) as Life<SlabObject>;
      made.set(life, [life['object'], life['gen']]);
      return life;
    },
  }),
  declaredOf(): never {
    const what = 'it asked what the machine declares of its classes (declaredOf)';
    throw new Broken(placeName(running.place), what, 'globals');
  },
  declareState(kind) {
    const what = `it declared the state of ${kind.prototype.constructor.name} (declareState)`;
    throw new Broken(placeName(running.place), what, 'globals');
  },
};

/** Is it one that `new Life` did not make, or that was changed since? */
export function isForgedLife(life: Life<SlabObject>): boolean {
  const [object, gen] = made.get(life) ?? [];
  return life['object'] !== object || life['gen'] !== gen || Reflect.ownKeys(life).length !== 2;
}
