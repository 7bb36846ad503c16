// What a story is: a sentence, a machine and a script.
import { DEFAULT_ERA, type Kernel } from '@lastref/kernel';
import type { Scenario, Workload } from '../scenario.ts';
import type { Recorder } from '../trace.ts';
import { buildSet, needsOf, type SetOptions } from './set.ts';
import { Stage, castOf, type Cast } from './stage.ts';

export type Script = (cast: Cast) => void;

export interface Story {
  readonly id: string;
  /** One sentence: what happens. */
  readonly title: string;
  /** Why a reviewer should care. */
  readonly why: string;
  /** Kernels that it is told for. */
  readonly eras: readonly string[];
  readonly script: Script;
  /** The machine alone: a story's trace plays on it like any other. */
  readonly workload: Workload;
}

export interface StoryOptions extends SetOptions {
  readonly id: string;
  readonly why: string;
  readonly eras?: readonly string[];
  /** A machine that is no writer and reader. */
  readonly set?: (k: Kernel) => Scenario;
}

export function story(title: string, options: StoryOptions, script: Script): Story {
  const { id, why } = options;
  return {
    id,
    title,
    why,
    eras: options.eras ?? [DEFAULT_ERA],
    script,
    workload: {
      id,
      title,
      story: why,
      needs: needsOf(options),
      frames: 1024,
      horizonTicks: Number.MAX_SAFE_INTEGER,
      build: (k) => (options.set === undefined ? buildSet(k, options) : options.set(k)),
    },
  };
}

/**
 * Plays `script` to its end on the machine that was built in `k`. `afterStep` is called after every step, for
 * an observer. The connection is up before the first deed.
 */
export function play(script: Script, k: Kernel, recorder: Recorder, afterStep: () => void): Stage {
  const stage = open(k, recorder, afterStep);
  script(castOf(stage));
  stage.end();
  return stage;
}

/** Who acts by itself unless a story says when. */
const BEGINNERS = [
  'sendfile submit',
  'somebody truncate',
  'nfs writer 0',
  'iscsi writer 0',
  'dst writer 0',
  'process post',
  'guest 1 send',
  'application write',
  'initiator',
  'node',
];

/** A stage on which the connection is up and nothing has happened. */
export function open(k: Kernel, recorder: Recorder, afterStep: () => void): Stage {
  const stage = new Stage(k, recorder, afterStep);
  stage.wait(...BEGINNERS);
  stage.settle();
  return stage;
}
