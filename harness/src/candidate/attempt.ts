// One cell's work: what stops it gets the place and the way back, and a candidate's fault stops nothing else.
import { RunError } from '../clock.ts';
import type { Source } from './source.ts';
import type { Loaded } from './load.ts';
import { Broken, faultOf, placeName, type Fault } from './rules.ts';
import { running } from './running.ts';

/** An answer that is none: what stopped a candidate. */
export interface Faulted {
  readonly fault: Fault;
}

/** A design in its isolate; `watch` looks after a candidate. */
export interface Subject {
  readonly id: string;
  readonly source: Source;
  readonly watch: Loaded['watch'] | null;
}

/**
 * Does `work` for the cell `where` (a workload, an operation). Throws RunError if a design of the repository is
 * stopped; a candidate's fault is the answer. `when`: era and seed, for the message.
 */
export function attempt<T>(
  subject: Subject,
  where: string,
  when: string,
  work: () => T,
): T | Faulted {
  try {
    const answer = work();
    subject.watch?.look(0);
    return answer;
  } catch (error) {
    if (subject.watch === null)
      throw error instanceof RunError ? error : place(error, subject, where, when);
    const found = broken(error);
    found.when ??= when;
    return { fault: faultOf(subject.id, where, found) };
  } finally {
    running.moved();
  }
}

function place(error: unknown, { id }: Subject, where: string, when: string): RunError {
  const { name, message } = error as Error;
  return new RunError(`${name}: ${message} (${id} on ${where}, ${when})`, { cause: error });
}

/** The machine was stopped between two hooks: by what the last one left behind. */
export function broken(error: unknown): Broken {
  if (error instanceof Broken) return error;
  const { name, message } = error as Error;
  const what = error instanceof RunError ? message : `${name}: ${message}`;
  return new Broken('', `${what} (${placeName(running.last)} ran last)`, 'bug');
}
