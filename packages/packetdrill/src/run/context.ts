// What a call can reach: the machine, descriptors by the script's numbers, what a call gives back.
import type { MainSock } from '@lastref/kernel';
import type { Call, Expression } from '../ast.ts';
import { Differs, NotKnown } from '../errors.ts';
import { numberOf } from '../values.ts';
import { type Descriptor, EpollFile, SocketFile } from './descriptors.ts';
import type { Machine } from './machine.ts';

/** What a call came to. `made`: a descriptor whose number the script gives. */
export interface Outcome {
  readonly value: number;
  readonly errno?: string;
  readonly made?: Descriptor;
}

/** Tried until it is something else than null, which says that it would block. */
export type Attempt = () => Outcome | null;

export class Context {
  readonly machine: Machine;
  readonly files = new Map<string, number>();
  readonly fds = new Map<number, Descriptor>();
  /** Ticks by which times may differ. */
  readonly tolerance: number;
  private sockets = 0;
  private ports = 10_000;
  /** The socket that code in %{ }% asks about. */
  underTest: MainSock | null = null;

  constructor(machine: Machine, tolerance: number) {
    this.machine = machine;
    this.tolerance = tolerance;
  }

  /** A port for a client that names none. */
  nextPort(): number {
    return ++this.ports;
  }

  newSocket(): SocketFile {
    return new SocketFile(++this.sockets);
  }

  file(e: Expression | undefined): Descriptor {
    const fd = numberOf(e);
    const file = this.fds.get(fd);
    if (file === undefined) throw new NotKnown(`a call on descriptor ${fd}, which is not open`);
    return file;
  }

  socket(e: Expression | undefined): SocketFile {
    const file = this.file(e);
    if (!(file instanceof SocketFile)) throw new NotKnown(`a socket call on a ${file.kind}`);
    return file;
  }

  epoll(e: Expression | undefined): EpollFile {
    const file = this.file(e);
    if (!(file instanceof EpollFile)) throw new NotKnown(`an epoll call on a ${file.kind}`);
    return file;
  }
}

export type Handler = (call: Call, ctx: Context) => Attempt;

export const DONE: Outcome = { value: 0 };

export function fails(errno: string): Outcome {
  return { value: -1, errno };
}

/** Something that comes back at once. */
export function now(outcome: () => Outcome): Attempt {
  return outcome;
}

/** What a call fills in differs from what the script says. */
export function expectValue(what: string, expected: number, actual: number): void {
  if (expected !== actual) throw new Differs(`${what}: expected ${expected}, got ${actual}`);
}
