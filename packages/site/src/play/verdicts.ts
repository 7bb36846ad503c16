// The verdict of a design: one sentence, and a table with a line for each workload, beside a design to compare with.
import { h } from '@lastref/report/client/dom';
import { many } from '@lastref/report/words';
import type { CellSaid } from '../model/protocol.ts';
import type { Listed } from './listed.ts';

/** What opens the story of a token. */
export type OpenStory = (token: string) => void;

/** Words for a run in which nothing was found. */
const CLEAN = ['holds', 'copied', '-'];
/** The word of what was not run: its kernel has not got what it takes. */
const ABSENT = 'n/a';

export class Verdicts {
  readonly element: HTMLElement;
  private readonly answer = h('p', { class: 'answer', role: 'status' });
  private readonly rows = h('tbody');
  private readonly heads = [
    h('th', { scope: 'col' }, 'this design'),
    h('th', { scope: 'col' }, 'the other'),
  ];
  private readonly cells = [new Map<string, CellSaid>(), new Map<string, CellSaid>()];
  private readonly lines = new Map<string, readonly [HTMLElement, HTMLElement]>();
  private readonly workloads: readonly Listed[];
  private readonly open: OpenStory;

  constructor(workloads: readonly Listed[], open: OpenStory) {
    this.workloads = workloads;
    this.open = open;
    for (const { id, title } of workloads) {
      const line = [h('td'), h('td')] as const;
      this.lines.set(id, line);
      this.rows.append(h('tr', {}, h('th', { scope: 'row', title }, id), ...line));
    }
    this.suit(false);
    this.element = h(
      'section',
      { 'aria-label': 'verdicts' },
      this.answer,
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'verdicts by workload' },
        h(
          'table',
          { class: 'verdicts' },
          h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'workload'), ...this.heads)),
          this.rows,
        ),
      ),
    );
  }

  /** Shows what is asked about a design, or about a runtime, beside which no design stands. */
  suit(runtime: boolean): void {
    this.heads[1]!.hidden = runtime;
    for (const { id, runtime: its } of this.workloads) {
      const line = this.lines.get(id)!;
      line[0].parentElement!.hidden = its !== runtime;
      line[1].hidden = runtime;
    }
  }

  /** 0: the design of the editor, 1: the one beside it. */
  begin(side: 0 | 1, name: string): void {
    this.heads[side]!.textContent = name;
    this.cells[side]!.clear();
    for (const line of this.lines.values()) line[side].classList.add('old');
  }

  put(side: 0 | 1, cell: CellSaid): void {
    if (cell.small && this.cells[side]!.has(cell.workload)) return;
    this.cells[side]!.set(cell.workload, cell);
    const line = this.lines.get(cell.workload)!;
    line[side].classList.remove('old');
    line[side].replaceChildren(this.word(cell, this.heads[side]!.textContent));
  }

  private word(cell: CellSaid, design: string): HTMLElement {
    const painted = `verdict ${cell.tone}${cell.small ? ' small' : ''}`;
    const token = gravest(cell)?.token;
    const title = cell.fault || (cell.row?.notJudged ?? '');
    if (token === undefined) return h('span', { class: painted, title }, cell.shown);
    const where = cell.small ? `${cell.workload} in miniature` : cell.workload;
    const label = `${design} on ${where}: ${cell.shown}, show its story`;
    return h(
      'button',
      {
        type: 'button',
        class: `cell ${painted}`,
        'aria-label': label,
        click: () => this.open(token),
      },
      cell.shown,
    );
  }

  /** Of the design of the editor, all that was run. */
  get all(): readonly CellSaid[] {
    return [...this.cells[0]!.values()].filter((cell) => cell.word !== ABSENT);
  }

  say(...children: (string | HTMLElement)[]): void {
    this.answer.replaceChildren(...children);
  }

  /** While cells come: what is wrong so far. That nothing is so far says nothing. */
  soFar(name: string): void {
    const bad = this.all.filter((c) => !CLEAN.includes(c.word));
    if (bad.length === 0) return;
    const small = this.all.filter((c) => c.small).length;
    const of =
      small === this.all.length
        ? `${many(bad.length, 'workload')} in miniature; whole runs follow`
        : `${bad.length} of ${many(this.all.length, 'workload')} so far`;
    this.say(h('b', { class: 'bad' }, name), ` breaks on ${of}…`);
  }

  /** 'my-design breaks on 20 of 26 workloads: 15 delivered, 5 wire; holds on 6.' */
  conclude(name: string, seconds: number): void {
    const cells = this.all;
    const bad = cells.filter((c) => !CLEAN.includes(c.word));
    const counts = new Map<string, number>();
    for (const { word } of bad) counts.set(word, (counts.get(word) ?? 0) + 1);
    const words = [...counts].map(([word, n]) => `${n} ${word}`).join(', ');
    const took = h('span', { class: 'took' }, ` ${seconds.toFixed(1)} s`);
    this.say(
      h('b', { class: bad.length === 0 ? 'good' : 'bad' }, name),
      bad.length === 0
        ? ` holds: nothing found on ${many(cells.length, 'workload')}.`
        : ` breaks on ${bad.length} of ${many(cells.length, 'workload')}: ${words}.`,
      took,
    );
  }
}

/** Of a cell, the finding that its word says; the shortest. */
export function gravest(cell: CellSaid): { readonly token: string; readonly step: number } | null {
  const { row, word } = cell;
  const found = (row?.findings ?? [])
    .filter((f) => f.property === word || (f.harm === word && f.property === 'corrupt'))
    .sort((a, b) => a.step - b.step);
  return found[0] ?? null;
}
