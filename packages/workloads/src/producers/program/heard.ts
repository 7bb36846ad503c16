// Between a program and its host: whoever listens to the machine is told what the program hears, and what it calls.
import {
  EVENTS,
  Program,
  declareState,
  type Call,
  type Calls,
  type Event,
  type Probe,
} from '@lastref/kernel';

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
      Reflect.apply(this.inner[event], this.inner, given);
    },
  });

/** The system calls of a program, each said to a probe: one without an answer before what follows from it. */
export class NotedCalls implements Calls {
  private readonly inner: Calls;
  private readonly probe: Probe;

  constructor(inner: Calls, probe: Probe) {
    this.inner = inner;
    this.probe = probe;
  }

  send(...given: Parameters<Calls['send']>): number {
    return this.answered('send', given, this.inner.send(...given));
  }

  sendZc(...given: Parameters<Calls['sendZc']>): void {
    this.probe.programCalls('sendZc', given, null);
    this.inner.sendZc(...given);
  }

  cancel(id: number): number {
    return this.answered('cancel', [id], this.inner.cancel(id));
  }

  release(buffer: number): void {
    this.probe.programCalls('release', [buffer], null);
    this.inner.release(buffer);
  }

  connect(): number {
    return this.answered('connect', [], this.inner.connect());
  }

  shutdown(connection: number): void {
    this.probe.programCalls('shutdown', [connection], null);
    this.inner.shutdown(connection);
  }

  close(connection: number): void {
    this.probe.programCalls('close', [connection], null);
    this.inner.close(connection);
  }

  abort(connection: number): void {
    this.probe.programCalls('abort', [connection], null);
    this.inner.abort(connection);
  }

  outq(connection: number): number {
    return this.answered('outq', [connection], this.inner.outq(connection));
  }

  private answered(call: Call, given: readonly number[], result: number): number {
    this.probe.programCalls(call, given, result);
    return result;
  }
}

declareState(NotedCalls, { constant: 'inner probe' });
