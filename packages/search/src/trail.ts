// How a search came to each state: the state before it and the steps from there.

/** A tree of states that are numbered in the order in which they are met; 0 is where the search starts. */
export class Trail {
  /** States in the tree. */
  size = 1;
  /** Of each state: the one before it, and where its steps end in `steps`. */
  private before = new Int32Array(1024);
  private ends = new Int32Array(1024);
  private steps = new Uint8Array(4096);

  /** Bytes that the tree takes. */
  get bytes(): number {
    return this.before.byteLength + this.ends.byteLength + this.steps.byteLength;
  }

  /** Adds the next state: the first `n` of `path`, numbers below 256, lead to it from state `before`. */
  push(before: number, path: Uint8Array, n: number): void {
    const state = this.size++;
    if (state === this.ends.length) {
      this.before = grown(this.before, new Int32Array(2 * state));
      this.ends = grown(this.ends, new Int32Array(2 * state));
    }
    const start = this.ends[state - 1]!;
    if (start + n > this.steps.length)
      this.steps = grown(this.steps, new Uint8Array(2 * this.steps.length + n));
    for (let i = 0; i < n; i++) this.steps[start + i] = path[i]!;
    this.before[state] = before;
    this.ends[state] = start + n;
  }

  /** All steps from the start to `state`. */
  to(state: number): number[] {
    const parts: number[][] = [];
    for (let at = state; at !== 0; at = this.before[at]!)
      parts.push([...this.steps.subarray(this.ends[at - 1], this.ends[at])]);
    return parts.reverse().flat();
  }
}

function grown<T extends Int32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
