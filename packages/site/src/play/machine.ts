// The way from the page to the model: a compiler that runs nothing, and a frame of another origin that runs it all.
import type { CompileAsk, CompileSaid } from '../compiler/worker.ts';
import type { Compiled } from '../compiler/compile.ts';
import type { FromFrame, ToFrame } from '../frame/frame.ts';
import type { Answer, Ask } from '../model/protocol.ts';

export type Hear = (answer: Answer) => void;

export class Machine {
  private readonly compiler = new Worker('compiler.js');
  private readonly port: Promise<MessagePort>;
  private readonly hearers = new Map<number, Hear>();
  private readonly compiled = new Map<number, (compiled: Compiled) => void>();
  private n = 0;

  constructor(frame: HTMLIFrameElement) {
    this.compiler.onmessage = ({ data }: MessageEvent<CompileSaid>) => {
      this.compiled.get(data.n)?.(data.compiled);
      this.compiled.delete(data.n);
    };
    this.port = this.connect(frame);
  }

  compile(name: string, text: string): Promise<Compiled> {
    const n = ++this.n;
    this.compiler.postMessage({ n, name, text } satisfies CompileAsk);
    return new Promise((resolve) => this.compiled.set(n, resolve));
  }

  /** Answers come to `hear` until one of kind 'end', for which the promise waits: what went wrong, or ''. */
  async ask(lane: string, ask: Ask, seconds: number, hear: Hear): Promise<string> {
    const port = await this.port;
    const n = ++this.n;
    return new Promise((resolve) => {
      this.hearers.set(n, (answer) => {
        if (answer.kind !== 'end') return hear(answer);
        this.hearers.delete(n);
        resolve(answer.fault);
      });
      port.postMessage({ kind: 'ask', n, lane, seconds, ask } satisfies ToFrame);
    });
  }

  async stop(lane: string): Promise<void> {
    (await this.port).postMessage({ kind: 'stop', lane } satisfies ToFrame);
  }

  private async connect(frame: HTMLIFrameElement): Promise<MessagePort> {
    const loaded = new Promise((resolve) =>
      frame.addEventListener('load', resolve, { once: true }),
    );
    frame.src = 'frame.html';
    const [script] = await Promise.all([fetch('model.js').then((r) => r.text()), loaded]);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<FromFrame>) =>
      this.hearers.get(data.n)?.(data.answer);
    frame.contentWindow!.postMessage('lastref', '*', [port2]);
    port1.postMessage({ kind: 'script', text: script } satisfies ToFrame);
    return port1;
  }
}
