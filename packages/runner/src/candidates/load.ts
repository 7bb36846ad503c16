// Brings a candidate to life in the isolate that is made for it.
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Design } from '@lastref/kernel';
import { exportsOf } from './all-names.ts';
import { designOf } from './card.ts';
import { Watch, blamed, forbid, guarded, marked } from './guard.ts';
import { LOADING } from './rules.ts';
import { running } from './running.ts';
import type { Source } from './source.ts';
import { forget, temporary } from '../temporary.ts';
import { bringsCode } from '../version.ts';

export interface Loaded {
  /** For those who look at its class; and behind its guard, as runs take it. */
  readonly raw: Design;
  readonly design: Design;
  readonly watch: Watch;
}

let forbidden = false;

/** Once in an isolate: what code of a candidate's may not call. */
export function forbidAll(): void {
  if (forbidden) return;
  forbidden = true;
  for (const name of ['exit', 'reallyExit', 'kill', 'abort'])
    forbid(process, name, `it called process.${name}`, 'process');
  forbid(Math, 'random', 'it called Math.random', 'repeatable');
  forbid(Date, 'now', 'it asked for the time (Date.now)', 'repeatable');
  forbid(performance, 'now', 'it asked for the time (performance.now)', 'repeatable');
}

/** Runs the candidate's file. Throws Broken. */
export async function loadCandidate({ file, code, version }: Source): Promise<Loaded> {
  forbidAll();
  const watch = new Watch(file);
  const compiled = temporary(`${basename(file).replace(/\.[cm]?[jt]s$/, '')}.mjs`, code!);
  const before = running.enter(LOADING);
  try {
    const module = (await import(pathToFileURL(compiled).href)) as object;
    const raw = designOf(exportsOf(module));
    watch.look(LOADING);
    const loaded = { raw: marked(raw), design: guarded(raw, watch), watch };
    for (const design of [loaded.raw, loaded.design]) bringsCode(design, () => version!);
    return loaded;
  } catch (error) {
    throw blamed(LOADING, file, error);
  } finally {
    running.leave(before);
    forget(compiled);
  }
}
