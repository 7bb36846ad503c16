// What is known of each property: who refutes it, and for whom it holds where it could have been
// refuted ("never by"). Evidence: the reference comparison, every story, and the in-place writer behind every operation; of what programs
// alone can break, the bugs of history.
import { readFileSync } from 'node:fs';
import { BUGS, hunt } from '@lastref/bugs';
import { PROPERTIES, type Property, type Verdict } from '@lastref/judge';
import { OPERATIONS, runMatrixCell, type MatrixCell } from '@lastref/operations';
import { eraOf, type Design } from '@lastref/kernel';
import { compareSchema } from '@lastref/report';
import { Cell } from '@lastref/search';
import { STORIES, play } from '@lastref/workloads';
import { beforeAll, describe, expect, test } from 'vitest';
import { allDesigns, canaries } from '@lastref/runner';
import { LONG } from '../../scripts/tier.ts';

const path = (relative: string): string => new URL(`../../${relative}`, import.meta.url).pathname;

const designs = (await allDesigns()).map((file) => file.design);
const wrong = (await canaries()).map((file) => file.design);
const all: readonly Design[] = [...designs, ...wrong];

/** By property, then by design: refuted somewhere, or held wherever it was exercised. */
const known = new Map<Property, Map<string, Verdict>>(PROPERTIES.map((p) => [p, new Map()]));
/** Properties that were exercised and held in some run. */
const held = new Set<Property>();

function note(design: string, verdicts: Readonly<Record<string, Verdict>>): void {
  for (const property of PROPERTIES) {
    const verdict = verdicts[property]!;
    const of = known.get(property)!;
    if (verdict === 'holds') held.add(property);
    if (verdict === 'refuted' || (verdict === 'holds' && !of.has(design))) of.set(design, verdict);
  }
}

/** Lines of at most 100 columns: `head`, then the names. */
function listing(head: string, names: readonly string[]): string {
  const lines: string[] = [head];
  for (const name of names) {
    const last = lines.length - 1;
    if (lines[last]!.length + name.length + 1 > 100) lines.push(`${' '.repeat(12)} ${name}`);
    else lines[last] += ` ${name}`;
  }
  return lines.join('\n');
}

describe.runIf(LONG)('each property', () => {
  beforeAll(() => {
    const committed = JSON.parse(readFileSync(path('results/compare.json'), 'utf8')) as unknown;
    for (const row of compareSchema.parse(committed).rows) note(row.design, row.verdicts);
    for (const story of STORIES) {
      for (const era of story.eras) {
        for (const design of all) {
          const input = { design, workload: story.workload, era: eraOf(era)!, seed: 1 };
          const { k, judge, recorder } = new Cell(input);
          play(story.script, k, recorder, () => judge.afterStep());
          judge.finish(k.agenda.earliest() < 0);
          note(design.id, judge.judgement().verdicts);
        }
      }
    }
    const byPrograms = BUGS.filter(
      (b) => ![...known.get(b.property)!.values()].includes('refuted'),
    );
    for (const bug of byPrograms) {
      const found = hunt(bug, bug.wrong).found?.finding.property;
      if (found !== undefined) known.get(found)!.set(bug.id, 'refuted');
      if (hunt(bug, bug.fixed).result === 'exhausted') held.add(bug.property);
    }
  }, 300_000);

  test.each(PROPERTIES)('%s is refuted by somebody, and holds for somebody', (property) => {
    expect([...known.get(property)!.values()]).toContain('refuted');
    expect(held).toContain(property);
  });

  test('and by whom', async () => {
    const text = PROPERTIES.map((property) => {
      const of = known.get(property)!;
      const who = (verdict: Verdict | undefined): string[] =>
        all.map((d) => d.id).filter((id) => of.get(id) === verdict);
      return [
        property,
        listing('  refuted by ', who('refuted')),
        listing('  never by   ', who('holds')),
        listing('  unexercised', who(undefined)),
      ].join('\n');
    }).join('\n\n');
    await expect(`${text}\n`).toMatchFileSnapshot(path('results/verdicts/properties.txt'));
  });
});

describe('a writer in place, behind the operations that move frags', () => {
  const writers = OPERATIONS.filter((mover) => mover.file === 'net/ipv4/esp4.c');
  const MARKED = [
    'shared-frag-marker',
    'canary-marker-of-2025',
    'ian-frag-destructor',
    'copy-always',
  ];
  const some = LONG ? all : all.filter((d) => MARKED.includes(d.id));
  const cells = new Map<string, MatrixCell>();
  const unmarked = (design: string): string[] =>
    writers
      .filter((m) => cells.get(`${m.id} ${design}`)!.properties.includes('unmarked'))
      .map((m) => m.id.replace(', esp_input', ''));

  beforeAll(() => {
    for (const mover of writers)
      for (const design of some)
        cells.set(`${mover.id} ${design.id}`, runMatrixCell(design, mover, eraOf('7.2.13')!));
  }, 300_000);

  test('Linux 7.2.13, as in the committed table', async () => {
    const file = path('results/verdicts/in-place.txt');
    const width = 61;
    const kept = new Map(
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => [line.slice(0, width), line]),
    );
    const lines = writers.flatMap((mover) =>
      all.map(({ id }) => {
        const name = `${mover.id.padEnd(33)}${id.padEnd(width - 33)}`;
        const cell = cells.get(`${mover.id} ${id}`);
        if (cell === undefined) return kept.get(name); // not of the sample
        const what = cell.verdict === 'refuted' ? cell.properties.join(', ') : cell.verdict;
        return `${name}${String(cell.runs).padStart(5)} runs  ${what}`;
      }),
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(file);
  });

  // By skb_shift only where the packet that grows was not marked before.
  test('the marker of 2026 is carried everywhere; that of 2025 was lost where CVE-2026-43503 says', () => {
    expect(unmarked('shared-frag-marker')).toEqual([]);
    const then = eraOf('7.2.13-markerCarried')!; // TCP's own mark is carried as far in the kernel of then
    const old = all.find((d) => d.id === 'canary-marker-of-2025')!;
    const lost = writers.filter((w) => runMatrixCell(old, w, then).properties.includes('unmarked'));
    expect(lost.map((w) => w.id.replace(', esp_input', '')).sort()).toEqual([
      'pskb_copy',
      'skb_gro_receive',
      'skb_shift',
      'skb_shift (part)',
      'skb_try_coalesce',
      'tcp_clone_payload',
    ]);
  });

  test('where ESP does not ask, whoever is not shared is taken for private; where it does, TCP has marked its pages', () => {
    const [esp] = writers.filter((w) => w.id === 'esp_input');
    const ian = all.find((d) => d.id === 'ian-frag-destructor')!;
    expect(runMatrixCell(ian, esp!, eraOf('5.10.223')!).properties).toContain('unmarked');
    expect(unmarked('ian-frag-destructor')).toEqual([]);
    expect(unmarked('copy-always')).toEqual([]);
  });

  test('a MSG_ZEROCOPY page is written over nowhere: before veth had GRO it came there as a copy, and later ESP asks', () => {
    const said = (operation: string, era: string): string => {
      const writer = writers.find((w) => w.id === operation)!;
      const design = all.find((d) => d.id === 'msg-zerocopy')!;
      const { verdict, properties } = runMatrixCell(design, writer, eraOf(era)!);
      return verdict === 'refuted' ? properties.join() : verdict;
    };
    expect(said('esp_input', '5.10.223')).toBe('copied');
    for (const era of ['4.14', '5.10.223', '6.1.192'])
      expect(said('esp_input (GRO)', era), era).toBe('copied');
    expect(said('esp_input (GRO)', '7.2.13')).toBe('copied');
  });
});
