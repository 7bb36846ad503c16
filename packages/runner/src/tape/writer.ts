// Writes a tape to a pipe, part by part. A full pipe makes it wait: whoever reads says how fast it goes.
import { running } from '../candidates/running.ts';
import { HEAD_WORDS, PART_WORDS, type Sink } from './words.ts';
import { writeAll } from './write-all.ts';

/** Words between two looks at the clock, and how long a part may lie here: who reads should not wait for a full one. */
const LOOK_EVERY = 256;
const STALE_NS = 500_000_000n;

export class TapeWriter implements Sink {
  readonly #fd: number;
  readonly #words = new Int32Array(HEAD_WORDS + PART_WORDS);
  #n = HEAD_WORDS;
  #cell = 0;
  #flushed = process.hrtime.bigint();

  constructor(fd: number) {
    this.#fd = fd;
    Object.freeze(this); // the candidate may find it
  }

  put(word: number): void {
    this.#words[this.#n++] = word;
    if (this.#n === this.#words.length) this.flush();
    else if (this.#n % LOOK_EVERY === 0 && process.hrtime.bigint() - this.#flushed > STALE_NS)
      this.flush();
  }

  /** What comes now belongs to the cell with this index. */
  begin(cell: number): void {
    this.flush();
    this.#cell = cell;
  }

  flush(): void {
    this.#flushed = process.hrtime.bigint();
    if (this.#n === HEAD_WORDS) return;
    this.#words[0] = this.#cell;
    this.#words[1] = this.#n - HEAD_WORDS;
    const bytes = Buffer.from(this.#words.buffer, 0, 4 * this.#n);
    running.aside(() => writeAll(this.#fd, bytes));
    this.#n = HEAD_WORDS;
  }
}
