// The faults of candidates for a reader.
import { many, printable } from '@lastref/report/words';
import type { Fault } from './rules.ts';

/** Cells that fail in the same way are one line. */
export function faultLines(faults: readonly Fault[]): string[] {
  const first = new Map<string, { fault: Fault; more: number }>();
  for (const fault of faults) {
    const key = `${fault.design} ${fault.hook} ${fault.rule}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, { fault, more: 0 });
    else known.more++;
  }
  return [...first.values()].map(
    ({ fault, more }) =>
      `${printable(fault.text)}${more === 0 ? '' : ` (and in ${many(more, 'cell')} more)`}`,
  );
}
