// What a candidate may not catch. How deep a stack goes changes with what the JIT made of the code, and how much memory there
// is with the machine, so a candidate that goes on after it ran out of either has a clock; and one that broke a rule is
// stopped. Each `catch` of its script comes here
// first (catches.ts), and its guard asks when the candidate has returned (guard.ts).
import { Broken } from './rules.ts';

/** How the script of a candidate calls it. None has a name that begins so. */
export const CAUGHT = '$caught';

/** As V8 says it of calls, of the arguments that a call spreads, and of what the language itself calls. */
const OUT_OF_STACK = /^Maximum call stack size exceeded$/;
/** And of a regular expression, which it reads and makes code of as deep as there is stack: that is a SyntaxError. */
const OUT_OF_STACK_THERE = /: (?:Stack overflow|Regular expression too large)$/;
/** The machine that it runs on has no more memory, which another one may have: to make a buffer, or to have one grow. */
const OUT_OF_MEMORY = /^Array buffer allocation failed$|: Out of memory$/;

/** What changes from run to run, if that is what `error` says; else null. */
export function changing(error: unknown): string | null {
  const ofSyntax = error instanceof SyntaxError;
  if (!ofSyntax && !(error instanceof RangeError)) return null;
  const message: unknown = Object.getOwnPropertyDescriptor(error, 'message')?.value;
  if (typeof message !== 'string') return null;
  if ((ofSyntax ? OUT_OF_STACK_THERE : OUT_OF_STACK).test(message)) return 'how deep a stack goes';
  return !ofSyntax && OUT_OF_MEMORY.test(message) ? 'how much memory there is' : null;
}

/**
 * A candidate's own error that says the same stops it, too: nobody needs one. A message that it changed it has caught
 * before, and there it was looked at.
 */
function stops(error: unknown): boolean {
  return error instanceof Broken || changing(error) !== null;
}

/** The script of a candidate has it in a scope around its own, by a name that it cannot say. */
export class Caught {
  /**
   * A `catch` counts itself without a call, as there may be no stack for one; whoever has looked at what it caught sets it
   * back. So between two of them it is 0, or the candidate has to stop.
   */
  entered = 0;
  #why: unknown = null;
  #ended: { readonly error: unknown; readonly place: number } | null = null;

  /** A service that was called at `place` threw `error`: the hook is over, whatever catches that. */
  ends(error: unknown, place: number): void {
    this.#ended ??= { error, place };
  }

  /** What a service threw, and where; null: nothing. */
  get ended(): { readonly error: unknown; readonly place: number } | null {
    return this.#ended;
  }

  /** The candidate may go on with `error`, or it is thrown again. */
  look(error: unknown): void {
    if (error === this.#ended?.error) {
      this.entered--;
      throw error;
    }
    const stop = stops(error);
    if (!stop && this.entered === 1) {
      this.entered = 0;
      return;
    }
    if (stop) this.#why ??= error;
    throw error;
  }

  /** Another machine, another run. */
  forget(): void {
    this.entered = 0;
    this.#why = this.#ended = null;
  }

  get stopped(): boolean {
    return this.entered > 0 || this.#ended !== null;
  }

  /** What it caught; null: there was no stack to see it. */
  get why(): unknown {
    return this.#why;
  }
}

/** Of this isolate, which has one candidate that is not trusted. */
export const caught = new Caught();
