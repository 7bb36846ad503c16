// The same steps under two designs, side by side: where do they part?
import type { DiffDocument } from '@lastref/report';
import { TracePicker, type Trace } from '@lastref/workloads';
import { digested } from '../digest.ts';
import type { Isolate } from '../isolate.ts';
import { mustSuit } from '../kinds.ts';
import { find } from '../registry.ts';
import { designsOf, inputOf, type ReplayOptions } from './replay.ts';
import { Telling, type Told } from './telling.ts';
import type { Token } from '../token.ts';

/** Each step of a trace as a trace of its own, so that two machines can be led step by step. */
function* singly(trace: Trace): Generator<Trace> {
  const clock: Trace = { deviations: [], tail: 1 };
  for (const d of trace.deviations) {
    for (let i = 0; i < d.after; i++) yield clock;
    yield { deviations: [{ ...d, after: 0 }], tail: 0 };
  }
  for (let i = 0; i < trace.tail; i++) yield clock;
}

/** Plays `token` under its design and under the design called `other`. Throws UsageError for an unknown one. */
export async function diff(
  isolate: Isolate,
  token: Token,
  other: string,
  options: ReplayOptions,
): Promise<DiffDocument> {
  const input = await inputOf(isolate, token, options);
  const known = await designsOf(isolate, options.candidates);
  const design = find('design', known, (d) => d.id, other);
  mustSuit(design, input.workload);
  const one = new Telling(input, token.trace);
  const two = new Telling({ ...input, design }, token.trace);
  const steps: DiffDocument['steps'] = [];
  let n = 0;
  for (const step of singly(token.trace)) {
    if (++n > (options.until ?? Number.MAX_SAFE_INTEGER)) break;
    steps.push(pair(n, one.step(new TracePicker(step)), two.step(new TracePicker(step))));
  }
  if (options.until === undefined) {
    const [a, b] = [one.end(), two.end()];
    for (let i = 0; i < Math.max(a.length, b.length); i++)
      steps.push(pair(++n, a[i] ?? null, b[i] ?? null));
  }
  return digested({
    schema: 'lastref.replay-diff/1' as const,
    designs: [input.design.id, design.id] satisfies [string, string],
    workload: token.workload,
    era: token.era,
    seed: token.seed,
    steps,
    partsAt: steps.find((s) => s.texts[0] !== s.texts[1])?.n ?? null,
    findings: [one.findings(), two.findings()] satisfies DiffDocument['findings'],
  });
}

function pair(n: number, one: Told | null, two: Told | null): DiffDocument['steps'][number] {
  const text = (told: Told | null): string => told?.text ?? 'does not apply';
  return { n, texts: [text(one), text(two)] };
}
