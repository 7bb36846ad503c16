// The workloads that are offered: those of designs, or those of runtimes, whichever the editor has.
import { h } from '@lastref/report/client/dom';

export interface Listed {
  readonly id: string;
  readonly title: string;
  /** It is for programs above a socket. */
  readonly runtime: boolean;
}

/** Fills the select of a panel; what is chosen stays, if it is offered. */
export function offer(select: HTMLSelectElement, all: readonly Listed[], runtime: boolean): void {
  const chosen = select.value;
  const ids = all.filter((w) => w.runtime === runtime).map(({ id }) => id);
  select.replaceChildren(...ids.map((id) => h('option', { value: id }, id)));
  select.value = ids.includes(chosen) ? chosen : ids[0]!;
}
