// What stands around a candidate without any of its code: the end of the tape that judges, the watch from outside, what is
// said of what it threw, and which designs a command knows.
import { PassThrough } from 'node:stream';
import {
  Kernel,
  NoProbe,
  allocPage,
  eraOf,
  type Design,
  type Page,
  type Services,
} from '@lastref/kernel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { HOOKS_DEEP, findsWritten, guarded, thrown, Watch } from '../src/candidates/guard.ts';
import { cellCalled, knownDesigns, selectDesigns, type Known } from '../src/candidates/known.ts';
import { Broken, placeOf } from '../src/candidates/rules.ts';
import { RUNNING_BYTES, Running } from '../src/candidates/running.ts';
import { Watchdog } from '../src/candidates/watchdog.ts';
import { UsageError } from '../src/errors.ts';
import { Telling } from '../src/tape/channel.ts';
import { lineOf, putFault } from '../src/tape/faults.ts';
import { Printed } from '../src/tape/printed.ts';
import { evaluateCandidate } from '../src/tape/compartment.ts';
import { judge } from '../src/tape/stages.ts';
import { Word, putText } from '../src/tape/words.ts';
import { share } from '../src/candidates/shared.ts';
import { Books, designOf, said } from './taped.ts';

async function wrong(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

describe('who judges', () => {
  const CARD = JSON.stringify({ ...designOf((k) => new Books(k)), create: undefined });
  const source = { file: '/d/mine.ts', code: 'x', version: '1', name: 'mine' };
  let telling: Telling;
  afterEach(() => telling.close());

  /** A stage that hears these words, and then why there are no more. */
  function hears(
    words: readonly number[],
    kind = 'compare',
    end = new Broken('', 'over', 'process'),
  ) {
    telling = new Telling(() => undefined);
    telling.piece(new Uint8Array(Int32Array.from([0, words.length, ...words]).buffer));
    telling.end(lineOf(end));
    telling.end('a second end is none');
    return judge(telling.hearing)({ kind });
  }
  /** Of the sums by which both processes compare their machines. */
  const KEY = [0x12345678, -1];
  const card = (text: string): number[] => {
    const words: number[] = [Word.CARD];
    putText({ put: (word) => words.push(word) }, text);
    return [...words, ...KEY];
  };
  const fault = (broken: Broken): number[] => {
    const words: number[] = [];
    putFault({ put: (word) => words.push(word) }, broken);
    return words;
  };

  test('hears of the card, then of the run, and of its end', async () => {
    const stage = hears([...card(CARD), Word.END, Word.CREATE]);
    stage.begins(0);
    const { design, watch } = await stage.load(source);
    expect([design.id, watch, stage.rehearses]).toEqual(['mine', null, false]);
    expect(await wrong(() => stage.answered())).toBe('nothing');
    expect(await wrong(() => stage.answered())).toContain(
      'the run is over here, and goes on in its',
    );
    expect(await wrong(() => stage.answered())).toBe('over');
    expect(await wrong(() => stage.answered())).toBe('over');
  });

  test('is told what stopped it, in place of a card or of an end', async () => {
    const stopped = new Broken('its card', 'it has no title', 'card');
    expect(await wrong(() => hears(fault(stopped)).load(source))).toBe('it has no title');
    const stage = hears([...card(CARD), ...fault(new Broken('create', 'it threw x', 'throws'))]);
    await stage.load(source);
    expect(await wrong(() => stage.answered())).toBe('it threw x');
  });

  test('takes no other card than the one that the command was told', async () => {
    const other = card(CARD.replace('mine', 'yours'));
    expect(await wrong(() => hears(other).load(source))).toBe(
      'it called itself mine, and now yours',
    );
    const { design } = await hears(other, 'card').load(source);
    expect(design.id).toBe('yours');
    expect(await wrong(() => hears([Word.CREATE, 0]).load(source))).toContain('what its card is');
    expect(await wrong(() => hears([Word.CARD, -1]).load(source))).toContain('what its card is');
  });

  test('is told by a line what no tape says, and by none that is no fault', async () => {
    telling = new Telling(() => undefined);
    telling.end('nonsense');
    const stage = judge(telling.hearing)({ kind: 'compare' });
    expect(await wrong(() => stage.load(source))).toBe('its process said what is no fault');
  });

  test('lets the process wait while much is unread', async () => {
    let hungry = 0;
    telling = new Telling(() => hungry++);
    expect([telling.full, telling.starving]).toEqual([false, true]);
    telling.piece(new Uint8Array((4 << 20) + 4));
    expect([telling.full, telling.starving]).toEqual([true, false]);
    telling.hearing.port.postMessage(4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([telling.full, hungry]).toEqual([false, 1]);
  });
});

describe('where its code is', () => {
  test('can be seen from outside, and moves with what is over', () => {
    const memory = new SharedArrayBuffer(RUNNING_BYTES);
    const [inside, outside] = [new Running(memory), new Running(memory)];
    const before = inside.enter(7);
    const inner = inside.enter(8);
    expect([outside.place, outside.last, outside.moves]).toEqual([8, 7, 1]);
    inside.leave(inner);
    expect([outside.place, outside.last, outside.moves]).toEqual([7, 7, 1]);
    inside.aside(() => expect(outside.place).toBe(0));
    expect([outside.place, outside.moves]).toEqual([7, 2]);
    inside.leave(before);
    expect([outside.place, outside.last, outside.moves]).toEqual([0, 7, 3]);
  });

  test('a candidate that takes too much is stopped, and one that did not begin is not', async () => {
    const memory = new SharedArrayBuffer(RUNNING_BYTES);
    const bitten: Broken[] = [];
    const watched = { file: 'mine.ts', cell: () => 0, heapMb: -1_000_000 };
    const dog = new Watchdog(memory, (broken) => bitten.push(broken), watched);
    dog.watch(false);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect([bitten.length, dog.began]).toEqual([0, false]);
    new Running(memory).enter(placeOf('lend'));
    await new Promise((resolve) => setTimeout(resolve, 250));
    dog.stop();
    expect(dog.began).toBe(true);
    expect(bitten[0]).toMatchObject({ place: 'hook lend', rule: 'memory' });
    expect(dog.left()).toMatchObject({
      rule: 'process',
      message: expect.stringContaining('it ended'),
    });
    const died = Object.assign(new Error('x'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
    expect(dog.died(died)).toMatchObject({ rule: 'memory' });
    expect(dog.died(new Broken('', 'what', 'alive'))).toMatchObject({
      rule: 'alive',
      message: 'what',
    });
    expect(dog.died(new TypeError('y'))).toMatchObject({
      rule: 'throws',
      message: 'it threw TypeError: y',
    });
  });
});

class Answers extends Books {
  readonly said: unknown;

  constructor(services: Services, said: unknown) {
    super(services);
    this.said = said;
  }

  override keepsOwner(): boolean {
    return this.said as boolean;
  }
}

describe('what it threw', () => {
  const at = (stack: string): Error => Object.assign(new Error('boo'), { stack });

  test.each<[unknown, string]>([
    ['a text', 'a text'],
    [at('Error: boo'), 'Error: boo'],
    [at('Error: boo\n    at other (kernel.ts:1:2)'), 'Error: boo'],
    [
      at('Error: boo\n    at lend (/d/mine.ts:3:4)\n    at mine.ts:9:9'),
      'Error: boo (mine.ts:3:4)',
    ],
    [at('Error: boo\n    at mine.ts:9:8'), 'Error: boo (mine.ts:9:8)'],
    [at('Error: boo\n    at mine.ts:?'), 'Error: boo'],
    [Object.assign(new Error('boo'), { stack: 7 }), 'Error: boo'],
    [Object.create(null), 'something that cannot be shown'],
  ])('is said with its place: %#', (error, said) => {
    expect(thrown(error, '/d/mine.ts')).toBe(said);
  });

  test('its place is found in what the author wrote', () => {
    findsWritten((name, line, column) => `${name}, ${line + 1}, ${column + 1}`);
    expect(thrown(at('Error: boo\n    at mine.ts:9:8'), 'mine.ts')).toBe(
      'Error: boo (mine.ts, 10, 9)',
    );
    findsWritten((name, line, column) => `${name}:${line}:${column}`);
  });

  test('what it made has all hooks, or the first that is missing is named', async () => {
    const k = bareKernel();
    const create = (made: unknown) =>
      wrong(() =>
        guarded(
          designOf(() => made as never),
          new Watch('mine.ts'),
        ).create(k),
      );
    expect(await create(null)).toBe('what it returned has no hook canAppend');
    expect(await create({ canAppend: 1 })).toBe('what it returned has no hook canAppend');
    expect(await create({ canAppend: () => true })).toBe('what it returned has no hook begins');
    expect(await create(new Books(k))).toBe('nothing');
  });

  test.each<[unknown, string]>([
    [Promise.resolve(true), 'it answered a promise (what it does would go on'],
    [{}, 'it answered an object, where true or false is wanted'],
    [7, 'it answered 7, where true or false is wanted'],
    [undefined, 'it answered undefined, where true or false is wanted'],
  ])('what a hook answers is looked at: %#', async (said, why) => {
    const k = bareKernel();
    const odd = designOf(() => new Answers(k, said));
    const made = guarded(odd, new Watch('mine.ts')).create(k);
    expect(await wrong(() => made.keepsOwner())).toContain(why);
  });
});

describe('what a command knows', () => {
  const house = {} as never;

  test('are the designs of the repository, and its runtimes where they are asked for', async () => {
    const designs = await knownDesigns(house, { with: [] });
    const both = await knownDesigns(house, { with: [] }, { takes: 'both' });
    expect(designs.all.map((d) => d.design.id)).toContain('naive-sendpage');
    expect([designs.runtimes, designs.candidates, designs.faults]).toEqual([[], [], []]);
    expect(both.runtimes.length).toBeGreaterThan(1);
    expect(both.all).toHaveLength(designs.all.length);
  });

  test('a file that is not there is misuse', async () => {
    await expect(knownDesigns(house, { with: ['/none/a.ts', '/none/b.ts'] })).rejects.toThrow(
      UsageError,
    );
    expect(await wrong(() => knownDesigns(house, { with: ['/none/a.ts'] }))).toContain(
      '/none/a.ts: no such',
    );
  });

  test('are picked by id: one kind at a time, canaries by name alone', async () => {
    const known = await knownDesigns(house, { with: [] }, { takes: 'both' });
    const ids = (of: Known, wanted?: string) => selectDesigns(of, wanted).map((d) => d.design.id);
    expect(ids(known)).toEqual(known.all.map((d) => d.design.id));
    const [runtime] = known.runtimes;
    const id = runtime!.design.id;
    expect(ids(known, `${id}`)).toEqual([id]);
    expect(await wrong(() => ids(known, `naive-sendpage,${id}`))).toContain(
      'ask for one kind at a',
    );
    expect(await wrong(() => ids(known, 'naive-sendpagf'))).toContain('naive-sendpage');
    const brought = { ...known, candidates: [runtime!] };
    const canaries = known.runtimes.filter((d) => d.design.status === 'canary');
    expect(ids(brought)).not.toContain(canaries.find((d) => d !== runtime)?.design.id);
    expect(ids(brought)).toContain(id);
    const fault = { design: 'mine', where: null, hook: null, rule: 'r', text: 't' };
    expect(ids({ ...known, faults: [fault] }, 'naive-sendpage, mine')).toEqual(['naive-sendpage']);
  });

  test('are called with a workload and a kernel that go with them', async () => {
    const known = await knownDesigns(house, { with: [] }, { takes: 'both' });
    const cell = await cellCalled(known, 'naive-sendpage', 'nfs-odirect~2', undefined);
    expect([cell.workload.id, cell.operations, cell.era.id]).toEqual(['nfs-odirect', 2, '2.6.24']);
    const other = await cellCalled(known, 'naive-sendpage', 'nfs-odirect', '3.8');
    expect([other.operations, other.era]).toEqual([undefined, eraOf('3.8')]);
    await expect(cellCalled(known, 'naive-sendpage', 'none', undefined)).rejects.toThrow(
      UsageError,
    );
  });
});

describe('a hook whose service asks the hook again', () => {
  /** Takes and puts the page that has one holder left, `rounds` times within each other. */
  class Rounds extends Books {
    rounds: number;
    constructor(services: Services, rounds: number) {
      super(services);
      this.rounds = rounds;
    }
    override pageIdle(page: Page): void {
      if (this.rounds === 0) return;
      this.rounds--;
      this.k.getPage(page);
      this.k.putPage(page);
    }
  }
  share({ Rounds });

  test.each<[number, string]>([
    [HOOKS_DEEP - 1, 'nothing'],
    [HOOKS_DEEP, 'its hooks call services that ask its hooks, 256 within each other'],
    [1e6, 'its hooks call services that ask its hooks, 256 within each other'],
  ])('%d times, is stopped where that has no end', async (rounds, line) => {
    const design = designOf((services) => new Rounds(services, rounds));
    const run = (as: Design): void => {
      const k = new Kernel(as, eraOf('3.8')!, new NoProbe(), 8);
      const page = allocPage(k);
      k.getPage(page);
      k.putPage(page);
    };
    expect(await wrong(() => said(design, run))).toBe(line);
    expect(await wrong(() => run(guarded(design, new Watch('mine.ts'))))).toBe(line); // with --trust
    expect(
      await wrong(() =>
        run(
          guarded(
            designOf((k) => new Rounds(k, 9)),
            new Watch('x.ts'),
          ),
        ),
      ),
    ).toBe('nothing');
  });
});

test('who watches says what a candidate has changed of what all share: once behind each place, and whenever he is asked', () => {
  const shared = globalThis as unknown as Record<string, unknown>;
  const watch = new Watch('/d/mine.ts');
  const place = placeOf('fragRef');
  watch.look(place);
  watch.once(place);
  shared['addedByMine'] = 1;
  try {
    watch.once(place); // that place was looked at
    expect(() => watch.once(placeOf('clone'))).toThrow('it changed globalThis.addedByMine');
    expect(() => watch.look(place)).toThrow('it changed globalThis.addedByMine');
  } finally {
    delete shared['addedByMine'];
  }
  watch.look(place);
  const own = JSON.stringify;
  JSON.stringify = () => '';
  try {
    expect(() => watch.look(place)).toThrow('it changed JSON.stringify');
  } finally {
    JSON.stringify = own;
  }
  watch.look(place);
});

describe('what it prints', () => {
  /** What is passed on of these pieces, each of which may end within a line. */
  async function printed(...pieces: readonly (string | Buffer)[]): Promise<string[]> {
    const lines: string[] = [];
    const stream = new PassThrough();
    new Printed('mine.ts', (line) => lines.push(line)).hear(stream);
    for (const piece of pieces) stream.write(piece);
    stream.end();
    await new Promise((resolve) => stream.once('close', resolve));
    return lines;
  }

  test('has its name before each line, and ends no line of its own', async () => {
    const blame = 'lastref: honest broke a rule';
    expect(await printed(`${blame}\n::err`, 'or::\n\u001b[2J\n', 'no end')).toEqual([
      `mine.ts prints: ${blame}\n`,
      'mine.ts prints: ::error::\n',
      'mine.ts prints: \\x1b[2J\n',
      'mine.ts prints: no end\n',
    ]);
    const [first, last] = [Buffer.from('ä\n').subarray(0, 1), Buffer.from('ä\n').subarray(1)];
    expect(await printed(first, last)).toEqual(['mine.ts prints: ä\n']);
  });

  test('is passed on up to so much, and what is not is said once', async () => {
    const whole = 'x'.repeat((1 << 16) - 1);
    const left = 'lastref: what mine.ts prints from here on is left out\n';
    expect(await printed(`${whole}\n`)).toEqual([`mine.ts prints: ${whole}\n`]);
    expect(await printed(`${whole}\n`, 'y', 'z\n', 'z\n')).toEqual([
      `mine.ts prints: ${whole}\n`,
      left,
    ]);
  });
});

test('a candidate that came by a queue with a name that goes on as code is not run', () => {
  const source = { file: 'x\n.bind(null)', code: '', version: '1', name: 'x' };
  expect(() => evaluateCandidate(source)).toThrow('its name has characters that end a line');
});

describe('who looks at the clock', () => {
  let running: Running;
  let bitten: Broken[];
  let cell = 0;
  let dog: Watchdog;
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'hrtime'] }));
  afterEach(() => {
    dog.stop();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  function watches(endless: boolean): void {
    const memory = new SharedArrayBuffer(RUNNING_BYTES);
    running = new Running(memory);
    [bitten, cell] = [[], 0];
    const watched = { file: 'mine.ts', cell: () => cell, heapMb: 768 };
    dog = new Watchdog(memory, (broken) => bitten.push(broken), watched);
    dog.watch(endless);
  }
  /** So many seconds, in each of which a hook is asked and answers. */
  function answers(seconds: number): void {
    for (let n = 0; n < seconds; n++) {
      running.leave(running.enter(placeOf('clone')));
      vi.advanceTimersByTime(1000);
    }
  }

  test('stops a hook that has not answered for five seconds of CPU, and none before', () => {
    let cpu = 0;
    vi.spyOn(process, 'cpuUsage').mockImplementation(() => ({ user: cpu * 1e6, system: 0 }));
    watches(false);
    vi.advanceTimersByTime(120_000); // nothing of it ran
    cpu = 100;
    running.enter(placeOf('lend'));
    vi.advanceTimersByTime(5000);
    expect(bitten).toEqual([]);
    cpu = 104; // others have the processors
    vi.advanceTimersByTime(10_000);
    expect(bitten).toEqual([]);
    cpu = 106;
    vi.advanceTimersByTime(200);
    expect(bitten[0]).toMatchObject({ place: 'hook lend', rule: 'returns' });
    expect(bitten[0]!.message).toBe('it does not return');
    vi.advanceTimersByTime(200);
    expect(bitten).toHaveLength(1);
  });

  test('stops a hook that waits for half a minute, and takes no CPU', () => {
    vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 1, system: 0 });
    watches(false);
    running.enter(placeOf('lend'));
    vi.advanceTimersByTime(29_000);
    expect(bitten).toEqual([]);
    vi.advanceTimersByTime(1200);
    expect(bitten[0]).toMatchObject({ place: 'hook lend', rule: 'returns' });
  });

  /** Of CPU, as if nobody else had the processors; or somebody has them all but for a part. */
  function alone(part = 1): void {
    const began = process.hrtime.bigint();
    vi.spyOn(process, 'cpuUsage').mockImplementation(() => {
      const user = (Number(process.hrtime.bigint() - began) / 1e3) * part;
      return { user, system: 0 };
    });
  }

  test('stops a cell that goes on for a minute, and takes the next one for another', () => {
    alone();
    watches(false);
    answers(59);
    cell = 1;
    answers(59);
    expect(bitten).toEqual([]);
    answers(2);
    expect(bitten[0]).toMatchObject({ place: 'hook clone', rule: 'ends' });
  });

  test('lets a search go on as long as hooks answer, and no longer than a minute without', () => {
    alone();
    watches(true);
    answers(200);
    vi.advanceTimersByTime(58_000);
    expect(bitten).toEqual([]);
    vi.advanceTimersByTime(2000);
    expect(bitten[0]).toMatchObject({ rule: 'ends' });
  });

  test.each([false, true])(
    'accuses nobody of the time in which others have the processors, for ten minutes (a search: %s)',
    (endless) => {
      alone(1 / 20);
      watches(endless);
      answers(1);
      const goesOn = endless ? (n: number) => vi.advanceTimersByTime(n * 1000) : answers;
      goesOn(590);
      expect(bitten).toEqual([]);
      goesOn(20);
      expect(bitten[0]).toMatchObject({ rule: 'ends' });
    },
  );
});
