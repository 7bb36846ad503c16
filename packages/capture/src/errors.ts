// Goal: the one error of this package. Non-goal: warnings; what can be worked around is a line in
// `Capture.warnings`.

/**
 * A capture that cannot be read or followed.
 *
 * The message is one line: the file and the byte, what is wrong there, and what would be right.
 */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  /** The name that was given to `readCapture`. */
  readonly file: string;
  /** Byte offset in the file (after unpacking, if the file was gzipped), or -1 for the whole file. */
  readonly offset: number;
  /** What is wrong, without the place and what would be right. */
  readonly wrong: string;

  constructor(file: string, offset: number, wrong: string, right: string) {
    super(`${file}${offset < 0 ? '' : `, byte ${offset}`}: ${wrong}; ${right}`);
    this.wrong = wrong;
    this.file = file;
    this.offset = offset;
  }
}

/** Collects warnings: one line per kind, however many frames share it. */
export class Warnings {
  readonly #kinds = new Map<string, { first: number; count: number }>();

  /** Notes that this happened in this frame (1-based). O(1). */
  note(frame: number, what: string): void {
    const kind = this.#kinds.get(what);
    if (kind === undefined) this.#kinds.set(what, { first: frame, count: 1 });
    else kind.count++;
  }

  /** One line per kind, in order of first appearance. */
  list(): string[] {
    return [...this.#kinds].map(([what, { first, count }]) => {
      return `frame ${first}${count > 1 ? ` and ${count - 1} more` : ''}: ${what}`;
    });
  }
}
