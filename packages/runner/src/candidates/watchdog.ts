// Watches the isolate of a candidate from outside: a hook that does not return, a run that does not end, memory that
// grows without end. It can only end the isolate; what a hook does wrong and returns is its guard's business.
import { thrown } from './guard.ts';
import {
  Broken,
  CELL_SECONDS,
  CELL_WAIT_SECONDS,
  HOOK_SECONDS,
  HOOK_WAIT_SECONDS,
  MEMORY_MB,
  placeName,
  type Rule,
} from './rules.ts';
import { Running } from './running.ts';

const LOOK_MS = 100;
/** A hook that hangs and took that much meanwhile does not merely hang. */
const GREEDY_MB = 100;

const megabytes = (): number => process.memoryUsage.rss() / (1 << 20);
const seconds = (): number => Number(process.hrtime.bigint()) / 1e9;
/** Of the whole process, in which little else goes on while a candidate runs. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

export interface Watched {
  /** Of the candidate. */
  readonly file: string;
  /** The number of the cell that it is at. */
  readonly cell: () => number;
  /** Its limit, by which it ends itself. */
  readonly heapMb: number;
}

export class Watchdog {
  private readonly running: Running;
  private readonly watched: Watched;
  private readonly bite: (broken: Broken) => void;
  private timer: NodeJS.Timeout | undefined;
  private endless = false;
  private readonly before = megabytes();
  private moves = -1;
  private movedAt = seconds();
  private cpuThen = cpuSeconds();
  /** The least that the process had since: isolates that ended give back what they had a while later. */
  private least = megabytes();
  private cell = -1;
  private cellAt = seconds();
  private cellCpu = cpuSeconds();

  /** `bite` is called once at most, with what was broken. */
  constructor(memory: SharedArrayBuffer, bite: (broken: Broken) => void, watched: Watched) {
    this.running = new Running(memory);
    this.bite = bite;
    this.watched = watched;
  }

  /** From here on, until `stop`. `endless`: it may take as long as it likes, as long as hooks are called. */
  watch(endless: boolean): void {
    this.endless = endless;
    this.movedAt = this.cellAt = seconds();
    this.cpuThen = this.cellCpu = cpuSeconds();
    this.timer = setInterval(() => {
      const broken = this.look();
      if (broken === null) return;
      this.stop();
      this.bite(broken);
    }, LOOK_MS);
  }

  /** Has any code of the candidate run? What happened before is not its doing. */
  get began(): boolean {
    return this.running.last !== 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): Broken | null {
    const { running, watched } = this;
    const now = seconds();
    const mb = megabytes();
    const cell = watched.cell();
    if (cell !== this.cell || running.last === 0) {
      this.cell = cell;
      this.cellAt = now;
      this.cellCpu = cpuSeconds();
    }
    if (running.moves !== this.moves) {
      this.moves = running.moves;
      this.movedAt = now;
      this.cpuThen = cpuSeconds();
      this.least = mb;
    }
    this.least = Math.min(this.least, mb);
    const grown = Math.round(mb - this.before);
    if (running.last !== 0 && grown > watched.heapMb + MEMORY_MB)
      return this.broken(`it took ${grown} MB`, 'memory');
    if (running.place !== 0 && this.isLate(now - this.movedAt)) {
      const taken = Math.round(mb - this.least);
      return taken > GREEDY_MB
        ? this.broken(`it took ${taken} MB and does not return`, 'memory')
        : this.broken('it does not return', 'returns');
    }
    if (running.last !== 0 && this.isEndless(now))
      return this.broken('the machine goes round in what the hooks answer', 'ends');
    return null;
  }

  /** Does the cell not end that began so long ago, or a search not ask any hook? */
  private isEndless(now: number): boolean {
    const [since, cpu] = this.endless ? [this.movedAt, this.cpuThen] : [this.cellAt, this.cellCpu];
    const taken = now - since;
    if (taken <= CELL_SECONDS) return false;
    return taken > CELL_WAIT_SECONDS || cpuSeconds() - cpu > CELL_SECONDS;
  }

  /** Does a hook not return that was asked so long ago? */
  private isLate(asked: number): boolean {
    if (asked <= HOOK_SECONDS) return false;
    return asked > HOOK_WAIT_SECONDS || cpuSeconds() - this.cpuThen > HOOK_SECONDS;
  }

  /** The isolate ended with an error that nobody caught. */
  died(error: NodeJS.ErrnoException): Broken {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      return this.broken(`it took more than ${this.watched.heapMb} MB`, 'memory');
    if (error instanceof Broken) return this.broken(error.message, error.rule);
    return this.broken(`it threw ${thrown(error, this.watched.file)}`, 'throws');
  }

  /** The isolate ended without having said that it is done. */
  left(): Broken {
    return this.broken('it ended, or waits for what never comes', 'process');
  }

  private broken(what: string, rule: Rule): Broken {
    const { running } = this;
    const place = placeName(running.place === 0 ? running.last : running.place);
    return new Broken(place, what, rule);
  }
}
