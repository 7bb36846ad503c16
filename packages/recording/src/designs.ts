// What each design would have said of what was recorded: the deeds on the bench, step by step, until it tells.
import {
  GetPutPage,
  Kernel,
  KernelBug,
  NoMemory,
  NoProbe,
  PageHome,
  type Design,
  type Era,
} from '@lastref/kernel';
import type { RecordedDesign } from '@lastref/report';
import { Bench, Parts } from './bench.ts';
import type { Done } from './deeds.ts';

/** Hooks that hear of what no recording of sk_buffs has. */
const UNHEARD = {
  replied: 'it waits for the reply of the protocol above, which is no sk_buff',
  unanswered: 'it waits for the reply of the protocol above, which is no sk_buff',
  mayWrite: 'it makes the writer wait, and no writer was recorded',
} as const;

/** Why a recording cannot say anything about a design; null: it can. */
export function unheard(design: Design, era: Era): string | null {
  const home = design.home ?? PageHome.GENERAL;
  if (home !== PageHome.GENERAL)
    return 'its pages come from an allocator of their own, and these did not';
  const { lifetime } = new Kernel(design, era, new NoProbe(), 1);
  for (const [hook, why] of Object.entries(UNHEARD)) {
    const key = hook as keyof typeof UNHEARD;
    if (lifetime[key] !== GetPutPage.prototype[key]) return why;
  }
  return null;
}

/** `over`: the recording ends with nobody who could read the page. */
export function sayOf(
  design: Design,
  era: Era,
  deeds: readonly (Done | null)[],
  over: boolean,
): RecordedDesign {
  const nothing = { design: design.id, toldAt: null, ns: null, findings: [] };
  const why = unheard(design, era);
  if (why !== null) return { ...nothing, says: 'not-judged', reason: why };
  if (deeds[0]?.deed.does !== 'lend')
    return {
      ...nothing,
      says: 'not-judged',
      reason: 'the recording does not show how the page was lent',
    };
  const bench = new Bench(design, era);
  let toldAt: Done | null = null;
  let parts: string | null = null;
  try {
    for (const done of deeds) {
      if (done === null) {
        parts = 'the page changed hands in a way that no recorded function explains';
        break;
      }
      bench.do(done.deed);
      if (bench.told) toldAt ??= done;
    }
  } catch (error) {
    parts = partsBy(error);
  }
  // what was told before the design parts from the recording stands
  if (parts !== null && toldAt === null) return { ...nothing, says: 'not-judged', reason: parts };
  bench.end(over && parts === null);
  const { findings, verdicts } = bench.judge.judgement();
  const told = { toldAt: toldAt?.n ?? null, ns: toldAt === null ? null : String(toldAt.ns) };
  const list = findings.map(({ property, harm, where, text }) => ({ property, harm, where, text }));
  const early = list.some((f) => f.property === 'early' || f.property === 'corrupt');
  const says = bench.copied
    ? 'copied'
    : early
      ? 'early'
      : verdicts.lost === 'refuted'
        ? 'lost'
        : toldAt === null
          ? 'untold'
          : 'holds';
  return { design: design.id, ...told, says, reason: null, findings: list };
}

/** Why what follows in the recording is not the design's own. */
function partsBy(error: unknown): string {
  if (error instanceof Parts)
    return `${error.message}, as the recorded kernel did; what follows is not its own`;
  if (error instanceof NoMemory) return 'more packets have the page than the bench has memory for';
  if (error instanceof KernelBug)
    return `the recorded order is none that a kernel plays (${error.message})`;
  throw error;
}
