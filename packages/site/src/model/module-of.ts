// In place of the runner's module-of.ts: modules that the page brought with it, and the candidate's.
import { modules } from './brought.ts';

const brought = new Map<string, object>(Object.entries(modules));

/** The module that stands at `file` from now on. */
export function bring(file: string, module: object): void {
  brought.set(file, module);
}

export async function moduleOf(file: string): Promise<object> {
  return known(file);
}

export function known(file: string): object {
  const module = brought.get(file);
  if (module === undefined) throw new Error(`${file} is no module of the page`);
  return module;
}
