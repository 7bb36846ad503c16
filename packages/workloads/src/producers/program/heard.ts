// Between a program and its host: whoever listens to the machine is told what the program hears, and what it calls.
import {
  CALLS,
  EVENTS,
  Program,
  declareState,
  type Call,
  type Calls,
  type Event,
  type Probe,
} from '@lastref/kernel';

type Any = (...given: never[]) => unknown;

/** The events of `program`, each said to `probe` first. */
export function hearing(program: Program, calls: Calls, probe: Probe): Program {
  return new Hearing(program, calls, probe);
}

class Hearing extends Program {
  readonly inner: Program;
  readonly probe: Probe;

  constructor(inner: Program, calls: Calls, probe: Probe) {
    super(calls);
    this.inner = inner;
    this.probe = probe;
  }
}

declareState(Hearing, { constant: 'calls inner probe' });

for (const event of Object.keys(EVENTS) as Event[])
  Object.defineProperty(Hearing.prototype, event, {
    value(this: Hearing, ...given: (number | boolean)[]): void {
      this.probe.programHears(event, given);
      (this.inner[event] as Any).apply(this.inner, given as never[]);
    },
  });

/** The system calls of a program, each said to a probe. */
export class NotedCalls {
  readonly inner: Calls;
  readonly probe: Probe;

  constructor(inner: Calls, probe: Probe) {
    this.inner = inner;
    this.probe = probe;
  }
}
export interface NotedCalls extends Calls {}

declareState(NotedCalls, { constant: 'inner probe' });

for (const call of Object.keys(CALLS) as Call[]) {
  const { answers } = CALLS[call];
  Object.defineProperty(NotedCalls.prototype, call, {
    value(this: NotedCalls, ...given: number[]): unknown {
      const { inner, probe } = this;
      if (!answers) probe.programCalls(call, given, null); // what follows from it is said behind it
      const result = (inner[call] as Any).apply(inner, given as never[]);
      if (answers) probe.programCalls(call, given, result as number);
      return result;
    },
  });
}
