// Plays a story: the script says in field words who acts next, and the stage takes the steps of the agenda that
// this means. A deed is done, then the clock runs until only those could act who were told to wait. All that
// happens is steps of the agenda, so a story leaves a trace that the trace picker plays again.
import { LinkVerb, NicVerb, type Agenda, type Kernel } from '@lastref/kernel';
import type { Recorder } from '../trace.ts';
import { WriterVerb } from './writer.ts';

/** Timers never fire by themselves in a story: somebody says so. */
const TIMERS = /^(rto|rpc timeout) | (pending|drain) timer$/;

/** When a loan's producer was told. */
export interface Told {
  readonly loan: number;
  /** Number of the deed that was going on, from 1. */
  readonly deed: number;
  /** The step, in the words of its source. */
  readonly step: string;
}

/** Steps that a story may take in all. */
const STEPS_MAX = 100_000;

export class Stage {
  readonly k: Kernel;
  readonly recorder: Recorder;
  /** What happened, one line per deed. */
  readonly deeds: string[] = [];
  readonly told: Told[] = [];
  steps = 0;
  private readonly afterStep: () => void;
  private readonly waiting = new Set<string>();

  constructor(k: Kernel, recorder: Recorder, afterStep: () => void) {
    this.k = k;
    this.recorder = recorder;
    this.afterStep = afterStep;
  }

  /** Something happens, and then everything that follows from it. */
  deed(text: string, act: () => void): void {
    this.deeds.push(text);
    act();
    this.settle();
  }

  /** These sources do nothing until they go on. */
  wait(...sources: string[]): void {
    for (const source of sources) this.waiting.add(source);
  }

  goOn(...sources: string[]): void {
    for (const source of sources) this.waiting.delete(source);
  }

  /** Takes a step of the source called `name`, waiting or not. */
  take(name: string, verb = 0, item?: number): void {
    const { agenda } = this.k;
    const source = agenda.sources.find((s) => s.name === name);
    if (source === undefined) throw new RangeError(`the story names no such source: ${name}`);
    if (!this.step(agenda, source.place, verb, item ?? source.item())) {
      throw new RangeError(`${name} cannot do this now: ${source.verbs[verb]}`);
    }
  }

  /** Takes a step of the source called `name` if it has one to take. */
  takeIfArmed(name: string): void {
    const { agenda } = this.k;
    const source = agenda.sources.find((s) => s.name === name);
    if (source !== undefined && agenda.isArmed(source.place)) this.take(name);
  }

  /** The clock runs until all that is left is waiting. */
  settle(): void {
    const { agenda } = this.k;
    for (let place = this.next(agenda); place >= 0; place = this.next(agenda)) {
      this.step(agenda, place, 0, agenda.sources[place]!.item());
    }
  }

  /** Nobody waits any longer, timers included: the run goes on to its end. */
  end(): void {
    this.deed('everything else runs its course', () => {
      this.waiting.clear();
      const { agenda } = this.k;
      while (!agenda.atRest) {
        const place = agenda.earliest();
        this.step(agenda, place, 0, agenda.sources[place]!.item());
      }
    });
  }

  private next(agenda: Agenda): number {
    const earliest = agenda.earliest();
    if (earliest < 0 || !this.waits(agenda, earliest)) return earliest;
    let best = -1;
    for (let i = 0; i < agenda.sources.length; i++) {
      if (!agenda.isArmed(i) || this.waits(agenda, i)) continue;
      if (best < 0 || agenda.due[i]! < agenda.due[best]!) best = i;
    }
    return best;
  }

  private waits(agenda: Agenda, place: number): boolean {
    const { name } = agenda.sources[place]!;
    return TIMERS.test(name) || this.waiting.has(name);
  }

  private step(agenda: Agenda, place: number, verb: number, item: number): boolean {
    const source = agenda.sources[place]!;
    if (++this.steps > STEPS_MAX)
      throw new RangeError(`a story of more than ${STEPS_MAX} steps: ${source.name} goes on`);
    const byClock = verb === 0 && agenda.earliest() === place;
    agenda.advance(place);
    if (!agenda.take(place, verb, item) && !byClock) return false;
    if (byClock) this.recorder.clock();
    else this.recorder.deviate(place, verb, item);
    this.afterStep();
    this.watch(`${source.name} ${source.verbs[verb]}`);
    return true;
  }

  private watch(step: string): void {
    for (const loan of this.k.loans.all) {
      if (!loan.completed || this.told.some((t) => t.loan === loan.id)) continue;
      this.told.push({ loan: loan.id, deed: this.deeds.length, step });
    }
  }
}

/** Who acts in a story, each with what it can do. */
export function castOf(stage: Stage) {
  const times = (n: number, source: string, verb = 0): void => {
    for (let i = 0; i < n; i++) stage.take(source, verb);
  };
  const some = (n: number, what: string): string => (n === 1 ? `a ${what}` : `${n} ${what}s`);
  return {
    stage,
    writer: {
      lends: (op = 0): void =>
        stage.deed(`the writer lends, and sendpage returns (loan ${op + 1})`, () =>
          stage.take('writer', WriterVerb.LEND, op),
        ),
      lendsWithMore: (op = 0): void =>
        stage.deed(`the writer lends, with more to come (loan ${op + 1})`, () =>
          stage.take('writer', WriterVerb.LEND_MORE, op),
        ),
      resets: (): void =>
        stage.deed('the writer resets the connection', () =>
          stage.take('writer', WriterVerb.RESET, 0),
        ),
    },
    process: {
      isKilled: (): void =>
        stage.deed('the writer is killed: its connection is aborted, and nobody waits', () =>
          stage.take('writer', WriterVerb.LEAVE, 0),
        ),
      sleeps: (): void =>
        stage.deed('the writer sleeps: it reads no notification', () =>
          stage.wait('error queue 0'),
        ),
      wakes: (): void => stage.deed('the writer wakes', () => stage.goOn('error queue 0')),
    },
    route: {
      losesSg: (): void =>
        stage.deed('scatter/gather is turned off, and the socket learns it', () =>
          stage.take('writer', WriterVerb.LOSE_SG, 0),
        ),
    },
    esp: {
      waits: (): void => stage.deed('the duplicates wait for ESP', () => stage.wait('esp')),
      decrypts: (): void => stage.deed('ESP decrypts the duplicates', () => stage.goOn('esp')),
    },
    file: {
      isWritten: (op = 0): void =>
        stage.deed(`somebody else writes to the pages, asking nobody (loan ${op + 1})`, () =>
          stage.take('writer', WriterVerb.WRITE_UNASKED, op),
        ),
    },
    nic: {
      stalls: (): void =>
        stage.deed('the nic stalls: it reads no descriptor', () => stage.wait('dma nic a')),
      resumes: (): void => stage.deed('the nic resumes', () => stage.goOn('dma nic a')),
      isReset: (): void =>
        stage.deed('the nic is reset: its driver drops what was not read, under its lock', () =>
          stage.take('dma nic a', NicVerb.RESET),
        ),
      reads: (n = 1): void =>
        stage.deed(`the nic reads ${some(n, 'descriptor')}`, () => times(n, 'dma nic a')),
    },
    driver: {
      isLate: (): void =>
        stage.deed('the driver frees nothing of what was sent', () => stage.wait('txdone nic a')),
      frees: (): void =>
        stage.deed('the driver frees what was sent', () => stage.goOn('txdone nic a')),
    },
    wire: {
      stalls: (): void => stage.deed('the wire holds packets back', () => stage.wait('link a>b')),
      resumes: (): void => stage.deed('the wire delivers again', () => stage.goOn('link a>b')),
      delivers: (n = 1): void =>
        stage.deed(`the wire delivers ${some(n, 'packet')}`, () => times(n, 'link a>b')),
      drops: (n = 1): void =>
        stage.deed(`the wire drops ${some(n, 'packet')}`, () =>
          times(n, 'link a>b', LinkVerb.DROP),
        ),
    },
    acks: {
      areHeldBack: (): void =>
        stage.deed('ACKs and answers are held back on their way', () => stage.wait('link b>a')),
      arrive: (): void => stage.deed('ACKs and answers arrive', () => stage.goOn('link b>a')),
      one: (n = 1): void =>
        stage.deed(`${some(n, 'packet')} from the reader's host arrives`, () =>
          times(n, 'link b>a'),
        ),
    },
    tcp: {
      retransmits: (): void =>
        stage.deed('the retransmission timer fires', () => stage.take('rto sender')),
    },
    loopback: {
      stalls: (): void => stage.deed('packets wait in the backlog', () => stage.wait('netrx lo')),
      resumes: (): void => stage.deed('the backlog is processed', () => stage.goOn('netrx lo')),
    },
    tap: {
      sleeps: (): void => stage.deed('the tap reads nothing', () => stage.wait('tap')),
      reads: (): void => stage.deed('the tap reads', () => stage.goOn('tap')),
    },
    reader: {
      sleeps: (): void => stage.deed('the reader sleeps', () => stage.wait('reader')),
      reads: (): void => stage.deed('the reader reads', () => stage.goOn('reader')),
    },
    nfs: {
      writes: (): void => stage.deed('the client calls WRITE', () => stage.goOn('nfs writer 0')),
      timesOut: (): void =>
        stage.deed('no answer in time: the client sends the call again', () =>
          stage.take('rpc timeout nfs.0'),
        ),
    },
    disk: {
      writes: (): void => stage.deed('the disk gets a write', () => stage.goOn('iscsi writer 0')),
      pageIsWritten: (): void =>
        stage.deed('an application writes to the page, which is under writeback', () =>
          stage.take('application write'),
        ),
    },
    initiator: {
      givesUp: (): void =>
        stage.deed('the initiator gives its connection up, and logs in by its other device', () =>
          stage.take('initiator'),
        ),
    },
    node: {
      writes: (): void =>
        stage.deed('the node gets a bio, and sends it to both peers', () =>
          stage.goOn('dst writer 0'),
        ),
      givesUp: (): void =>
        stage.deed('the node gives the far connection up, connects again and sends again', () =>
          stage.take('node'),
        ),
    },
    far: {
      wireStalls: (): void =>
        stage.deed('the wire to the far peer holds packets back', () => stage.wait('link a2>b2')),
      wireDrops: (n: number): void =>
        stage.deed(`the wire to the far peer drops ${some(n, 'packet')}`, () =>
          times(n, 'link a2>b2', LinkVerb.DROP),
        ),
      wireResumes: (): void =>
        stage.deed('the wire to the far peer delivers again', () => stage.goOn('link a2>b2')),
      acksAreHeldBack: (): void =>
        stage.deed('what the far peer sends is held back', () => stage.wait('link b2>a2')),
      acksArrive: (): void =>
        stage.deed('what the far peer has sent arrives', () => stage.goOn('link b2>a2')),
      nicStalls: (): void =>
        stage.deed('the device to the far peer stalls', () => stage.wait('dma nic a2')),
      nicResumes: (): void =>
        stage.deed('the device to the far peer resumes', () => stage.goOn('dma nic a2')),
      retransmits: (): void =>
        stage.deed('the retransmission timer of the first far connection fires', () =>
          stage.take('rto far'),
        ),
    },
    nfsd: {
      isSlow: (): void => stage.deed('the server takes its time', () => stage.wait('nfsd answer')),
      answers: (): void => stage.deed('the server answers', () => stage.take('nfsd answer')),
    },
  };
}

export type Cast = ReturnType<typeof castOf>;
