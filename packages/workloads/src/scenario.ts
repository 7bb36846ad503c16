// A workload is a recipe; a scenario is what it builds on one machine.
import {
  CHANGES,
  lackOf,
  type Domain,
  type Era,
  type Kernel,
  type Lending,
  type NamedSpan,
  type Over,
  type Who,
} from '@lastref/kernel';

/** How often, in a million packets, a link does something else than deliver. */
export interface LinkChances {
  readonly drop?: number;
  readonly duplicate?: number;
  readonly delay?: number;
  readonly hold?: number;
}

/** A producer or application that says whether its work is done. */
export interface Participant {
  readonly name: string;
  /** Operations completed so far, and how many there will be. */
  progress(): { done: number; of: number };
  /** Nothing is left to do in its run: what it owes to somebody and never lent comes to be known now. */
  ended?(): void;
}

export interface Scenario {
  readonly participants: readonly Participant[];
  /** By place on the agenda. */
  readonly chances: ReadonlyMap<number, LinkChances>;
}

export interface Workload {
  readonly id: string;
  readonly title: string;
  /** One or two sentences: what happens and why it matters. */
  readonly story: string;
  /** It is about a program above a socket: it is played with runtimes, and no design plays it. */
  readonly runtime?: true;
  /** Who lends, over what; without it nothing is lent. */
  readonly lends?: Lending;
  /** Who brings its event about; without it (a capture): nobody knows. */
  readonly who?: Who;
  /** The same, where it hangs on who lends: for a design that was made for that. */
  readonly whoOf?: (domain: Domain | undefined) => Who;
  /** Functions that it runs and that not every kernel has; in those without them it is not applicable. */
  readonly needs?: readonly NamedSpan[];
  /** Page frames that the machine needs. */
  readonly frames: number;
  /** Bytes that a run comes to use, for one that is timed: a machine that starts with them need not grow. */
  readonly memory?: number;
  /** Ticks after which a run ends even if something is left to do. */
  readonly horizonTicks: number;
  /** What keeps it from saying anything about the machine's design; '': nothing does. */
  readonly unjudged?: (k: Kernel) => string;
  /**
   * Puts hosts, wires and producers on the machine. With `operations` given (1 to 8) the same world in miniature:
   * the producers submit so many operations in all, of one page each, and nothing else goes on.
   */
  readonly build: (k: Kernel, seed: number, operations?: number) => Scenario;
}

/** What a program needs that sends so. */
const NEEDS = {
  'msg-zerocopy': { id: 'msg_zerocopy_realloc', since: CHANGES.zerocopy, until: null },
  'send-zc': { id: 'io_send_zc', since: CHANGES.sendZc, until: null },
} as const satisfies Record<Over, NamedSpan>;

/** Why `workload` is not applicable in `era`, for a design that is `over` something; null: it is. */
export function lacks(workload: Workload, era: Era, over?: Over): string | null {
  return lackOf(era.tree, [
    ...(workload.needs ?? []),
    ...(over === undefined ? [] : [NEEDS[over]]),
  ]);
}
