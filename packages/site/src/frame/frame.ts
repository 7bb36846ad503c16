// The frame that candidates run in: it has an origin of its own, and its policy forbids every request. It starts
// workers with the model, passes asks to them and answers back, and ends what takes too long.
import type { Answer, Ask } from '../model/protocol.ts';

/** What the page tells the frame. */
export type ToFrame =
  /** The script of the model: the frame may not fetch it. */
  | { readonly kind: 'script'; readonly text: string }
  /** `lane`: a worker of its own, one ask at a time. Beyond `seconds` it is ended. */
  | {
      readonly kind: 'ask';
      readonly n: number;
      readonly lane: string;
      readonly seconds: number;
      readonly ask: Ask;
    }
  | { readonly kind: 'stop'; readonly lane: string };

export interface FromFrame {
  readonly n: number;
  readonly answer: Answer;
}

interface Job {
  readonly n: number;
  readonly ask: Ask;
  readonly seconds: number;
}

/** Of one worker's life: code that is warm is worth keeping, what piles up in it is not. */
const ASKS_MAX = 40;

class Lane {
  private worker: Worker | null = null;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting: Job[] = [];
  private job: Job | null = null;
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  ask(job: Job): void {
    this.waiting.push(job);
    this.next();
  }

  /** Ends what runs and drops what waits. */
  stop(why: string): void {
    const { job, waiting } = this;
    const dropped = [...(job === null ? [] : [job]), ...waiting.splice(0)];
    clearTimeout(this.timer);
    if (job !== null) {
      this.job = null;
      this.end(); // another starts when it is asked: who types does not wait for that
    }
    for (const { n } of dropped) post({ n, answer: { kind: 'end', fault: why } });
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = null;
  }

  private start(): void {
    this.end();
    this.asked = 0;
    const worker = new Worker(this.url);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.answered(worker, data);
    worker.onerror = ({ message }) => this.answered(worker, { kind: 'end', fault: message });
    this.worker = worker;
  }

  private next(): void {
    if (this.job !== null) return;
    const job = this.waiting.shift();
    if (job === undefined) return;
    this.job = job;
    if (this.worker === null) this.start();
    this.asked++;
    this.timer = setTimeout(
      () => this.stop(`it did not end within ${job.seconds} s, and was stopped`),
      1000 * job.seconds,
    );
    this.worker!.postMessage(job.ask);
  }

  private answered(worker: Worker, answer: Answer): void {
    const { job } = this;
    if (worker !== this.worker || job === null) return; // of a worker that was ended
    post({ n: job.n, answer });
    if (answer.kind !== 'end') return;
    clearTimeout(this.timer);
    this.job = null;
    // A candidate that broke a rule may have left something behind.
    if (answer.fault !== '' || this.asked >= ASKS_MAX) this.start();
    this.next();
  }
}

const lanes = new Map<string, Lane>();
let url = '';
let post: (said: FromFrame) => void = () => undefined;

addEventListener('message', (event: MessageEvent<'lastref'>) => {
  const [port] = event.ports;
  if (event.source !== parent || port === undefined) return;
  post = (said) => port.postMessage(said);
  port.onmessage = ({ data }: MessageEvent<ToFrame>) => heard(data);
});

function heard(data: ToFrame): void {
  switch (data.kind) {
    case 'script':
      url = URL.createObjectURL(new Blob([data.text], { type: 'text/javascript' }));
      break;
    case 'ask': {
      let lane = lanes.get(data.lane);
      if (lane === undefined) lanes.set(data.lane, (lane = new Lane(url)));
      lane.ask(data);
      break;
    }
    case 'stop':
      lanes.get(data.lane)?.stop('stopped');
      break;
  }
}
