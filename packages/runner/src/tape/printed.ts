// What the code of a candidate prints, on stderr: each line with the name of its file before it, so that none can be taken for
// one of ours, which may say of another candidate that it broke a rule.
import type { Readable } from 'node:stream';
import { printable } from '@lastref/report/words';

/** Of one candidate, in all that it prints. */
const PRINTED_MAX = 1 << 16;

export class Printed {
  readonly #name: string;
  readonly #write: (line: string) => void;
  #length = 0;

  /** `name` of its file. */
  constructor(name: string, write = (line: string): void => void process.stderr.write(line)) {
    this.#name = name;
    this.#write = write;
  }

  /** Passes on what comes there, line by line. */
  hear(stream: Readable): void {
    let begun = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      if (this.#length > PRINTED_MAX) return;
      this.#length += text.length;
      const lines = (begun + text).split('\n');
      begun = lines.pop()!;
      for (const line of lines) this.#line(line);
      if (this.#length <= PRINTED_MAX) return;
      this.#write(`lastref: what ${this.#name} prints from here on is left out\n`);
      begun = '';
    });
    stream.on('end', () => {
      if (begun !== '') this.#line(begun);
    });
  }

  #line(line: string): void {
    this.#write(`${this.#name} prints: ${printable(line)}\n`);
  }
}
