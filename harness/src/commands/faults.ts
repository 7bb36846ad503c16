// A candidate that broke a rule of the seam: misuse, told after everything else was printed.
import { many, printable } from '@lastref/report/words';
import { EXIT, type Fault } from '@lastref/runner';

/** One that was left out before anything ran. */
export function reportFault(fault: Fault): void {
  reportFaults([fault]);
}

/** Cells that fail in the same way are one line. */
export function reportFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const first = new Map<string, { fault: Fault; more: number }>();
  for (const fault of faults) {
    const key = `${fault.design} ${fault.hook} ${fault.rule}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, { fault, more: 0 });
    else known.more++;
  }
  for (const { fault, more } of first.values())
    process.stderr.write(
      `lastref: ${printable(fault.text)}${more === 0 ? '' : ` (and in ${many(more, 'cell')} more)`}\n`,
    );
  process.exitCode = EXIT.misuse;
}

/** The faults of one run: those that were told when a candidate did not load, and those of its cells. */
export class FaultsOfRun {
  readonly all: Fault[];
  private readonly ofCells: Fault[] = [];

  constructor(told: readonly Fault[]) {
    this.all = [...told];
  }

  readonly onFault = (fault: Fault): void => {
    this.all.push(fault);
    this.ofCells.push(fault);
  };

  /** Tells those that were not told yet. */
  report(): void {
    reportFaults(this.ofCells);
  }
}
