// packetdrill's scripts on the model: the language as a tree and back, and a verdict for each script.
export type * from './ast.ts';
export { ScriptError, type Place } from './errors.ts';
export { parse } from './parser.ts';
export { print } from './print.ts';
export { play, type Verdict } from './run/play.ts';
export { writeScript, type Arrival, type Happening, type Story } from './write.ts';
