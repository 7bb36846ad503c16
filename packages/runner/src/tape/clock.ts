// When the time of a search is over. The two roles of a candidate have a clock each, and one of them would stop where the other
// goes on: the process of the candidate says it, on its tape.
import { Broken } from '../candidates/rules.ts';
import { faultOn } from './faults.ts';
import { misfit } from './reader.ts';
import { Word, type Sink, type Spring } from './words.ts';

/** What is judged may lie behind what is played, by what is on its way. */
const LATE_SECONDS = 60;

/** In the candidate's process, `late` seconds after the time was over: it is, and that is said. */
export function saysStop(tape: Sink, late: number): boolean {
  const stops = late > 0;
  tape.put(Word.CLOCK);
  tape.put(stops ? 1 : 0);
  return stops;
}

/** Where it is judged. Throws Broken. */
export function hearsStop(tape: Spring, late: number): boolean {
  const word = tape.next();
  if (word === Word.FAULT) throw faultOn(tape);
  if (word !== Word.CLOCK) throw misfit('its search is looked at here, and goes on in its process');
  const stops = tape.next() === 1;
  if (!stops && late > LATE_SECONDS)
    throw new Broken('', 'its process goes on, though its time is over', 'ends');
  return stops;
}
