// Flags that say nothing about each other: a command tells in one line, before any work, which of those that were typed
// it would not heed. Goal: nobody waits for another answer than the one that was asked for. Non-goal: what flags' values
// have to do with each other, which whoever reads the values says.
import { UsageError } from '../errors.ts';

/** All by their long names, as they are typed. */
export interface Together {
  /** A command that answers one question of several: the flag of each, with those that say something there; 'any': all. */
  readonly questions?: Readonly<Record<string, readonly string[] | 'any'>>;
  /** A flag that says something beside one of these alone. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  /** A flag, and those that it does not go with. */
  readonly apart?: Readonly<Record<string, readonly string[]>>;
}

/** Throws UsageError for the first flag of those that were `typed` that the rules leave out. */
export function mustGoTogether(
  typed: readonly string[],
  { questions = {}, needs = {}, apart = {} }: Together,
): void {
  const asked = typed.filter((flag) => flag in questions);
  if (asked.length > 1) throw new UsageError(`${list(asked, 'and')} are one question each`);
  const [question] = asked;
  const takes = question === undefined ? 'any' : questions[question]!;
  for (const flag of typed) {
    if (takes !== 'any' && flag !== question && !takes.includes(flag))
      throw new UsageError(
        `${flag} does not go with ${question!}, which takes ${list(takes, 'and')}`,
      );
    const beside = needs[flag];
    if (beside !== undefined && !beside.some((other) => typed.includes(other)))
      throw new UsageError(`${flag} says nothing by itself: it goes with ${list(beside, 'or')}`);
    const other = apart[flag]?.find((f) => typed.includes(f));
    if (other !== undefined) throw new UsageError(`${flag} and ${other} do not go together`);
  }
}

function list(flags: readonly string[], word: string): string {
  const [last, ...rest] = [...flags].reverse();
  return rest.length === 0 ? last! : `${rest.reverse().join(', ')} ${word} ${last!}`;
}
