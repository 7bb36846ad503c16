// What a candidate has in place of a socket: what is state, and nothing that leads on.
import * as kernel from '@lastref/kernel';
import { Sock, declareState, declaredOf } from '@lastref/kernel';
import { reading } from '../candidates/reading.ts';
import { freezeAccessors } from './accessors.ts';
import { noState } from './no-state.ts';

/** As it was before any candidate was there (compartment.ts). */
const { freeze } = Object;

/** The socket behind a `ClosedSock`; undefined: it is none that we made. */
export let socketOf: (o: object) => Sock | undefined;

class ClosedSock {
  readonly #sk: Sock;

  constructor(sk: Sock) {
    this.#sk = sk;
    freeze(this);
  }

  get slot(): number {
    return this.#sk.slot;
  }
  get wmemAlloc(): number {
    reading.told?.sees();
    return this.#sk.wmemAlloc;
  }
  get rmemAlloc(): number {
    reading.told?.sees();
    return this.#sk.rmemAlloc;
  }
  get sndbuf(): number {
    return this.#sk.sndbuf;
  }
  get wmemQueued(): number {
    return this.#sk.wmemQueued;
  }
  get rcvbuf(): number {
    return this.#sk.rcvbuf;
  }
  get throttled(): boolean {
    reading.told?.sees();
    return this.#sk.throttled;
  }
  get small(): boolean {
    return this.#sk.small;
  }
  get usesWriteQueue(): boolean {
    return this.#sk.usesWriteQueue;
  }
  get datagrams(): boolean {
    return this.#sk.datagrams;
  }

  static {
    socketOf = (o) => (#sk in o ? o.#sk : undefined);
  }
}
Object.defineProperty(ClosedSock, 'name', { value: Sock.name });

declareState(ClosedSock, { also: (sk, sink) => sink.value(socketOf(sk)) });

/** Whatever any kind of socket has besides: it is said that it is closed, where undefined would be taken for an answer. */
function closeAll(): void {
  const { prototype } = ClosedSock;
  for (const kind of Object.values(kernel) as unknown[]) {
    if (typeof kind !== 'function' || !(kind === Sock || kind.prototype instanceof Sock)) continue;
    const methods = Reflect.ownKeys(kind.prototype as object) as string[];
    for (const name of [...(declaredOf(kind)?.fields.keys() ?? []), ...methods]) {
      if (Object.hasOwn(prototype, name)) continue;
      const field = {
        get [name](): never {
          return noState(this, name);
        },
      };
      Object.defineProperty(prototype, name, Object.getOwnPropertyDescriptor(field, name)!);
    }
  }
  freezeAccessors(prototype);
  for (const one of [ClosedSock, prototype]) freeze(one);
}
closeAll();

const standIns = new WeakMap<Sock, ClosedSock>();

/** One for each socket: a candidate compares them. */
export function standIn(sk: Sock): ClosedSock {
  let one = standIns.get(sk);
  if (one === undefined) standIns.set(sk, (one = new ClosedSock(sk)));
  return one;
}
