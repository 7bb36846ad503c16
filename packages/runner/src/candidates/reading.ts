// Is it a candidate's code that reads? Of the machine's objects a search closes to it what is no state (tape/closed.ts), and
// our own code reads all of them on the way.

/** Of this isolate, which has one candidate. Nothing that a candidate is given leads here. */
export const reading = { byCandidate: false };

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
