// What a reader types, line by line: asked for on a terminal, taken as it comes from a pipe.
import { createInterface } from 'node:readline';
import type { ReadStream } from 'node:tty';

export interface Line {
  readonly text: string;
  /** Its place in a script; null: a person types, who can type again. */
  readonly where: string | null;
}

/** Ends with the input. `prompts`: where a person is asked. */
export async function* linesOf(
  input: NodeJS.ReadStream | ReadStream,
  prompts: NodeJS.WritableStream,
): AsyncGenerator<Line> {
  const person = input.isTTY === true;
  const lines = createInterface({ input, ...(person ? { output: prompts, prompt: '> ' } : {}) });
  if (person) lines.prompt();
  let n = 0;
  try {
    for await (const text of lines) {
      n++;
      if (text.trim() !== '') yield { text: text.trim(), where: person ? null : `line ${n}` };
      if (person) lines.prompt();
    }
  } finally {
    lines.close();
  }
}
