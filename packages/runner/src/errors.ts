// What ends a command, by whose doing it is: the user's, the world's, or ours.
import { getSystemErrorMap } from 'node:util';

/** The command line was misused: one line that says what is wrong and what would be right. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The world did not let us: a disk, a permission, memory. One line that says what. Exit code 3. */
export class CouldNot extends Error {
  override readonly name = 'CouldNot';
}

/** A run that the machine or the seam stopped: one line with the place. It is a bug of ours, and exit code 3. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

/** An error of a system call, as Node throws it. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return typeof code === 'string' && typeof syscall === 'string';
}

/** `no space left on device (ENOSPC)`, as the system words it. */
export function systemReason({ errno, code }: NodeJS.ErrnoException): string {
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return words === undefined ? String(code) : `${words} (${code})`;
}
