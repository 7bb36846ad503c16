// What the tests of the tellers share: every finding of a run, told by a replay and by a story.
import { recordSide } from '@lastref/runner/story';
import { Telling } from '@lastref/runner/replay';
import { Cell, type CellInput } from '@lastref/search';
import { TracePicker, traceLength, type Trace } from '@lastref/workloads';

/** The lane in which each reader reads. */
const LANES: Readonly<Record<string, string>> = {
  nic: 'tx ring',
  protocol: 'receive queue',
};

export interface Told {
  readonly findings: number;
  /** Findings whose reader one of the tellers does not show, in a sentence each. */
  readonly hidden: readonly string[];
}

/** Runs the cell by the clock and tells each finding of a reader that is left, or that read; `stepsMax`: not longer ones. */
export function tellAll(input: CellInput, stepsMax: number): Told {
  const { judgement, traces } = new Cell(input).runByClock();
  const hidden: string[] = [];
  let findings = 0;
  judgement.findings.forEach(({ property, where, loan, step }, i) => {
    if (loan === 0 || step > stepsMax) return;
    const reads = property === 'corrupt';
    if (property !== 'early' && !reads) return; // of no reader
    findings++;
    const at = `${input.design.id} on ${input.workload.id}, step ${step}, ${property}: ${where}`;
    const trace = traces[i]!;
    const line = lastLine(input, trace);
    const readers = readersIn(line, loan);
    if (property === 'early' && !readers.includes(where))
      hidden.push(`${at}: the replay says '${readers.join(', ')}'`);
    const side = recordSide(input, trace, {
      loan,
      until: step,
      beyond: false,
      keep: [],
      whole: false,
    });
    const shown = side.steps.find((s) => s.n === step);
    const lane = side.lanes.indexOf(LANES[where] ?? where);
    const seen = reads
      ? shown?.marks.some((m) => m.lane === lane && m.mark === 'changed')
      : shown?.holdings.some((h) => h.lane === lane && h.refs > 0);
    if (seen !== true) hidden.push(`${at}: the story does not show it`);
  });
  return { findings, hidden };
}

/** What a replay says of the last step of the trace. */
function lastLine(input: CellInput, trace: Trace): string {
  const telling = new Telling(input, trace);
  const picker = new TracePicker(trace);
  let text = '';
  for (let n = traceLength(trace); n > 0; n--) text = telling.step(picker)?.text ?? text;
  return text;
}

/** 'tx ring 1, write queue 2; page refs 3' gives both names. */
function readersIn(line: string, loan: number): string[] {
  const said = new RegExp(`loan ${loan} readable from: ([^;]*)`).exec(line)?.[1] ?? '';
  return said.split(', ').map((place) => place.replace(/ \d+$/, ''));
}
