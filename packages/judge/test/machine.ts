// What the tests of the judge share: machines that it watches, and the designs of the repository.
import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  GetPutPage,
  Kernel,
  Tee,
  eraOf,
  type Design,
  type HolderVisitor,
  type Page,
  type Probe,
  type Services,
} from '@lastref/kernel';
import {
  ClockPicker,
  Recorder,
  buildSet,
  castOf,
  open,
  type Cast,
  type SetOptions,
  type Workload,
  type Writer,
} from '@lastref/workloads';
import { Judge, type Judgement } from '../src/index.ts';

const strategies = fileURLToPath(new URL('../../../strategies/', import.meta.url));

/** Every design of the repository, the canaries last. */
export async function allDesigns(): Promise<Design[]> {
  const files = (dir: string): string[] =>
    readdirSync(strategies + dir)
      .filter((f) => f.endsWith('.ts') && !/^index\.|\.(test|config)\.ts$/.test(f))
      .sort()
      .map((f) => strategies + dir + f);
  const modules = [...files(''), ...files('canaries/')].map(
    (file) => import(pathToFileURL(file).href) as Promise<{ design: Design }>,
  );
  return (await Promise.all(modules)).map((module) => module.design);
}

/** A design made up for one test. */
export function designOf(create: Design['create']): Design {
  return {
    id: 'of-this-test',
    title: 'made for one test',
    year: 2026,
    source: 'this file',
    status: 'canary',
    summary: 'As its class says.',
    adds: [],
    hooks: 0,
    claims: [],
    create,
  };
}

/** Page references, and nobody is told: a test completes by hand when it likes. */
export const byHand = designOf((k: Services) => new GetPutPage(k));

/** A small machine with a judge, the connection up, and everybody who can act on it. */
export interface Scene {
  readonly k: Kernel;
  readonly judge: Judge;
  readonly writer: Writer;
  readonly cast: Cast;
}

export function sceneOf(
  design: Design,
  options: SetOptions,
  judge = new Judge(),
  ...listeners: readonly Probe[]
): Scene {
  const k = new Kernel(design, eraOf('3.8')!, new Tee(judge, ...listeners), 1024);
  judge.attach(k);
  const writer = buildSet(k, options).participants[0] as Writer;
  const cast = castOf(open(k, new Recorder(k.agenda), () => judge.afterStep()));
  return { k, judge, writer, cast };
}

/** Completes the loan of operation `op` in a step of its own. */
export function complete({ k, judge, writer }: Scene, op = 0): void {
  k.complete(writer.operations[op]!.loan!);
  judge.afterStep();
}

/** Where `page` can be read: a walk of the test's own. */
export function readersOf(k: Kernel, page: Page): string[] {
  const found = new Set<string>();
  const visitor: HolderVisitor = {
    skb(skb, where, from) {
      let seq = (skb.endSeq - skb.dataLen) | 0;
      for (let i = 0; i < skb.shinfo.nrFrags; i++) {
        const frag = skb.shinfo.frags[i]!;
        seq = (seq + frag.size) | 0;
        if (frag.page === page && ((seq - from) | 0) > 0) found.add(where);
      }
    },
    page(p, _offset, _size, where) {
      if (p === page) found.add(where);
    },
  };
  for (const holder of k.holders) holder.forEachReader(visitor);
  return [...found];
}

/** A workload by the clock, `judge` watching; `prepare` sees the machine before anything is built on it. */
export function runByClock(
  design: Design,
  workload: Workload,
  judge: Judge,
  prepare: (k: Kernel) => void = () => {},
): Judgement {
  const k = new Kernel(design, eraOf('3.8')!, judge, workload.frames);
  judge.attach(k);
  prepare(k);
  const { chances } = workload.build(k, 1);
  const picker = new ClockPicker(1, chances, new Recorder(k.agenda));
  while (k.agenda.now <= workload.horizonTicks && picker.step(k.agenda)) judge.afterStep();
  judge.finish(k.agenda.earliest() < 0);
  return judge.judgement();
}
