// What is no state, for a candidate that reads it.
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';

/** Throws Broken: a search takes machines that differ in this field of `o` for one. */
export function noState({ constructor }: object, name: string): never {
  const advice = 'keep a pointer, a Life or a sideField(), or ask for what is state';
  throw new Broken(
    placeName(running.place),
    `it read ${name} of a ${constructor.name}, which is no state: a search takes machines that differ in it for one; ${advice}`,
    'state',
  );
}
