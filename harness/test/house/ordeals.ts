// What is done to one command, drawn by a seed: random moments of its run, each of its file operations, and the rest.
import { Prng } from '@lastref/workloads';
import { NO_KILLS, Ordeal, sum, type Kills, type Subject } from './ordeal.ts';

export interface Draw {
  readonly seed: number;
  /** Random moments. */
  readonly moments: number;
  /** How many of its file operations; null: each of them; critical: the last bytes and the last name. */
  readonly operations: number | null | 'critical';
  /** The other faults too. */
  readonly rest: boolean;
}

export interface Outcome {
  readonly id: string;
  readonly ms: number;
  /** What it does to files in its directory. */
  readonly steps: number;
  readonly moments: Kills;
  readonly operations: Kills;
  /** By fault: what did not hold; null: it cannot be brought about here. */
  readonly faults: Readonly<Record<string, readonly string[] | null>>;
}

/** Does it; `say` is told of each kill. */
export async function ordeal(
  subject: Subject,
  { seed, moments, operations, rest }: Draw,
  say: (line: string) => void = () => {},
): Promise<Outcome> {
  const prng = new Prng(seed);
  const it = await Ordeal.of(subject);
  try {
    say(`${subject.id}: ${it.ms.toFixed(0)} ms, ${it.steps.length} file operations`);
    const told = (what: string, kills: Kills): Kills => {
      say(`${subject.id}: ${what}${kills.wrong.length > 0 ? `: ${kills.wrong.join('; ')}` : ''}`);
      return kills;
    };
    let atMoments = NO_KILLS;
    for (let n = 0; n < moments; n++) {
      // One in each part of the run, so that none is left out; a little past its end as well.
      const ms = ((n + prng.below(1000) / 1000) / moments) * it.ms * 1.05;
      const kills = await it.killedAfter(ms, prng.below(2) === 0);
      atMoments = sum(atMoments, told(`moment ${n + 1} of ${moments}`, kills));
    }
    let atOperations = NO_KILLS;
    const all = it.steps.map((_, n) => n + 1);
    const last = (what: string): number => it.steps.lastIndexOf(what) + 1;
    const critical = [last('write'), last('rename')].filter((n) => n > 0);
    const chosen =
      operations === null
        ? all
        : operations === 'critical'
          ? critical
          : drawn(all, operations, prng);
    for (const n of chosen) {
      const kills = await it.killedAt(n, prng.below(2) === 0);
      atOperations = sum(atOperations, told(`file operation ${n} of ${it.steps.length}`, kills));
    }
    const faults: Record<string, readonly string[] | null> = {};
    if (rest) {
      const writes = it.steps.length > 0;
      const told = async (what: string, made: Promise<readonly string[] | null>): Promise<void> => {
        faults[what] = await made;
        say(
          `${subject.id}: ${what}: ${faults[what]?.join('; ') || (faults[what] === null ? 'not here' : 'held')}`,
        );
      };
      if (writes) {
        await told('full disk', it.fullDisk());
        await told('not writable', it.unwritable());
      }
      await told('closed output', it.deaf());
      await told('clock jumps', it.clockJumps());
      await told('two at once', it.twins());
    }
    return {
      id: subject.id,
      ms: it.ms,
      steps: it.steps.length,
      moments: atMoments,
      operations: atOperations,
      faults,
    };
  } finally {
    it.remove();
  }
}

function drawn(all: readonly number[], count: number, prng: Prng): readonly number[] {
  const left = [...all];
  const taken: number[] = [];
  while (taken.length < count && left.length > 0)
    taken.push(...left.splice(prng.below(left.length), 1));
  return taken.sort((a, b) => a - b);
}

/** All that did not hold, a line each. */
export function wrongOf({ id, moments, operations, faults }: Outcome): string[] {
  const lines = [
    ...moments.wrong,
    ...operations.wrong,
    ...Object.values(faults).flatMap((f) => f ?? []),
  ];
  return lines.map((line) => `${id}: ${line}`);
}
