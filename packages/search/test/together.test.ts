// Two threads that search together: whoever was where when, the answer is that of one. Here the helper runs while the
// other waits, so that a test says how far it comes.
import { eraOf, type Design } from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import {
  DEFAULT_BOUND,
  Start,
  assist,
  explore,
  type CellInput,
  type Exploration,
  type ExploreOptions,
  type SharedBuffers,
} from '../src/index.ts';
import { DepthFirst } from '../src/exhaustive/depth-first.ts';
import { Helping, SharedStates } from '../src/exhaustive/shared.ts';
import { Tally } from '../src/exhaustive/tally.ts';

function inputOf(design: Design, workload = 'sendfile-locked'): CellInput {
  return {
    design,
    workload: miniature(workloadCalled(workload)!, 1),
    era: eraOf('3.8')!,
    seed: 1,
  };
}

const FIRST = 60;

/** Searches, with a helper that is there as soon as it is wanted. */
function together(
  input: CellInput,
  help: (shared: SharedBuffers, options: ExploreOptions) => void,
): Exploration {
  const options: ExploreOptions = { bound: DEFAULT_BOUND, first: FIRST };
  return explore(input, { ...options, help: (shared) => help(shared, options) });
}

function essence({ result, states, executions, ends, cut, exercised, steps }: Exploration) {
  return { result, states, executions, ends, cut, exercised: [...exercised].sort(), steps };
}

afterEach(() => vi.restoreAllMocks());

describe('a helper', () => {
  const input = inputOf(ian);
  const alone = essence(explore(input, { bound: DEFAULT_BOUND }));

  test('that does all that is left leaves nothing to do, and everything counts once', () => {
    let size = 0;
    const found = together(input, (shared, options) => {
      assist(input, options, shared);
      ({ size } = new SharedStates(shared));
    });
    expect(essence(found)).toEqual(alone);
    expect(size).toBe(alone.states);
    // the table of both, what the helper has of its own, and what the search has beside them
    const { bytes } = explore(input, { bound: DEFAULT_BOUND });
    expect(found.bytes).toBeGreaterThan(bytes + 8 * (1 << 14));
  });

  test('is not called where more states may come than the table of both has room for', () => {
    const help = vi.fn<() => void>();
    const bound = { ...DEFAULT_BOUND, states: 2 ** 24 + 1 };
    expect(essence(explore(input, { bound, first: FIRST, help }))).toEqual(alone);
    expect(help).not.toHaveBeenCalled();
  });

  test('that never comes is not waited for', () => {
    expect(essence(together(input, () => undefined))).toEqual(alone);
  });

  test('that comes to a bad end in the middle is not relied upon', () => {
    const found = together(input, (shared, options) =>
      assist(input, { ...options, bound: { ...options.bound, states: 2 * FIRST } }, shared),
    );
    expect(essence(found)).toEqual(alone);
  });

  test('that is wrong about a state is: what it was through with is not looked at again', () => {
    const found = together(input, (buffers) => {
      const shared = new SharedStates(buffers);
      shared.turn(Helping.NOT_YET, Helping.WORKS);
      for (let key = 1; key <= 50; key++) shared.finish(key, key, new Tally());
      shared.turn(Helping.WORKS, Helping.IS_DONE);
    });
    expect(found.states).toBe(alone.states + 50);
  });

  test('that works and gets nowhere is waited for, and then not relied upon', () => {
    const waited = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out'); // 20 seconds
    const found = together(input, (buffers) => {
      const shared = new SharedStates(buffers);
      shared.turn(Helping.NOT_YET, Helping.WORKS);
      for (let key = 1; key <= 50; key++) shared.finish(key, key, new Tally());
    });
    expect(essence(found)).toEqual(alone);
    expect(waited.mock.calls.map(([, , , patience]) => patience)).toEqual([20_000]);
  });

  test('is neither waited for nor gone on without where the search is left open anyway', () => {
    const waited = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
    const bound = { ...DEFAULT_BOUND, states: FIRST };
    const begins = (help?: (buffers: SharedBuffers) => void): number => {
      let times = 0;
      const onProgress = (states: number): boolean => {
        if (states === 1) times++;
        return false;
      };
      const { result } = explore(input, { bound, first: FIRST, onProgress, help });
      expect(result).toBe('bound-reached');
      return times;
    };
    const turned = (...by: readonly Helping[]): number =>
      begins((buffers) => {
        const shared = new SharedStates(buffers);
        by.reduce((from, to) => (shared.turn(from, to), to), Helping.NOT_YET);
      });
    const once = begins();
    expect([turned(Helping.WORKS), turned(Helping.WORKS, Helping.FAILED)]).toEqual([once, once]);
    expect(waited).not.toHaveBeenCalled();
  });

  test('that still works when the other has come to an end is waited for', () => {
    let buffers: SharedBuffers | null = null;
    vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      new SharedStates(buffers!).turn(Helping.WORKS, Helping.IS_DONE);
      return 'ok';
    });
    const found = together(input, (shared) => {
      buffers = shared;
      new SharedStates(shared).turn(Helping.NOT_YET, Helping.WORKS);
    });
    expect(essence(found)).toEqual(alone);
  });

  test('that finds something changes neither the finding nor the number of its steps', () => {
    const wrong = inputOf(rpcReply, 'nfs-odirect');
    const one = explore(wrong, { bound: DEFAULT_BOUND });
    const two = together(wrong, (shared, options) => assist(wrong, options, shared));
    expect([two.result, two.steps, two.finding?.text]).toEqual([
      'refuted',
      one.steps,
      one.finding?.text,
    ]);
  });
});

test('what one thread is in the middle of the other does not take for done, however many states were met before', () => {
  const input = {
    ...inputOf(ian, 'bulk-loss'),
    workload: miniature(workloadCalled('bulk-loss')!, 2),
  };
  const start = new Start(input, true, true);
  for (let states = 250; states < 262; states++) {
    const search = new DepthFirst({ bound: DEFAULT_BOUND }, start);
    expect(search.search(states)).toBeNull();
    const stack = Reflect.get(search, 'stack') as readonly { readonly state: number }[];
    expect(stack.length).toBeGreaterThan(1);
    const done = search.size - stack.length;
    const shared = SharedStates.for(1000);
    search.share(shared);
    expect(shared.size).toBe(done);
  }
});
