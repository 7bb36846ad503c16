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
import type { Names } from './names.ts';

/** Whoever keeps the field's values with a machine. */
export interface Keeps {
  /** Somebody looks at what the candidate remembers. */
  lookedAt(): void;
  /** A value of `field`, with how it is told to who judges. */
  told(field: object, o: SlabObject, value: unknown): unknown;
  /** Is it something that a field can be added to, and no look-alike? Throws Broken. */
  mustBeOfMachine(o: SlabObject): void;
}

/** Asked for its values, it tells what the candidate remembers. */
export class RecordedField<O extends SlabObject, V> extends SideField<O, V> {
  readonly #run: Keeps;

  constructor(run: Keeps) {
    super();
    this.#run = run;
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

/** The object of this class and slot, or undefined. */
export function ofKind(names: Names, kind: object | null, slot: number): SlabObject | undefined {
  if (kind === SkBuff) return names.skb(slot);
  if (kind === SkbSharedInfo) return names.shinfo(slot);
  if (kind === Page) return names.page(slot);
  if (kind === Loan) return names.loan(slot);
  return undefined;
}

/**
 * Clears what stands in `field` for lives that are over: that is no state, so nobody may find it there, by whatever way he
 * comes at the lists.
 */
export function clearOver(names: Names, field: SideField<SlabObject, unknown>): void {
  const values = field['values'];
  const gens = field['gens'];
  if (gens.length > values.length) gens.length = values.length;
  for (let slot = 0; slot < values.length; slot++) {
    const o = ofKind(names, field['kind'], slot);
    if (o?.live === true && o.gen === gens[slot]) continue; // half of a pair is gone before its life is over
    values[slot] = undefined;
    gens[slot] = -1;
  }
}
