// What is counted of a search, state by state: of several that work together each state counts once, whoever was
// through with it first.
import { PROPERTIES, type Property } from '@lastref/judge';

export class Tally {
  /** Steps that were executed. */
  executions = 0;
  /** States in which nothing was left to do. */
  ends = 0;
  /** States behind which the bound hid something. */
  cut = 0;
  /** Properties that some run could have refuted: a bit each, in the order of the cards. */
  exercised = 0;
  /** What the workload is named for was done: 1. */
  torn = 0;
  /** States behind which nobody looks as there are no page frames, and most are in no packet. */
  starved = 0;

  add({ executions, ends, cut, exercised, torn, starved }: Tally): void {
    this.executions += executions;
    this.ends += ends;
    this.cut += cut;
    this.exercised |= exercised;
    this.torn |= torn;
    this.starved += starved;
  }

  exercise(property: Property): void {
    this.exercised |= 1 << PROPERTIES.indexOf(property);
  }

  get properties(): ReadonlySet<Property> {
    return new Set(PROPERTIES.filter((_, i) => (this.exercised & (1 << i)) !== 0));
  }
}
