let write = (text: string): void => void process.stderr.write(text);

/** Who has its stderr read as what a candidate prints says elsewhere how far it is. */
export function progressTo(other: (text: string) => void): void {
  write = other;
}

/** Progress on stderr: one line that is rewritten on a terminal, else a line now and then. */
export class Progress {
  readonly #what: string;
  readonly #of: number;
  #done = 0;
  #shown = 0;
  readonly #started = process.hrtime.bigint();
  readonly #live = process.stderr.isTTY === true;

  constructor(what: string, of = 0) {
    this.#what = what;
    this.#of = of;
  }

  step(text: string): void {
    this.#done++;
    const elapsed = Number(process.hrtime.bigint() - this.#started) / 1e9;
    if (elapsed < 1 && this.#done < this.#of) return; // what is over within a second needs no progress
    this.#show(`${this.#done}/${this.#of}  ${text}`, elapsed, this.#done === this.#of);
  }

  /** For work whose end is not known. */
  note(text: string): void {
    const elapsed = Number(process.hrtime.bigint() - this.#started) / 1e9;
    if (elapsed >= 1) this.#show(text, elapsed, false);
  }

  #show(text: string, elapsed: number, last: boolean): void {
    const line = `${this.#what}: ${text}`;
    if (this.#live) {
      write(`\r\x1b[K${line}`);
    } else if (elapsed - this.#shown >= 2 || last) {
      this.#shown = elapsed;
      write(`${line}\n`);
    }
  }

  end(): void {
    if (this.#live) write('\r\x1b[K');
  }
}
