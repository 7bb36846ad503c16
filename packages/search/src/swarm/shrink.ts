// Deletes steps while the symptom stays, until no single step can be left out.
import { FOUND_AT_END } from '@lastref/judge';
import { playList, type Choice, type Origin, type Played, type Symptom } from '../run-list.ts';

/** Steps that one shrinking may take in all its attempts: a second, more or less. */
const STEPS_MAX = 60_000;

export interface Shrunk {
  readonly played: Played;
  readonly list: readonly Choice[];
  /** No single step can be left out: false only if the attempts took too many steps. */
  readonly minimal: boolean;
}

/** `list` shows `symptom` from the start. Returns null if it does not. */
export function shrink(start: Origin, list: readonly Choice[], symptom: Symptom): Shrunk | null {
  const first = playList(start, list, symptom);
  if (first === null) return null;
  let best: readonly Choice[] = first.taken;
  let spent = 0;
  const shorter = (candidate: readonly Choice[]): boolean => {
    spent += candidate.length + (FOUND_AT_END.has(symptom.property) ? best.length : 0);
    const played = playList(start, candidate, symptom);
    if (played === null) return false;
    best = played.taken;
    return true;
  };
  // Large pieces first, as most of a random run has nothing to do with its finding.
  for (let size = best.length >> 1; size >= 1 && spent < STEPS_MAX; size >>= 1) {
    for (let at = best.length - size; at >= 0 && spent < STEPS_MAX; at -= size) {
      shorter([...best.slice(0, at), ...best.slice(at + size)]);
      at = Math.min(at, best.length);
    }
  }
  let minimal = false;
  while (!minimal && spent < STEPS_MAX) {
    let stays = true;
    let at = best.length - 1;
    for (; at >= 0 && spent < STEPS_MAX; at--) {
      if (at < best.length && shorter([...best.slice(0, at), ...best.slice(at + 1)])) stays = false;
    }
    minimal = stays && at < 0; // else some were not tried
  }
  return { played: playList(start, best, symptom)!, list: best, minimal };
}
