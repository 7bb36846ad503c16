/** The command line was misused: one line that says what is wrong and what would be right. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A run that the machine or the seam stopped: one line with the place. */
export class RunError extends Error {
  override readonly name = 'RunError';
}
