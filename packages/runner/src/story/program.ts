// What a program above a socket hears and calls, as strace writes system calls.
import {
  CALLS,
  EAGAIN,
  ECANCELED,
  ECONNRESET,
  ENOBUFS,
  ENOENT,
  ENOMEM,
  EPIPE,
  EVENTS,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  MSG_MORE,
  MSG_ZEROCOPY,
  type Call,
  type Event,
} from '@lastref/kernel';

const ERRORS = { EAGAIN, ECANCELED, ECONNRESET, ENOBUFS, ENOENT, ENOMEM, EPIPE };
const SEND_FLAGS = { MSG_ZEROCOPY, MSG_MORE };
const CQE_FLAGS = { IORING_CQE_F_MORE, IORING_CQE_F_NOTIF };

/** `the program hears notified(connection=0, lo=1, hi=1, copied=no)` */
export function heardText(event: Event, given: readonly (number | boolean)[]): string {
  const words = Object.keys(EVENTS[event]).map((name, i) => {
    const value = given[i]!;
    if (typeof value === 'boolean') return `${name}=${value ? 'yes' : 'no'}`;
    if (name === 'flags') return `${name}=${flagsText(value, CQE_FLAGS)}`;
    return `${name}=${numberText(value)}`;
  });
  return `the program hears ${event}(${words.join(', ')})`;
}

/** `send(connection=0, buffer=0, offset=0, size=4096, flags=MSG_ZEROCOPY) = 4096` */
export function calledText(call: Call, given: readonly number[], result: number | null): string {
  const words = CALLS[call].map((name, i) => {
    const value = given[i]!;
    return `${name}=${name === 'flags' ? flagsText(value, SEND_FLAGS) : numberText(value)}`;
  });
  const answer = result === null ? '' : ` = ${numberText(result)}`;
  return `${call}(${words.join(', ')})${answer}`;
}

function flagsText(flags: number, names: Readonly<Record<string, number>>): string {
  const set = Object.entries(names).flatMap(([name, flag]) => ((flags & flag) === 0 ? [] : [name]));
  return set.length === 0 ? '0' : set.join('|');
}

/** Errors by name. */
function numberText(n: number): string {
  const error = Object.entries(ERRORS).find(([, number]) => n === -number);
  return error === undefined ? String(n) : `-${error[0]}`;
}
