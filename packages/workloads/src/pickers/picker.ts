import type { Agenda } from '@lastref/kernel';

/** Who decides what happens next. */
export interface Picker {
  /** Takes one step; false when there is none left to take. */
  step(agenda: Agenda): boolean;
}
