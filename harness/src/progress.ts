/** Progress on stderr: one line that is rewritten on a terminal, else a line now and then. */
export class Progress {
  readonly #what: string;
  readonly #of: number;
  #done = 0;
  #shown = 0;
  readonly #started = process.hrtime.bigint();
  readonly #live = process.stderr.isTTY === true;

  constructor(what: string, of: number) {
    this.#what = what;
    this.#of = of;
  }

  step(text: string): void {
    this.#done++;
    const elapsed = Number(process.hrtime.bigint() - this.#started) / 1e9;
    if (elapsed < 1 && this.#done < this.#of) return; // what is over within a second needs no progress
    const line = `${this.#what}: ${this.#done}/${this.#of}  ${text}`;
    if (this.#live) {
      process.stderr.write(`\r\x1b[K${line}`);
    } else if (elapsed - this.#shown >= 2 || this.#done === this.#of) {
      this.#shown = elapsed;
      process.stderr.write(`${line}\n`);
    }
  }

  end(): void {
    if (this.#live) process.stderr.write('\r\x1b[K');
  }
}
