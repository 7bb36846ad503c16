// A worker that reads candidates and runs none.
import { placeAll } from '../model/source.ts';
import { compile, type Compiled } from './compile.ts';

export interface CompileAsk {
  readonly n: number;
  readonly name: string;
  readonly text: string;
}

export interface CompileSaid {
  readonly n: number;
  readonly compiled: Compiled;
}

interface Scope {
  onmessage: ((event: { data: CompileAsk }) => void) | null;
  postMessage(answer: CompileSaid): void;
}

placeAll();
const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data: { n, name, text } }) =>
  scope.postMessage({ n, compiled: compile(name, text) });
