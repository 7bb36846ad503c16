// What is there before any machine is: the constants and classes of a design's file. Two that are alike a design can tell apart by
// which it is (`this.state === BUSY`, `this.state instanceof Busy`), so a search has to; whatever a machine makes it knows by what
// is in it.

const numbers = new WeakMap<object, number>();
let count = 0;

/** From here on a state that has one of the objects that are found from `roots` is another one than with one that is alike. */
export function tellApart(roots: readonly unknown[]): void {
  const found = [...roots];
  for (const o of found) {
    const named = (typeof o === 'object' && o !== null) || typeof o === 'function';
    if (!named || numbers.has(o)) continue;
    numbers.set(o, ++count);
    if (o instanceof Map) found.push(...[...(o as Map<unknown, unknown>)].flat());
    else if (o instanceof Set) found.push(...(o as Set<unknown>));
    if (ArrayBuffer.isView(o)) continue;
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(o))) found.push(value);
  }
}

/** Which of them it is, from 1 on; 0: none. */
export function numberOf(o: object): number {
  return count === 0 ? 0 : (numbers.get(o) ?? 0);
}
