// A candidate that broke a rule of the seam: misuse, told after everything else was printed.
import { EXIT, faultLines, type Fault } from '@lastref/runner';

/** One that was left out before anything ran. */
export function reportFault(fault: Fault): void {
  reportFaults([fault]);
}

export function reportFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  for (const line of faultLines(faults)) process.stderr.write(`lastref: ${line}\n`);
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
