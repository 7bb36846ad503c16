// A field that a candidate added to a struct, in the candidate's process.
import {
  Loan,
  Page,
  SideField,
  SkBuff,
  SkbSharedInfo,
  declareState,
  type SlabObject,
} from '@lastref/kernel';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { hidden, mustShowAll } from './in-the-open.ts';
import type { Names } from './names.ts';

/** As it was before any candidate was there (compartment.ts). */
const { preventExtensions } = Object;

/** Whoever keeps the field's values with a machine. */
export interface Keeps {
  /** Somebody looks at what the candidate remembers. */
  lookedAt(): void;
  /** A value of `field`, with how it is told to who judges. */
  told(field: object, o: SlabObject, value: unknown): unknown;
  /** Is it something that a field can be added to, and no look-alike? Throws Broken. */
  mustBeOfMachine(o: SlabObject): void;
  /** Whatever was set for lives that are over goes out of `field`, which is of no kind then if nothing is left. */
  forgetOver(field: SideField<SlabObject, unknown>): void;
}

/** Asked for its values, it tells what the candidate remembers. */
export class RecordedField<O extends SlabObject, V> extends SideField<O, V> {
  readonly #run: Keeps;
  readonly #values = this['values'];
  readonly #gens = this['gens'];

  constructor(run: Keeps) {
    super();
    this.#run = run;
    preventExtensions(this); // the candidate may find it
  }

  /** Its lists are its own. Of which kind it is, is told by what it has. */
  get isAsMade(): boolean {
    const { values, gens, kind } = this as unknown as Record<string, unknown>;
    const known = kind === null || KINDS.includes(kind);
    return values === this.#values && gens === this.#gens && known;
  }

  override of(o: SlabObject): V | undefined {
    this.#run.lookedAt();
    const value = super.of(o);
    return value === undefined ? undefined : (this.#run.told(this, o, value) as V);
  }

  /** Of another kind of struct it has no field: nobody compares names of two kinds by it. */
  override get(o: O): V | undefined {
    return this['kind'] === o.constructor ? super.get(o) : undefined;
  }

  override set(o: O, value: V | undefined): void {
    this.#run.mustBeOfMachine(o);
    if (this['kind'] !== null && this['kind'] !== o.constructor) this.#run.forgetOver(this);
    const kind = this['kind'] ?? o.constructor;
    if (kind !== o.constructor)
      throw new Broken(
        placeName(running.place),
        'it gave a SideField to two kinds of structs, and has one for each with sideField()',
        'alive',
      );
    super.set(o, value);
  }
}
declareState(RecordedField, {});

/** Structs that a field can be added to. */
const KINDS: readonly unknown[] = [SkBuff, SkbSharedInfo, Page, Loan];

/** The object of this class and slot, or undefined. */
export function ofKind(names: Names, kind: object | null, slot: number): SlabObject | undefined {
  if (kind === SkBuff) return names.skb(slot);
  if (kind === SkbSharedInfo) return names.shinfo(slot);
  if (kind === Page) return names.page(slot);
  if (kind === Loan) return names.loan(slot);
  return undefined;
}

/**
 * Leaves of `field` what was set for lives that go on, and that as `set` leaves it: all else is no state, so nobody may find
 * it there, by whatever way he comes at the lists.
 */
export function clearOver(names: Names, field: SideField<SlabObject, unknown>): void {
  const values = field['values'];
  const gens = field['gens'];
  let length = 0;
  for (let slot = 0; slot < values.length; slot++) {
    const o = values[slot] === undefined ? undefined : ofKind(names, field['kind'], slot);
    const goesOn = o?.live === true && o.gen === gens[slot]; // half of a pair is gone before its life is over
    if (!goesOn) values[slot] = undefined;
    gens[slot] = goesOn ? o.gen : -1;
    if (goesOn) length = slot + 1;
  }
  values.length = gens.length = length;
  if (length === 0) field['kind'] = null;
}

/** The machine has fields that it was given, in their order, each as it was made (else Broken); one that is set back has not got all yet. */
export function mustBeAsMade(all: readonly object[], fields: readonly object[]): void {
  mustShowAll(all, 0);
  const places = all.map((field) => fields.indexOf(field));
  const inOrder = places.every((place, n) => place > (places[n - 1] ?? -1));
  const odd = fields.some((field) => field instanceof RecordedField && !field.isAsMade);
  if (!inOrder || odd) hidden('how a SideField is made');
}
