import type { SpinLock } from './lock.ts';

/** A BUG_ON of the model: the machine itself is in a state that the kernel would stop at. */
export class KernelBug extends Error {
  override readonly name = 'KernelBug';
}

/** -ENOMEM: an allocation failed. Thrown before anything has changed; every caller says what it does then. */
export class NoMemory extends Error {
  override readonly name = 'NoMemory';
}

/** -EFAULT: bytes that no processor can read. Who asked for a copy goes on as it does without memory. */
export class Unreadable extends NoMemory {}

/** For a catch block: goes on after -ENOMEM, throws anything else again. */
export function expectNoMemory(error: unknown): void {
  if (!(error instanceof NoMemory)) throw error;
}

/** Something was about to run that the kernel of this era has not got: whoever asked for it should have looked. */
export class NotInEra extends Error {
  override readonly name = 'NotInEra';
}

/** The machine stands still: a step cannot go on. Ends the step, and all that would come behind it. */
export class Halted extends Error {
  override readonly name = 'Halted';
  /** What a step that came in waits for, while the other processor goes on; null: nobody goes on. */
  readonly waitsFor: SpinLock | null;

  constructor(waitsFor: SpinLock | null) {
    super('the machine stands still');
    this.waitsFor = waitsFor;
  }
}

/** A design broke the contract of the seam (`PageLifetime`), for example by lending with no room. */
export class SeamMisuse extends Error {
  override readonly name = 'SeamMisuse';
}
