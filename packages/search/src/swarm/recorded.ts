// A run as it was recorded, for shrinking: it begins where the first page is lent, with the clock going on as it did.
import { TracePicker, type Taken, type Trace } from '@lastref/workloads';
import { Cell, type CellInput } from '../cell.ts';
import type { Choice, Origin } from '../run-list.ts';

export class RunStart implements Origin {
  /** The steps behind the beginning. */
  readonly list: readonly Choice[];
  private readonly input: CellInput;
  private readonly before: readonly Taken[];

  constructor(input: CellInput, trace: Trace) {
    this.input = input;
    const cell = new Cell(input);
    const picker = new TracePicker(trace);
    const steps: Taken[] = [];
    let begin = 0;
    let lent = false;
    while (picker.step(cell.k.agenda)) {
      cell.judge.afterStep();
      steps.push(picker.taken!);
      lent ||= cell.judge.lentPages().length > 0;
      const { kind } = picker.taken!;
      if (kind === 'clock stops' || kind === 'programs stop' || !lent) begin = steps.length;
    }
    this.before = steps.slice(0, begin);
    this.list = steps.slice(begin);
  }

  machine(): Cell {
    const cell = new Cell(this.input);
    for (const { kind, place, verb, item } of this.before) {
      if (kind === 'clock') cell.clock();
      else if (kind === 'clock stops') cell.stopClock();
      else if (kind === 'programs stop') cell.stopPrograms();
      else cell.take(place, verb, item);
    }
    return cell;
  }
}
