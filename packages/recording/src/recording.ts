// The document: what a recording says of each page, who had it last, what the kernel told its owner, and what each design
// would have said.
import type { Design, Era } from '@lastref/kernel';
import type { RecordedBuffer, RecordingDocument } from '@lastref/report';
import { deedsOf } from './deeds.ts';
import { sayOf } from './designs.ts';
import type { Recording, Tool } from './events.ts';
import { World, type Buffer, type Change, type Holder } from './world.ts';

const UNREAD_SHOWN = 8;

/** What records heads and pages. */
const SCRIPT: Readonly<Record<Tool, string>> = {
  bpftrace: 'lastref.bt',
  'trace-cmd': 'lastref-trace-cmd.sh',
  pwru: 'pwru with --output-skb and --output-skb-shared-info',
  retis: 'lastref.bt or lastref-trace-cmd.sh, since retis records no pages',
};

export interface Asked {
  /** As the user named it. */
  readonly file: string;
  readonly era: Era;
  readonly designs: readonly Design[];
  /** This page alone; null: all that were lent. */
  readonly page: string | null;
}

export function recordingDocument(
  recording: Recording,
  { file, era, designs, page }: Asked,
): Omit<RecordingDocument, 'digest'> {
  const { tool, events, unread, lost, blind, lines } = recording;
  const world = new World(events);
  const lent = world.buffers.filter((b) => b.lent);
  const shown =
    page === null
      ? lent.length > 0
        ? lent
        : world.buffers
      : world.buffers.filter((b) => b.page === page);
  const start = events[0]!.ns;
  return {
    schema: 'lastref.recording/1',
    file,
    tool,
    era: era.id,
    lines,
    events: events.length,
    unread: { count: unread.length, first: unread.slice(0, UNREAD_SHOWN) },
    lost,
    notJudged: notJudged(recording, world),
    seconds: Number((events.at(-1)!.ns - start) / 1000n) / 1e6,
    buffers: shown.map((b) => bufferOf(b, start, era, designs, lost + blind)),
  };
}

/** Why nothing, or not all, can be said of who shares what; null: nothing stands against it. */
function notJudged({ tool, events, lost, blind, ends }: Recording, world: World): string | null {
  const script = SCRIPT[tool];
  if (events.every((e) => e.kind !== 'skb' || e.head === null))
    return `no head was recorded: addresses of sk_buffs alone do not show who shares data; ${script} records heads and pages`;
  if (blind > 0)
    return `${blind} times a packet had its pages where the script did not look: somebody who has a page may be among them; ENDS="${ends.join(' ')}" for ${script} finds them`;
  if (world.buffers.length === 0)
    return `no page was recorded: heads show which sk_buffs are clones, not which pages they carry; ${script} records heads and pages`;
  if (lost > 0)
    return `the tool lost ${lost} events: somebody who has a page may be among them; a larger buffer helps (docs/recordings.md)`;
  return null;
}

function bufferOf(
  b: Buffer,
  start: bigint,
  era: Era,
  designs: readonly Design[],
  missing: number,
): RecordedBuffer {
  const micros = (ns: bigint): number => Number((ns - start) / 1000n);
  const end = [...b.holders.values()];
  const last = lastOf(b);
  const deeds = deedsOf(b);
  const told = b.told;
  return {
    page: b.page,
    lent: b.lent,
    ubuf: b.ubuf,
    steps: b.changes
      .map((c) => stepOf(c, b, micros))
      .concat(toldStep(b, micros))
      .sort((x, y) => x.n - y.n),
    atEnd: end.map(holderOf),
    last:
      last === null
        ? null
        : { ...holderOf(last.holder), until: end.length > 0 ? null : micros(last.change.event.ns) },
    kernel: {
      told: told === null ? null : micros(told.event.ns),
      readers: (told?.holders ?? []).map(holderOf),
      after: b.afterTold === null ? [] : newcomers(b.afterTold).map(holderOf),
      says: kernelSays(b, missing),
    },
    designs: designs.map((d) => sayOf(d, era, deeds, end.length === 0 && missing === 0)),
  };
}

function kernelSays(b: Buffer, missing: number): RecordedBuffer['kernel']['says'] {
  if (b.told !== null)
    return b.told.holders.length > 0 || b.afterTold !== null
      ? 'early'
      : missing > 0
        ? 'not-judged'
        : 'holds';
  if (b.ubuf === null) return 'nobody is told';
  return 'untold';
}

function newcomers({ before, after }: Change): Holder[] {
  return [...after.values()].filter((h) => !before.has(h.skb));
}

/** Who let go last, or would: of several that are left, the one that came last. */
function lastOf(b: Buffer): { readonly holder: Holder; readonly change: Change } | null {
  for (let i = b.changes.length - 1; i >= 0; i--) {
    const change = b.changes[i]!;
    const left = [...change.before.values()].filter((h) => !change.after.has(h.skb));
    const holder =
      i === b.changes.length - 1 && change.after.size > 0
        ? [...change.after.values()].at(-1)
        : left.at(-1);
    if (holder !== undefined) return { holder, change };
  }
  return null;
}

function holderOf({ skb, head, lane, task }: Holder): {
  skb: string;
  head: string;
  where: string;
  task: string;
} {
  return { skb, head, where: lane, task };
}

function stepOf(
  c: Change,
  b: Buffer,
  micros: (ns: bigint) => number,
): RecordedBuffer['steps'][number] {
  const { event, n, after } = c;
  const read = b.reads.some((r) => r.n === n);
  return {
    n,
    line: event.line,
    tick: micros(event.ns),
    text: `${event.task} ${event.site}`,
    marks: read ? ['read'] : c === b.changes[0] && b.lent ? ['lent'] : [],
    holders: count([...after.values()]),
  };
}

function toldStep(b: Buffer, micros: (ns: bigint) => number): RecordedBuffer['steps'] {
  if (b.told === null) return [];
  const { event, n, holders } = b.told;
  return [
    {
      n,
      line: event.line,
      tick: micros(event.ns),
      text: `${event.task} ${event.site}`,
      marks: ['completed'],
      holders: count(holders),
    },
  ];
}

function count(holders: readonly Holder[]): { where: string; packets: number }[] {
  const by = new Map<string, number>();
  for (const { lane } of holders) by.set(lane, (by.get(lane) ?? 0) + 1);
  return [...by].map(([where, packets]) => ({ where, packets }));
}
