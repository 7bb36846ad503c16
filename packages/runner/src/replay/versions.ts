// What a token was made by, and what plays it now: told apart in one sentence.
import type { ReplayDocument } from '@lastref/report';
import { UNKNOWN } from '../version.ts';

type Compared = Pick<ReplayDocument, 'versions' | 'same' | 'digest'>;

/** What differs, or null. `check`: how the token's state ended; null: the run was cut short. */
export function mismatch(
  { versions, same, digest }: Compared,
  check: string | null,
): string | null {
  const { token, here } = versions;
  const other: string[] = [];
  const compare = (what: string, made: string, now: string): void => {
    if (made !== now && made !== UNKNOWN && now !== UNKNOWN)
      other.push(`of ${what} (${made}, here ${now})`);
  };
  compare('the machine', token.machine, here.machine);
  compare("the design's code", token.code, here.code);
  const ends = `its state ended as ${check}, here as ${digest.slice(0, 8)}`;
  if (other.length === 0) {
    return same
      ? null
      : `Machine and design are those that made this token, yet ${ends}: the token was changed, or the run depends on something outside of both.`;
  }
  const made = `This token was made by another version ${other.join(' and ')}`;
  if (check === null) return `${made}. What follows is what this version does.`;
  if (same) return `${made}; the state at its end is the same.`;
  return `${made}: ${ends}. What follows is what this version does.`;
}
