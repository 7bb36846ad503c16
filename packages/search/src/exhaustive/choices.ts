// What can be taken in a state within a bound: one row a choice.
import { FaultStep, OtherProcessor, Spend, type Agenda, type StepSource } from '@lastref/kernel';
import { spendOne, type Bound } from './bound.ts';
import { choiceClass, choiceId } from './sleep.ts';

/** Rows of `Row`; `timerCut`: nothing can be taken, and only the bound keeps a timer from firing. */
export function choicesWithin(
  bound: Bound,
  agenda: Agenda,
  spent: number,
): { choices: Int32Array; timerCut: boolean } {
  const rows: number[] = [];
  const pairs: number[] = [];
  let timerCut = false;
  const { coming } = agenda;
  for (let place = 0; place < agenda.sources.length; place++) {
    const source = agenda.sources[place]!;
    if (!agenda.isArmed(place) && !isOffAgenda(bound, source)) continue;
    if (coming?.mayMeet(source) === false) continue;
    pairs.length = 0;
    source.choices(pairs);
    for (let i = 0; i < pairs.length; i += 2) {
      const spend = spendOf(source, pairs[i]!, pairs[i + 1]!);
      const after = spendOne(bound, spent, spend);
      const id = choiceId(place, i);
      const kind = choiceClass(
        source.lendsNothing === true,
        coming === null ? spend : meeting(spend),
      );
      if (after >= 0) rows.push(place, pairs[i]!, pairs[i + 1]!, after, id, kind);
      else if (spend === Spend.TIMEOUT) timerCut = true;
    }
  }
  return { choices: Int32Array.from(rows), timerCut: timerCut && rows.length === 0 };
}

export function spendOf(source: StepSource, verb: number, item: number): Spend {
  return source.spend === undefined ? Spend.NOTHING : source.spend(verb, item);
}

/** A step into which another one comes commutes with nothing, as a failure does not. */
function meeting(spend: Spend): Spend {
  return spend === Spend.TEARDOWN ? spend : Spend.FAILURE;
}

/** Failures, and steps of another processor, are not on the agenda: no clock may take them. */
function isOffAgenda(bound: Bound, source: StepSource): boolean {
  return (
    (bound.failures > 0 && source instanceof FaultStep) ||
    (bound.preemptions > 0 && source instanceof OtherProcessor)
  );
}
