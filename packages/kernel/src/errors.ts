/** A BUG_ON of the model: the machine itself is in a state that the kernel would stop at. */
export class KernelBug extends Error {
  override readonly name = 'KernelBug';
}

/** A design broke the contract of the seam (`PageLifetime`), for example by lending with no room. */
export class SeamMisuse extends Error {
  override readonly name = 'SeamMisuse';
}
