// The command line as words: what was typed, what to type next, and which flags do not go together.
export { linesOf, type Line } from './lines.ts';
export { again, commandLine, type Deciding } from './command-line.ts';
export { hint, program, quoted, bringing, replayWith, typed } from './hint.ts';
export { mustGoTogether, type Together } from './together.ts';
