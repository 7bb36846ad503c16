// Reads a tape while it is written, and believes nothing of it: a part that is none, or an end before the end, is the
// fault of whoever wrote it.
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { HEAD_WORDS, PART_WORDS, type Spring } from './words.ts';

/** Where the bytes come from, one piece after the other; waits for them. Throws Broken when there are no more. */
export type Pieces = () => Uint8Array;

/** The tape says something that does not fit the run: what it is. */
export function misfit(what: string): Broken {
  return new Broken(placeName(running.place), what, 'seam');
}

export class TapeReader implements Spring {
  readonly #pieces: Pieces;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Of the part that is being read. */
  #part = new Int32Array(0);
  #next = 0;
  /** The cell that the part belongs to, and the one that is played. */
  #of = 0;
  #cell = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  next(): number {
    while (this.#next === this.#part.length) this.#load();
    if (this.#of > this.#cell) throw misfit('its process went on before this run was over');
    return this.#part[this.#next++]!;
  }

  /** The cell with this index is played from here on; what is left of the ones before is skipped. */
  begin(cell: number): void {
    this.#cell = cell;
    if (this.#of < cell) this.#next = this.#part.length;
  }

  #load(): void {
    do {
      const [of, words] = new Int32Array(this.#bytes(4 * HEAD_WORDS).buffer) as unknown as [
        number,
        number,
      ];
      if (words <= 0 || words > PART_WORDS || of < this.#of)
        throw misfit('what its process wrote is no tape');
      this.#of = of;
      this.#part = new Int32Array(this.#bytes(4 * words).buffer);
    } while (this.#of < this.#cell);
    this.#next = 0;
  }

  /** A copy of the next `n` bytes. */
  #bytes(n: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(n);
    for (let got = 0; got < n;) {
      if (this.#at === this.#piece.length) {
        this.#piece = this.#pieces();
        this.#at = 0;
        continue;
      }
      const part = this.#piece.subarray(this.#at, this.#at + n - got);
      out.set(part, got);
      got += part.length;
      this.#at += part.length;
    }
    return out;
  }
}
