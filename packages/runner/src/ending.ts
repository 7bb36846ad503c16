// How a command ends, whatever happened: one line for people and an exit code that means one thing.
import { writeSync } from 'node:fs';
import { CouldNot, RunError, UsageError, isSystemError, systemReason } from './errors.ts';
import { printable } from '@lastref/report/words';

/** 1 is said by `--fail-on` alone: a finding of a kind that was asked for. */
export const EXIT = { done: 0, found: 1, misuse: 2, couldNot: 3, interrupted: 130 } as const;

export interface Ending {
  /** Without a newline. */
  readonly line: string;
  readonly code: number;
  /** A bug of ours: nobody who uses the program can do anything about it. */
  readonly bug: boolean;
}

/** What `error` means for the one who typed `command`. Never throws, whatever was thrown. */
export function endingOf(error: unknown, command: string): Ending {
  const end = (code: number, text: string): Ending => ({
    line: `lastref: ${printable(text)}`,
    code,
    bug: false,
  });
  if (error instanceof UsageError) return end(EXIT.misuse, error.message);
  if (error instanceof CouldNot) return end(EXIT.couldNot, error.message);
  if (isSystemError(error)) return end(EXIT.couldNot, systemText(error));
  if (isMemory(error)) return end(EXIT.couldNot, `there is not enough memory for ${command}`);
  const what = error instanceof RunError ? error.message : described(error);
  const again = /(^|\s)--debug(\s|$)/.test(command) ? command : `${command} --debug`;
  const text = `${what}. This is a bug of ours; ${printable(again)} shows where`;
  return { ...end(EXIT.couldNot, text), bug: true };
}

function systemText(error: NodeJS.ErrnoException): string {
  const what = error.path ?? (error.syscall === 'write' ? 'the output' : error.syscall);
  return `${what}: ${systemReason(error)}`;
}

const MEMORY_CODES = ['ERR_WORKER_OUT_OF_MEMORY', 'ERR_MEMORY_ALLOCATION_FAILED'];

function isMemory(error: unknown): boolean {
  const { code, name, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (MEMORY_CODES.includes(code ?? '')) return true;
  return name === 'RangeError' && /allocation failed|Invalid (typed )?array length/i.test(message);
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return `something was thrown that is no error: ${String(error)}`;
  return `${error.name}: ${error.message.split('\n')[0]}`;
}

/** Says `text` on stderr and waits for it. A search may have been broken off inside a write, whose stream takes no other then. */
export function sayAtOnce(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // nobody is there to be told
  }
}
