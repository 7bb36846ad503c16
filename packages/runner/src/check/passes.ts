// How long each pass of a search took.
import type { CheckDocument } from '@lastref/report';
import type { Exploration } from '@lastref/search';

/**
 * A search that finds something looks for a shorter run to it, from the start: its figures are those of one look, and time
 * is spent on all. It says now and then how many states it has, and always when a pass begins.
 */
export class Passes {
  private readonly all: { states: number; seconds: number }[] = [];
  private began: number;
  private states = 0;

  /** The first begins `at` seconds after the search did. */
  constructor(at: number) {
    this.began = at;
  }

  /** So many states `at` seconds after the search began. */
  note(states: number, at: number): void {
    // the first state of a pass is always said
    if (this.states > 0 && (states < this.states || states === 1)) this.end(at);
    this.states = states;
  }

  /** A pass is over: what it last said of its states is known. */
  end(at: number): void {
    this.all.push({ states: this.states, seconds: at - this.began });
    this.began = at;
    this.states = 0;
  }

  /** Where no shorter run was found, the figures are those of the pass that had so many states, and not of the last. */
  private closestTo(states: number): number {
    const before = this.all.slice(0, -1).map((pass) => Math.abs(pass.states - states));
    return Math.max(0, before.indexOf(Math.min(...before)));
  }

  /** Of a search that found nothing one: a look in between belongs to it. */
  of({ finding, shortest, states }: Exploration): CheckDocument['passes'] {
    const seconds = this.all.reduce((n, pass) => n + pass.seconds, 0);
    if (finding === null) return [{ states, seconds, counted: true }];
    const last = this.all.length - 1;
    const counted = shortest ? last : this.closestTo(states);
    return this.all.map((pass, i) =>
      i === counted ? { ...pass, states, counted: true } : { ...pass, counted: false },
    );
  }
}
