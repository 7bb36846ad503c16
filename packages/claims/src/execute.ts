// Runs what an experiment asks for, in the isolate of its design.
import { IN_THE_WORD, type HoldTimes } from '@lastref/judge';
import { inDomain, type Design } from '@lastref/kernel';
import { Cell, DEFAULT_BOUND, Swarm, explore, type CellInput } from '@lastref/search';
import { STORIES, play, workloadCalled, type Workload } from '@lastref/workloads';
import { runClock } from '@lastref/runner/compare';
import { layouts } from '@lastref/runner/layouts';
import { matrixOperations, runMatrixCell } from '@lastref/operations';
import { bundledCapture, find, findEra, tokenOf } from '@lastref/runner';
import { runLab } from './labs/index.ts';
import type {
  AnyFacts,
  ClockFacts,
  ClockRun,
  FoundFact,
  LayoutFacts,
  LayoutRun,
  OperationFacts,
  OperationRun,
  Run,
  SearchFacts,
  SearchRun,
  StoryFacts,
  StoryRun,
  SwarmFacts,
  SwarmRun,
} from './run.ts';

/** `design` is what the run names. */
export function execute(run: Run, design: Design): AnyFacts {
  switch (run.kind) {
    case 'clock':
      return runOnClock(run, design);
    case 'search':
      return runSearch(run, design);
    case 'swarm':
      return runSwarm(run, design);
    case 'operation':
      return runOperation(run, design);
    case 'story':
      return runStory(run, design);
    case 'layout':
      return runLayout(run, design);
    case 'lab':
      return runLab(run, design);
  }
}

function workload(id: string): Workload {
  const found = workloadCalled(id);
  if (found === undefined)
    throw new RangeError(`an experiment asks for an unknown workload: ${id}`);
  return found;
}

function runOnClock(run: ClockRun, design: Design): ClockFacts {
  const input = { design, workload: workload(run.workload), era: findEra(run.era), seed: 1 };
  const { judgement, findings, hold, lent, costs, progress, ticks } = runClock(
    input,
    run.seeds,
    bundledCapture(),
  );
  return {
    verdicts: judgement.verdicts,
    findings: findings.filter((f) => IN_THE_WORD.includes(f.property)).map(factOf),
    beside: findings.filter((f) => !IN_THE_WORD.includes(f.property)).map(factOf),
    loans: judgement.loans,
    completions: judgement.completions,
    contexts: judgement.contexts,
    stretchedBy: judgement.stretchedBy,
    reads: judgement.reads,
    hold: times(hold),
    lent: times(lent),
    costs,
    pagesPerSecond: (1e6 * judgement.pagesTold) / Math.max(1, judgement.lastToldTick),
    pinnedPageSeconds: judgement.pinnedPageTicks / 1e6,
    domain: inDomain(design.domain, input.workload.lends, input.era),
    done: progress.reduce((n, p) => n + p.done, 0),
    of: progress.reduce((n, p) => n + p.of, 0),
    ticks,
  };
}

function factOf(f: FoundFact): FoundFact {
  const { property, harm, where, count, text, token } = f;
  return { property, harm, where, count, text, token };
}

function times({ p50, p99, max, samples }: HoldTimes): ClockFacts['hold'] {
  return { p50, p99, max, samples };
}

function runSearch(run: SearchRun, design: Design): SearchFacts {
  const input = { design, workload: workload(run.workload), era: findEra(run.era), seed: 1 };
  const bound = { ...DEFAULT_BOUND, ...run.bound };
  const property = run.property === null ? {} : { property: run.property };
  const found = explore(input, { bound, ...property });
  const { result } = found;
  if (result === 'not-a-proof')
    // of a design of the repository: the search or the design is at fault
    throw new Error(`the search of ${design.id} on ${run.workload} is no proof: ${found.reason}`);
  return {
    result,
    property: found.finding?.property ?? null,
    text: found.finding?.text ?? null,
    steps: found.steps,
    token: found.trace === null ? null : tokenOf(input, found.trace),
    states: found.states,
  };
}

function runSwarm(run: SwarmRun, design: Design): SwarmFacts {
  const input = { design, workload: workload(run.workload), era: findEra(run.era), seed: 1 };
  const batch = new Swarm(input, { runs: run.runs, steps: 60, failures: false }).run();
  return {
    runs: batch.runs,
    steps: batch.steps,
    findings: batch.findings.map((f) => factOf({ ...f, token: tokenOf(input, f.trace) })),
  };
}

function runOperation(run: OperationRun, design: Design): OperationFacts {
  const mover = find('operation', matrixOperations(), (m) => m.id, run.operation);
  const cell = runMatrixCell(design, mover, findEra(run.era));
  const { verdict, properties, token, runs, heldBy } = cell;
  return { verdict, properties, token, runs, heldBy };
}

function runStory(run: StoryRun, design: Design): StoryFacts {
  const { workload: machine, script } = find('story', STORIES, (s) => s.id, run.story);
  const input: CellInput = { design, workload: machine, era: findEra(run.era), seed: 1 };
  const cell = new Cell(input);
  const { k, judge, recorder } = cell;
  try {
    const stage = play(script, k, recorder, () => judge.afterStep());
    const { judgement, traces } = cell.finish();
    const findings = judgement.findings.map((f, i) =>
      factOf({ ...f, token: tokenOf(input, traces[i]!) }),
    );
    return { findings, told: stage.told.map((t) => t.step), deeds: stage.deeds.length };
  } catch (error) {
    if (error instanceof RangeError) return { findings: [], told: [], deeds: null }; // a deed that cannot be done
    throw error;
  }
}

function runLayout(run: LayoutRun, design: Design): LayoutFacts {
  const { doc } = layouts({ designs: [design], era: run.era, struct: null });
  const { bytes, sizeClass, shinfo, pageFrag } = doc.buffers[0]!;
  return {
    structs: doc.rows.map((r) => ({
      struct: r.struct,
      bytes: r.bytes,
      growth: r.growth,
      cacheLines: r.cacheLines,
      adds: r.adds,
    })),
    buffer: { bytes, sizeClass, shinfo, pageFrag },
  };
}
