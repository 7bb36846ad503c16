// What candidates import, and what else they are given by this repository: nothing in it can change.
import * as kernel from '@lastref/kernel';
import { ERAS, type Era } from '@lastref/kernel';
import { Broken } from '../candidates/rules.ts';
import { CheckedCalls, CheckedField, CheckedServices } from '../candidates/services.ts';
import { isShared, share } from '../candidates/shared.ts';
import { SEAM } from './lives.ts';

/** What an era has, for reading alone. */
class Changes {
  readonly #all: Era['changes'];

  constructor(all: Era['changes']) {
    this.#all = all;
  }

  has(change: Parameters<Era['changes']['has']>[0]): boolean {
    return this.#all.has(change);
  }
}
Reflect.deleteProperty(Changes.prototype, 'constructor'); // who makes one himself keeps there what he likes

/** Freezes what this repository gives to candidates. Once in a process, before any code of a candidate's is there. */
export function shareSeam(): void {
  ERAS.forEach(shareEra);
  share({ ...kernel, SEAM, CheckedCalls, CheckedField, CheckedServices, Broken });
}

/** Freezes an era; there are others than those of the list. */
export function shareEra(era: Era): void {
  if (isShared(era)) return;
  const { value } = Object.getOwnPropertyDescriptor(era, 'changes') as { value?: Era['changes'] };
  if (value !== undefined)
    Object.defineProperty(era, 'changes', { value: Object.freeze(new Changes(value)) });
  share(era);
}
