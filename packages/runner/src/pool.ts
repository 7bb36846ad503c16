// Asks in parallel, in worker threads: each ask in one of its own, or many short ones through one. Answers as they come.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HEAP_MB, SEARCH_MB, faultOf, type Broken, type Fault } from './candidates/rules.ts';
import { RUNNING_BYTES } from './candidates/running.ts';
import { isApart, isForeign } from './candidates/source.ts';
import { Watchdog } from './candidates/watchdog.ts';
import { CouldNot, RunError, UsageError } from './errors.ts';
import type { House } from './house.ts';
import { Isolate, answers, type Faulted } from './isolate.ts';
import { printable } from '@lastref/report/words';
import { Progress } from './progress.ts';
import type { Hearing } from './tape/channel.ts';
import { Printed } from './tape/printed.ts';
import type { Question } from './question.ts';
import { machineVersion } from './version.ts';

/** What a worker is asked. */
export interface Part {
  readonly kind: string;
  /** One after the other. */
  readonly asks: readonly unknown[];
}

/** What a worker is given. */
export interface Order extends Part {
  /** Where it says what a candidate is doing; null: no code of a candidate's runs there. */
  readonly running: SharedArrayBuffer | null;
}

/** In place of that, of a candidate in a process of its own: who plays and records, and who plays again and judges. Parts come. */
export type Role =
  | { readonly role: 'records'; readonly running: SharedArrayBuffer }
  /** `hearing`: where the tape comes from. */
  | { readonly role: 'judges'; readonly hearing: Hearing };

/** What a worker says. */
export type Said = { readonly answer: unknown } | Failed | { readonly done: true };

/** How far a worker is, whose stderr is read as what a candidate prints. */
export interface Far {
  readonly far: string;
}

/** What ends everything, and by whose doing it is. */
export interface Failed {
  readonly failed: string;
  readonly by: 'user' | 'world' | 'us';
}

const BY = { user: UsageError, world: CouldNot, us: RunError };

export function failure({ failed, by }: Failed): Error {
  return new BY[by](failed);
}

/** Of any plan and result: what the pool needs. */
export type Asked<Ask, Answer> = Question<never, Ask, Answer, unknown>;

/** Names an ask's candidate as long as nobody knows its id. */
export function nameOf<Ask>(question: Asked<Ask, unknown>, ask: Ask): string {
  const sources = question.sources(ask);
  return (sources.find(isForeign) ?? sources[0])?.name ?? question.kind;
}

/** Throws the first fault as misuse: for work that has no use for the answers of the others. */
function misuse(fault: Fault): never {
  throw new UsageError(fault.text);
}

export interface Posing<Answer> {
  /** Told of each answer as it comes. */
  readonly onAnswer?: (answer: Answer) => void;
  /** Told of each cell that a candidate spoiled, and the others go on. Without it the first one rejects. */
  readonly onFault?: (fault: Fault) => void;
  /** Shows a line for each cell on stderr. */
  readonly progress?: string;
  /** Answers in the calling process, one after the other: for tests, and for measuring them. */
  readonly here?: true;
}

/** Asks `question` and merges what comes back. */
export async function pose<Plan, Ask, Answer, Result>(
  house: House,
  question: Question<Plan, Ask, Answer, Result>,
  plan: Plan,
  { onAnswer = () => {}, onFault = misuse, progress, here }: Posing<Answer> = {},
): Promise<Result> {
  const asks = question.asks(plan);
  const got: Answer[] = [];
  const shown =
    progress === undefined
      ? null
      : new Progress(
          progress,
          asks.reduce((n, ask) => n + question.cells(ask).length, 0),
        );
  const take = (answer: Answer): void => {
    got.push(answer);
    onAnswer(answer);
    shown?.step(question.about?.(answer) ?? '');
  };
  const [first] = asks;
  // A search of the repository's designs alone needs no isolate: nothing else runs beside it.
  const alone = question.endless === true && asks.length === 1 && ours(question, first!);
  const stays = house.here === true && asks.every((ask) => ours(question, ask));
  if (here === true || alone || stays) {
    for (const ask of asks) {
      for await (const answer of answers(question as Asked<Ask, Answer>, ask, new Isolate(house))) {
        if (isFault(answer)) onFault(answer.fault);
        else take(answer);
      }
    }
  } else {
    await inWorkers(house, question as Asked<Ask, Answer>, asks, take, onFault);
  }
  shown?.end();
  return question.merge(plan, got);
}

function ours<Ask>(question: Asked<Ask, unknown>, ask: Ask): boolean {
  return !question.sources(ask).some(isForeign);
}

/** Lanes of workers: those of candidates one after the other, as what the process grows by is one's doing. */
async function inWorkers<Ask, Answer>(
  house: House,
  question: Asked<Ask, Answer>,
  asks: readonly Ask[],
  onAnswer: (answer: Answer) => void,
  onFault: (fault: Fault) => void,
): Promise<void> {
  machineVersion(); // found out once, here, for all workers
  const lanes = Math.max(1, Math.min(asks.length, availableParallelism()));
  const own = asks.filter((ask) => ours(question, ask));
  const mine = batches(own, question.brief === true ? Math.ceil(own.length / lanes) : 1);
  const theirs = asks.filter((ask) => !ours(question, ask)).map((ask) => [ask]);
  const lane = async (queue: (readonly Ask[])[]): Promise<void> => {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift())
      await inWorker(house, question, batch, onAnswer, onFault);
  };
  await Promise.all([
    lane(theirs).then(() => lane(mine)),
    ...Array.from({ length: lanes - 1 }, () => lane(mine)),
  ]);
}

/** The asks in their order, so many at a time. */
function batches<Ask>(asks: readonly Ask[], size: number): (readonly Ask[])[] {
  const found: (readonly Ask[])[] = [];
  for (let i = 0; i < asks.length; i += size) found.push(asks.slice(i, i + size));
  return found;
}

export function isFault(answer: unknown): answer is Faulted {
  return typeof answer === 'object' && answer !== null && 'fault' in answer;
}

function inWorker<Ask, Answer>(
  house: House,
  question: Asked<Ask, Answer>,
  batch: readonly Ask[],
  onAnswer: (answer: Answer) => void,
  onFault: (fault: Fault) => void,
): Promise<void> {
  const ask = batch[0]!;
  if (question.sources(ask).some(isApart))
    return import('./tape/apart.ts').then((m) =>
      m.askApart(house, question, ask, onAnswer, onFault),
    );
  const foreign = !ours(question, ask);
  return new Promise((resolve, reject) => {
    const running = foreign ? new SharedArrayBuffer(RUNNING_BYTES) : null;
    const order: Order = { kind: question.kind, asks: batch, running };
    const cells = question.cells(ask);
    const endless = question.endless === true;
    const heapMb = endless ? SEARCH_MB : HEAP_MB;
    const worker = new Worker(house.worker, {
      workerData: order,
      resourceLimits: {
        // a machine is gone when its run is over: what fits in a nursery is never moved out of it
        maxYoungGenerationSizeMb: foreign ? 64 : 192,
        ...(foreign ? { maxOldGenerationSizeMb: heapMb } : {}),
      },
      ...(foreign ? { stdout: true, stderr: true } : {}),
    });
    const file = question.sources(ask).find(isForeign)?.file;
    if (file !== undefined) {
      const printed = new Printed(basename(file)); // no answer of ours
      for (const stream of [worker.stdout, worker.stderr]) printed.hear(stream);
    }
    let count = 0;
    let over = false;
    const fault = (broken: Broken): Fault =>
      faultOf(nameOf(question, ask), cells[count] ?? null, broken);
    const dog =
      running === null
        ? null
        : new Watchdog(running, (broken) => end(() => onFault(fault(broken))), {
            file: file!,
            cell: () => count,
            heapMb,
          });
    dog?.watch(endless);
    const end = (tell: () => void): void => {
      if (over) return;
      over = true;
      dog?.stop();
      try {
        tell();
        void worker.terminate().then(() => resolve(), reject);
      } catch (error) {
        void worker.terminate();
        reject(error);
      }
    };
    const fail = (error: Error): void =>
      end(() => {
        throw error;
      });
    worker.on('message', (said: Said | Far) => {
      if (over || typeof said !== 'object' || said === null) return;
      if ('done' in said) end(() => {});
      else if ('far' in said) process.stderr.write(`${printable(said.far.trim())}\n`);
      else if ('failed' in said) fail(failure(said));
      else {
        count++;
        try {
          if (isFault(said.answer)) onFault(said.answer.fault);
          else onAnswer(said.answer as Answer);
        } catch (error) {
          fail(error as Error);
        }
      }
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (dog === null || !dog.began) fail(error);
      else end(() => onFault(fault(dog.died(error))));
    });
    worker.on('exit', (code) => {
      if (dog === null)
        fail(new Error(`the isolate of ${nameOf(question, ask)} ended with code ${code}`));
      else end(() => onFault(fault(dog.left())));
    });
  });
}
