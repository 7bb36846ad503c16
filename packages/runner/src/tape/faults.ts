// What stopped a candidate in its process, on a tape.
import { Broken, PLACES, RULES, oneLine, placeName, type Rule } from '../candidates/rules.ts';
import { misfit } from './reader.ts';
import { Word, putText, takeText, type Sink, type Spring } from './words.ts';

/** Places that no code of the candidate runs at. */
const OTHERS = ['its card', 'its file'];
const NAMES: readonly string[] = [...PLACES.map((_, n) => placeName(n)), ...OTHERS];
const RULE_NAMES = Object.keys(RULES) as Rule[];

export function putFault(to: Sink, fault: Broken): void {
  to.put(Word.FAULT);
  to.put(Math.max(0, NAMES.indexOf(fault.place)));
  to.put(RULE_NAMES.indexOf(fault.rule));
  putText(to, fault.message);
}

/** Behind Word.FAULT. */
export function faultOn(tape: Spring): Broken {
  const place = NAMES[tape.next()];
  const rule = RULE_NAMES[tape.next()];
  const what = takeText(tape);
  if (place === undefined || rule === undefined || what === null)
    return misfit('what its process wrote is no tape');
  return new Broken(place, oneLine(what), rule);
}

/** The same as a line that the watchdog of that process writes when the tape cannot be gone on with. */
export function lineOf(fault: Broken): string {
  return `${JSON.stringify([NAMES.indexOf(fault.place), RULE_NAMES.indexOf(fault.rule), fault.message])}\n`;
}

/** null: the line says no such thing. */
export function faultIn(line: string): Broken | null {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(said) || said.length !== 3) return null;
  const [at, number, what] = said as unknown[];
  const place = typeof at === 'number' ? NAMES[at] : undefined;
  const rule = typeof number === 'number' ? RULE_NAMES[number] : undefined;
  if (place === undefined || rule === undefined || typeof what !== 'string') return null;
  return new Broken(place, oneLine(what), rule);
}
