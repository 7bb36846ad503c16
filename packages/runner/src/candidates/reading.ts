// Is it a candidate's code that reads? Of the machine's objects a search closes to it what is no state (tape/closed.ts), and
// our own code reads all of them on the way.

/** Of this isolate, which has one candidate. Nothing that a candidate is given leads here. */
export const reading = { byCandidate: false };

/**
 * The objects of machines that are closed. A candidate may make others that look like them, whose fields are code of its own: to
 * read one while nobody is held to read for a candidate would let it read all.
 */
export const closed = new WeakSet<object>();

/** Does something of ours for a candidate that calls. */
export function quietly<T>(work: () => T): T {
  const before = reading.byCandidate;
  reading.byCandidate = false;
  try {
    return work();
  } finally {
    reading.byCandidate = before;
  }
}
