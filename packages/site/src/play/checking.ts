// The panel of the search: a workload and bounds, a button, and what came of it.
import { h } from '@lastref/report/client/dom';
import type { CheckSaid } from '../model/protocol.ts';
import { offer, type Listed } from './listed.ts';
import { many } from '@lastref/report/words';

export interface CheckWish {
  readonly workload: string;
  readonly bound: Readonly<Record<string, number>>;
}

/** As DEFAULT_BOUND has them (packages/search). */
const BOUNDS: readonly (readonly [name: string, label: string, value: number, max: number])[] = [
  ['operations', 'operations', 1, 4],
  ['retransmissions', 'retransmissions', 1, 4],
  ['drops', 'drops', 1, 4],
  ['states', 'states at most', 20_000, 200_000],
];

export class Checking {
  readonly element: HTMLElement;
  private readonly workloads: readonly Listed[];
  private readonly workload = h('select', { id: 'check-workload' });
  private readonly said = h('p', { class: 'checked', role: 'status' });
  private readonly go: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly inputs: readonly HTMLInputElement[];

  constructor(workloads: readonly Listed[], check: (wish: CheckWish) => void, stop: () => void) {
    this.workloads = workloads;
    offer(this.workload, workloads, false);
    this.inputs = BOUNDS.map(([name, , value, max]) =>
      h('input', { type: 'number', id: `check-${name}`, min: 0, max, value }),
    );
    this.go = h('button', { type: 'button', class: 'go', click: () => check(this.wish) }, 'Check');
    this.stop = h('button', { type: 'button', disabled: true, click: stop }, 'Stop');
    const field = (id: string, label: string, input: HTMLElement) =>
      h('div', { class: 'field' }, h('label', { for: id }, label), input);
    this.element = h(
      'section',
      { class: 'checking', 'aria-labelledby': 'checking-title' },
      h('h2', { id: 'checking-title' }, 'Every order of events'),
      h(
        'p',
        {},
        'The verdicts above are of one run each. A check takes every order of steps within bounds, and finds the shortest counterexample or says that there is none.',
      ),
      h(
        'div',
        { class: 'bar' },
        field('check-workload', 'workload', this.workload),
        ...BOUNDS.map(([name, label], i) => field(`check-${name}`, label, this.inputs[i]!)),
        this.go,
        this.stop,
      ),
      this.said,
    );
  }

  suit(runtime: boolean): void {
    offer(this.workload, this.workloads, runtime);
  }

  private get wish(): CheckWish {
    const bound = Object.fromEntries(
      BOUNDS.map(([name, , value, max], i) => {
        const asked = Math.floor(this.inputs[i]!.valueAsNumber);
        return [name, Number.isNaN(asked) ? value : Math.max(0, Math.min(max, asked))];
      }),
    );
    return { workload: this.workload.value, bound };
  }

  busy(text: string): void {
    this.go.disabled = true;
    this.stop.disabled = false;
    this.said.textContent = text;
  }

  done(said: CheckSaid | null, fault: string, seconds: number): void {
    this.go.disabled = false;
    this.stop.disabled = true;
    this.said.textContent = said === null ? fault : sentence(said, seconds);
  }
}

function sentence(said: CheckSaid, seconds: number): string {
  const of = said.passes > 1 ? ` in the last of ${said.passes} passes` : '';
  const size = `${many(said.states, 'state')}, ${many(said.executions, 'step')}${of}; ${seconds.toFixed(1)} s`;
  switch (said.result) {
    case 'refuted':
      return `Refuted in ${many(said.steps, 'step')}: ${said.property}: ${said.text}. The story is drawn above. (${size})`;
    case 'exhausted':
      return `No counterexample: every order was tried with ${said.scope}. (${size})`;
    case 'bound-reached':
      return `No counterexample so far; the bound ended the search. (${size})`;
    default:
      return `${said.result}: ${said.reason} (${size})`;
  }
}
