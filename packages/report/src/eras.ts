// Verdicts by kernel release, as a table of what is supported where, and the turns: which change of the kernel broke a
// design, and which one helped.
import Table from 'cli-table3';
import { TURN_SEEDS, type ErasDocument } from './document.ts';
import { code, escapeMarkdown, table } from './markup.ts';
import { PLAIN, VERDICT_LEGEND, painted, type Paint } from './tables.ts';
import { FAULT_WORDS, WORDS } from './vocabulary.ts';
import { STOPPED, many } from './words.ts';

/** The gravest word of a design in an era over the workloads that it was made for; over all, in brackets, if none is. */
export function eraWord({ rows, workloads }: ErasDocument, design: string, era: string): string {
  const mine = rows.filter((r) => r.design === design && r.era === era && r.state !== 'n/a');
  const inside = mine.filter((r) => r.domain);
  const words = (inside.length > 0 ? inside : mine).map((r) => r.word);
  const all = rows.filter((r) => r.design === design);
  if (workloads.some((w) => all.every((r) => r.workload !== w))) words.push(STOPPED);
  const word = gravest(words);
  return inside.length > 0 || mine.length === 0 ? word : `(${word})`;
}

/** Without a fault it is 'holds' where anything was judged: a workload that copies beside it says nothing of the design. */
function gravest(words: readonly string[]): string {
  const fault = FAULT_WORDS.find((w) => words.includes(w.word));
  if (fault === undefined && words.includes(STOPPED)) return STOPPED;
  if (fault === undefined && words.includes('holds')) return 'holds';
  return (fault ?? WORDS.find((w) => words.includes(w.word)))?.word ?? words[0] ?? 'n/a';
}

/** A turn of a design, on all workloads where it is the same. */
export interface Turn {
  readonly design: string;
  readonly from: string;
  readonly to: string;
  readonly before: string;
  readonly after: string;
  readonly chance: boolean;
  readonly changes: readonly string[];
  readonly workloads: readonly string[];
}

/** Turns that are one and the same, by design, the oldest first. */
export function turnsOf({ turns, designs, eras }: ErasDocument): Turn[] {
  const found = new Map<string, Turn>();
  for (const { workload, ...turn } of turns) {
    const key = JSON.stringify(turn);
    const workloads = [...(found.get(key)?.workloads ?? []), workload];
    found.set(key, { ...turn, workloads });
  }
  const place = (t: Turn): number =>
    designs.findIndex((d) => d.id === t.design) * eras.length + eras.indexOf(t.from);
  return [...found.values()].sort((a, b) => place(a) - place(b));
}

/** 'smallQueues (3.6)', that no single one does, or that chance does. */
function doneBy(turn: Turn, { changes }: ErasDocument): string {
  if (turn.chance) return `chance (the gravest of ${TURN_SEEDS} seeds is the same)`;
  if (turn.changes.length === 0) return 'no change alone';
  return turn.changes
    .map((id) => `${id} (${changes.find((c) => c.id === id)!.since})`)
    .join(' or ');
}

/** Short enough for a head: `debian-6.12.117` in two lines. */
const headOf = (era: string): string => era.replace('-', '-\n');

/** For a terminal: designs down, eras across, the own one with a star. */
export function erasTable(doc: ErasDocument, paint: Paint): string {
  const grid = new Table({ head: ['', ...doc.eras.map(headOf)], ...PLAIN });
  for (const { id, own } of doc.designs) {
    const cells = doc.eras.map((era) => {
      const word = eraWord(doc, id, era);
      const bare = word.replace(/[()]/g, '');
      return `${word.replace(bare, painted(bare, paint))}${era === own ? ' *' : ''}`;
    });
    grid.push([id, ...cells]);
  }
  return grid.toString();
}

export function turnLines(doc: ErasDocument): string[] {
  return turnsOf(doc).map(
    (t) =>
      `${t.design}, ${t.from} to ${t.to}: ${t.before} becomes ${t.after} on ${t.workloads.join(', ')}: ${doneBy(t, doc)}`,
  );
}

/** The whole page. */
export function erasMarkdown(doc: ErasDocument, command: string): string {
  const parts = [
    '# Verdicts by kernel release',
    `${many(doc.designs.length, 'design')} on ${doc.workloads.join(', ')}, seed ${doc.seed}. Made by ${code(command)}; digest \`${doc.digest}\`. A cell has the gravest word over the workloads that the design was made for; with none such, over all, in brackets; *copied* where nothing that was lent was ever in the stack on any of them. **Bold**: the kernel that its patch was made for.`,
    table(
      ['design', ...doc.eras],
      doc.designs.map(({ id, own }) => [
        id,
        ...doc.eras.map((era) => {
          const word = eraWord(doc, id, era);
          return era === own ? `**${word}**` : word;
        }),
      ]),
    ),
    '## Where a verdict turns',
    'The last column: which change of the kernel, given alone to the older one, makes it say the word of the newer one, over ' +
      `${TURN_SEEDS} seeds.`,
    table(
      ['design', 'from', 'to', 'on', 'before', 'after', 'what does it'],
      turnsOf(doc).map((t) => [
        t.design,
        t.from,
        t.to,
        t.workloads.join(', '),
        t.before,
        t.after,
        doneBy(t, doc),
      ]),
    ),
    '## The changes',
    table(
      ['change', 'since', 'what', 'source'],
      doc.changes.map((c) => [c.id, c.since, escapeMarkdown(c.what), escapeMarkdown(c.source)]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

export function erasText(doc: ErasDocument, paint: Paint): string {
  return [
    paint.bold(
      `Verdicts by kernel release: ${many(doc.designs.length, 'design')} on ${doc.workloads.join(', ')}; *: the kernel that its patch was made for`,
    ),
    erasTable(doc, paint),
    VERDICT_LEGEND,
    '',
    paint.bold('Where a verdict turns, and the change that does it alone'),
    ...turnLines(doc),
  ].join('\n');
}
