// Programs above a socket: those that do as the manuals ask are proved right in small, and those that are wrong as
// some program was are refuted, each on the event that it was wrong about.
import { isDeepStrictEqual } from 'node:util';
import type { Property } from '@lastref/judge';
import {
  EAGAIN,
  ENOBUFS,
  EPIPE,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  MSG_ZEROCOPY,
  Program,
  type Calls,
  type Design,
  type Over,
} from '@lastref/kernel';
import { findEra, runtimes } from '@lastref/runner';
import { designOf } from '@lastref/runner/candidates';
import { calledText, heardText } from '@lastref/runner/story';
import { Cell, DEFAULT_BOUND, explore, type Bound } from '@lastref/search';
import { RUNTIME_WORKLOADS, miniature, workloadCalled } from '@lastref/workloads';
import type { Socket } from '@lastref/strategies/runtimes/lib/sockets';
import { WaitsForMemory, runtime as grpc } from '@lastref/strategies/runtimes/mzc-grpc-enobufs';
import { describe, expect, test } from 'vitest';
import { sample } from '../../scripts/tier.ts';

const shipped = (await runtimes()).map((file) => file.design);
const right = shipped.filter((d) => d.status !== 'canary');
const era = findEra('7.2.13');

describe.each(right)('$id, which is right', (design) => {
  test.each(RUNTIME_WORKLOADS)('breaks nothing on $id, and has all buffers back', (workload) => {
    for (const seed of sample([1, 2, 3], 3)) {
      const { judgement, drained, progress } = new Cell({
        design,
        workload,
        era,
        seed,
      }).runByClock();
      expect(judgement.findings).toEqual([]);
      expect(drained).toBe(true);
      expect(judgement.completions).toBe(judgement.loans);
      // a program that is stopped is asked no more
      const { done, of } = progress[0]!;
      expect(done === of || workload.id === 'runtime-close').toBe(true);
    }
  });

  test.each(sample(RUNTIME_WORKLOADS, 10, right.indexOf(design)))(
    'is exhausted on $id with one request',
    (workload) => {
      const bound = { ...DEFAULT_BOUND, drops: 0 };
      const input = { design, workload: miniature(workload, 1), era, seed: 1 };
      const found = explore(input, { bound });
      expect([found.result, found.finding]).toEqual(['exhausted', null]);
      expect(found.exercised.has('early')).toBe(true);
    },
  );
});

/** Where packets are neither lost nor sent again. */
const CALM = { drops: 0, retransmissions: 0 };

/** What each is wrong about, and the bound that it takes to see it. */
const WRONG: Readonly<Record<string, { on: string; property: Property; bound?: Partial<Bound> }>> =
  {
    'mzc-eof-frees': { on: 'runtime-half-close~1', property: 'early', bound: CALM },
    'mzc-grpc-enobufs': { on: 'runtime-plain~1', property: 'lost', bound: { failures: 1 } },
    'mzc-one-table': { on: 'runtime-reset~2', property: 'early', bound: CALM },
    'mzc-photon-failed-call': { on: 'runtime-enobufs~2', property: 'lost', bound: CALM },
    'mzc-reply-frees': { on: 'runtime-replies~1', property: 'early' },
    'mzc-send-returns': { on: 'runtime-plain~1', property: 'early' },
    'mzc-spdk-stop': { on: 'runtime-close~1', property: 'early' },
    'mzc-spdk-threshold': { on: 'runtime-short~1', property: 'early' },
    'mzc-spdk-wrap': { on: 'runtime-wrap~1', property: 'lost', bound: CALM },
    'sendzc-first-cqe': { on: 'runtime-plain~1', property: 'early' },
    'sendzc-netty-error': { on: 'runtime-plain~2', property: 'early', bound: { failures: 1 } },
    'sendzc-netty-order': { on: 'runtime-plain~2', property: 'early' },
    'sendzc-timeout-frees': { on: 'runtime-zero-window~1', property: 'early' },
  };

test('every runtime that is wrong has its event here', () => {
  const wrong = shipped.filter((d) => d.status === 'canary').map((d) => d.id);
  expect(wrong.sort()).toEqual(Object.keys(WRONG).sort());
});

test.each(sample(Object.entries(WRONG), 4))('%s is refuted', (id, { on, property, bound = {} }) => {
  const design = shipped.find((d) => d.id === id)!;
  const input = { design, workload: workloadCalled(on)!, era, seed: 1 };
  const found = explore(input, { bound: { ...DEFAULT_BOUND, ...bound } });
  expect([found.result, found.finding?.property]).toEqual(['refuted', property]);
});

test('who waits for memory is right where another call gives it back, and everywhere if he asks for one', () => {
  class AsksWhatIsOut extends WaitsForMemory {
    protected override waits(socket: Socket): boolean {
      return socket.calls.size > 0;
    }
  }
  const runtime = { ...grpc, id: 'mended', create: (calls: Calls) => new AsksWhatIsOut(calls) };
  const ask = (design: Design, on: string, bound: Partial<Bound>) =>
    explore(
      { design, workload: workloadCalled(on)!, era, seed: 1 },
      { bound: { ...DEFAULT_BOUND, ...bound } },
    ).result;
  const wrong = shipped.find((d) => d.id === grpc.id)!;
  const mended = designOf({ runtime });
  expect(ask(wrong, 'runtime-enobufs~2', CALM)).toBe('exhausted');
  expect(ask(mended, 'runtime-enobufs~2', CALM)).toBe('exhausted');
  expect(ask(mended, 'runtime-plain~1', { failures: 1 })).toBe('exhausted');
});

test('the same program plays the same run twice', () => {
  for (const [nth, design] of right.entries())
    for (const workload of sample(RUNTIME_WORKLOADS, 4, nth)) {
      const run = () => new Cell({ design, workload, era, seed: 5 }).runByClock();
      const [one, two] = [run(), run()];
      expect(isDeepStrictEqual([one.digest, one.judgement], [two.digest, two.judgement])).toBe(
        true,
      );
    }
});

/** A program that does as a test says; what it heard is told by the test's own list. */
function played(
  on: string,
  over: Over,
  make: (calls: Calls) => Program,
  operations?: number,
): ReturnType<Cell['runByClock']> {
  const runtime = {
    id: 'mine',
    title: 't',
    year: 2026,
    source: 's',
    summary: 's',
    over,
    create: make,
  };
  const name = operations === undefined ? on : `${on}~${operations}`;
  return new Cell({
    design: designOf({ runtime }),
    workload: workloadCalled(name)!,
    era,
    seed: 1,
  }).runByClock();
}

test('what is sent from a buffer that was given back is told too early, and twice where it is given back again', () => {
  class Late extends Program {
    override request(buffer: number, size: number): void {
      this.calls.release(buffer);
      this.calls.send(0, buffer, 0, size, MSG_ZEROCOPY);
    }
    override notified(): void {
      this.calls.release(0);
    }
  }
  const { judgement } = played('runtime-plain', 'msg-zerocopy', (calls) => new Late(calls), 1);
  expect(judgement.verdicts.early).toBe('refuted');
  expect(judgement.verdicts.double).toBe('refuted');
});

describe('what a program meets', () => {
  test('a full send buffer takes a part, then nothing, and says when it has room', () => {
    const took: number[] = [];
    let rooms = 0;
    class Greedy extends Program {
      override request(buffer: number, size: number): void {
        for (let sent = 0; sent < size;) {
          const n = this.calls.send(0, buffer, sent, size - sent, MSG_ZEROCOPY);
          took.push(n);
          if (n < 0) return;
          sent += n;
        }
      }
      override writable(): void {
        rooms++;
      }
    }
    played('runtime-short', 'msg-zerocopy', (calls) => new Greedy(calls), 1);
    expect(took[0]).toBeGreaterThan(0);
    expect(took[0]).toBeLessThan(4096);
    expect(took.at(-1)).toBe(-EAGAIN);
    expect(rooms).toBe(1);
  });

  test('with option memory for one call the second fails, gets no number, and a copy goes through', () => {
    const took: number[] = [];
    const heard: number[][] = [];
    class Two extends Program {
      override request(buffer: number): void {
        for (const flags of [MSG_ZEROCOPY, MSG_ZEROCOPY, 0])
          took.push(this.calls.send(0, buffer, 0, 512, flags));
      }
      override notified(_connection: number, lo: number, hi: number): void {
        heard.push([lo, hi]);
        this.calls.release(0);
      }
    }
    played('runtime-enobufs', 'msg-zerocopy', (calls) => new Two(calls), 1);
    expect(took).toEqual([512, -ENOBUFS, 512]);
    expect(heard).toEqual([[0, 0]]);
  });

  test('behind 2^32 - 1 calls are numbered from 0', () => {
    const heard: number[][] = [];
    class Two extends Program {
      override request(buffer: number): void {
        for (let i = 0; i < 2; i++) this.calls.send(0, buffer, i * 256, 256, MSG_ZEROCOPY);
      }
      override notified(_connection: number, lo: number, hi: number): void {
        heard.push([lo, hi]);
      }
    }
    played('runtime-wrap', 'msg-zerocopy', (calls) => new Two(calls), 1);
    expect(heard.flat()).toEqual([0xffff_ffff, 0xffff_ffff, 0, 0]);
  });

  test('over loopback the notification says that copies were sent', () => {
    const heard: boolean[] = [];
    class Hears extends Program {
      override request(buffer: number, size: number): void {
        this.calls.send(0, buffer, 0, size, MSG_ZEROCOPY);
      }
      override notified(_connection: number, _lo: number, _hi: number, copied: boolean): void {
        heard.push(copied);
      }
    }
    played('runtime-loopback', 'msg-zerocopy', (calls) => new Hears(calls), 1);
    expect(heard).toEqual([true]);
  });

  test('SEND_ZC completes twice: the result with F_MORE, then the notification', () => {
    const heard: number[][] = [];
    class Hears extends Program {
      override request(buffer: number, size: number): void {
        this.calls.sendZc(0, buffer, 0, size, 7);
      }
      override cqe(id: number, result: number, flags: number): void {
        heard.push([id, result, flags]);
      }
    }
    played('runtime-plain', 'send-zc', (calls) => new Hears(calls), 1);
    expect(heard).toEqual([
      [7, 4096, IORING_CQE_F_MORE],
      [7, 0, IORING_CQE_F_NOTIF],
    ]);
  });

  test('a socket that was shut takes no more, and one that was closed is not there', () => {
    const took: number[] = [];
    class Shuts extends Program {
      override request(buffer: number): void {
        this.calls.shutdown(0);
        took.push(this.calls.send(0, buffer, 0, 512, MSG_ZEROCOPY));
        this.calls.close(0);
        expect(() => this.calls.outq(0)).toThrow('connection 0, which the program has closed');
      }
    }
    played('runtime-plain', 'msg-zerocopy', (calls) => new Shuts(calls), 1);
    expect(took).toEqual([-EPIPE]);
  });

  test('a buffer that is taken back twice is a double completion', () => {
    class Twice extends Program {
      override request(buffer: number, size: number): void {
        this.calls.send(0, buffer, 0, size, MSG_ZEROCOPY);
      }
      override notified(): void {
        this.calls.release(0);
        this.calls.release(0);
      }
    }
    const { judgement } = played('runtime-plain', 'msg-zerocopy', (calls) => new Twice(calls), 1);
    expect(judgement.verdicts.double).toBe('refuted');
  });

  test('a buffer whose bytes were copied is never read again, and still has to come back', () => {
    class Keeps extends Program {
      override request(buffer: number, size: number): void {
        this.calls.send(0, buffer, 0, size, 0);
      }
    }
    class Returns extends Keeps {
      override request(buffer: number, size: number): void {
        super.request(buffer, size);
        this.calls.release(buffer);
      }
    }
    const verdicts = (make: (calls: Calls) => Program) =>
      played('runtime-plain', 'msg-zerocopy', make, 1).judgement.verdicts;
    expect(verdicts((calls) => new Keeps(calls)).lost).toBe('refuted');
    expect(verdicts((calls) => new Returns(calls)).early).toBe('holds');
  });

  test('a buffer of which nothing was sent has to come back too', () => {
    class Forgets extends Program {
      override request(buffer: number, size: number): void {
        if (this.calls.send(0, buffer, 0, size, MSG_ZEROCOPY) < size) this.calls.shutdown(0);
      }
      override notified(): void {
        this.calls.release(0);
      }
    }
    class Hoards extends Program {}
    class Passes extends Program {
      override request(buffer: number): void {
        this.calls.release(buffer);
      }
    }
    const said = (make: (calls: Calls) => Program) =>
      played('runtime-plain', 'msg-zerocopy', make, 2).judgement.verdicts.lost;
    expect(said((calls) => new Forgets(calls))).toBe('refuted');
    expect(said((calls) => new Hoards(calls))).toBe('refuted');
    expect(said((calls) => new Passes(calls))).not.toBe('refuted');
  });

  test('a buffer that the program was never given is not its to give back', () => {
    class Gives extends Program {
      override connected(): void {
        this.calls.release(1);
      }
    }
    const { judgement } = played('runtime-plain', 'msg-zerocopy', (calls) => new Gives(calls), 2);
    expect(judgement.verdicts.double).toBe('refuted');
  });

  test('a story has what the program hears and calls, as strace writes it', () => {
    expect(heardText('notified', [0, 3, 4, true])).toBe(
      'the program hears notified(connection=0, lo=3, hi=4, copied=yes)',
    );
    expect(heardText('cqe', [7, 4096, IORING_CQE_F_MORE])).toBe(
      'the program hears cqe(id=7, result=4096, flags=IORING_CQE_F_MORE)',
    );
    expect(calledText('send', [0, 1, 0, 4096, MSG_ZEROCOPY], -ENOBUFS)).toBe(
      'send(connection=0, buffer=1, offset=0, size=4096, flags=MSG_ZEROCOPY) = -ENOBUFS',
    );
    expect(calledText('release', [1], null)).toBe('release(buffer=1)');
  });
});
