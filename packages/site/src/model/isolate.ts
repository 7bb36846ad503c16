// The runner's isolate, with candidates that come as text: they are brought to life here as candidates/load.ts does it
// from a file.
import * as kernel from '@lastref/kernel';
import type { Design } from '@lastref/kernel';
import { bringsCode, isForeign, Isolate, type Source, type Subject } from '@lastref/runner';
import {
  LOADING,
  Watch,
  blamed,
  designOf,
  forbidAll,
  guarded,
  marked,
} from '@lastref/runner/candidates';
import { running } from '@lastref/runner/running';
import { place } from '../browser/fs.ts';
import { dirname, join } from '../browser/path.ts';
import { bring, known } from './module-of.ts';
import { STRATEGIES } from './source.ts';

type Require = (path: string) => unknown;

/** A candidate and its TypeScript. */
export interface PageSource extends Source {
  readonly text: string;
}

export class PageIsolate extends Isolate {
  private candidate: { readonly version: string; readonly subject: Subject } | null = null;

  override async subject(source: Source | PageSource): Promise<Subject> {
    if (!isForeign(source)) return super.subject(source);
    if (this.candidate?.version !== source.version)
      this.candidate = { version: source.version!, subject: alive(source as PageSource) };
    return this.candidate.subject;
  }

  override look(): void {
    super.look();
    this.candidate?.subject.watch?.look(0);
  }

  override nameOf(source: Source): string {
    if (isForeign(source) && this.candidate !== null) return this.candidate.subject.raw.id;
    return super.nameOf(source);
  }
}

/** Runs the candidate's module. Throws Broken. */
function alive(source: PageSource): Subject {
  const { file, version, text } = source;
  forbidAll();
  const watch = new Watch(file);
  const before = running.enter(LOADING);
  try {
    const raw = designOf(run(source));
    watch.look(LOADING);
    const subject = { raw: marked(raw), design: guarded(raw, watch), watch };
    for (const design of [subject.raw, subject.design]) bringsCode(design, () => version!);
    // In the place of a shipped design with its id: whoever looks for that finds the candidate, and its digest.
    const there = `${STRATEGIES}${raw.id}.ts`;
    place(there, text);
    bring(there, { design: subject.design } satisfies { design: Design });
    return subject;
  } catch (error) {
    throw blamed(LOADING, file, error);
  } finally {
    running.leave(before);
  }
}

/** CommonJS, as the compiler made it; its name stands in the stacks of what it throws. */
function run({ file, code, name }: Source): object {
  const module = { exports: {} };
  const required: Require = (path) =>
    path === '@lastref/kernel' ? kernel : known(join(dirname(file), path));
  const body = `${code!}\n//# sourceURL=${name}`;
  // oxlint-disable-next-line no-implied-eval -- this worker exists to run it: opaque origin, no network
  new Function('module', 'exports', 'require', body)(module, module.exports, required);
  return module.exports;
}
