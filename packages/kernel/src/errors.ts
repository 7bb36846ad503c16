/** A BUG_ON of the model: the machine itself is in a state that the kernel would stop at. */
export class KernelBug extends Error {
  override readonly name = 'KernelBug';
}

/** -ENOMEM: an allocation failed. Thrown before anything has changed; every caller says what it does then. */
export class NoMemory extends Error {
  override readonly name = 'NoMemory';
}

/** For a catch block: goes on after -ENOMEM, throws anything else again. */
export function expectNoMemory(error: unknown): void {
  if (!(error instanceof NoMemory)) throw error;
}

/** Something was about to run that the kernel of this era has not got: whoever asked for it should have looked. */
export class NotInEra extends Error {
  override readonly name = 'NotInEra';
}

/** A design broke the contract of the seam (`PageLifetime`), for example by lending with no room. */
export class SeamMisuse extends Error {
  override readonly name = 'SeamMisuse';
}
