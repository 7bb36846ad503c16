// What an operation on fragments is, and the stage on which its recipe runs.
import type { Pipe } from '../fs/pipe.ts';
import type { Kernel } from '../kernel.ts';
import { allocSkb } from '../net/core/skb_alloc.ts';
import type { SkBuff } from '../net/core/skbuff.ts';
import type { TcpSock } from '../net/ipv4/tcp_sock.ts';

/** What travels with a fragment when the operation copies or moves it. */
export type Carried = 'page' | 'frag slot' | 'shared-info slot' | 'sk_buff slot';

/** The stage on which a recipe runs: two neighbours of a write queue that carry lent pages. */
export interface MoverBench {
  readonly k: Kernel;
  readonly sk: TcpSock;
  /** Two pages and a half, of the first loan. */
  readonly first: SkBuff;
  /** Half a page and a whole one, of the second loan. */
  readonly second: SkBuff;
  /** A packet made from `skb` as TCP transmits it, in the driver's hands; as sole owner, `skb` is acknowledged then. */
  packet(skb: SkBuff): SkBuff;
  /** For operations on the write queue: as `packet`, but only if the case is that the data is shared. */
  inFlight(skb: SkBuff): void;
  /** A write-queue skb that the operation has used up. */
  dequeue(skb: SkBuff): void;
  /** `skb` is in the hands of `who` from now on. */
  hold(skb: SkBuff, who: string): void;
  /** The operation has used up a packet: frees it, and nobody has to release it. */
  used(skb: SkBuff): void;
  /** The packet is part of another one now. */
  gone(skb: SkBuff): void;
  /** Pages without an sk_buff, in the hands of `who`, who lets go by `release`. */
  holdPages(pipe: Pipe, who: string): void;
}

/** Which situation the operation finds: does anybody else have the data? */
export type MoverCase = 'shared' | 'sole owner';

export interface Mover {
  /** The kernel's name. */
  readonly id: string;
  readonly file: string;
  /** First and last kernel version that has it, as far as the trees we read tell; null: still there. */
  readonly since: string;
  readonly until: string | null;
  /** What happens to page references, in a few words. */
  readonly refs: string;
  readonly carries: readonly Carried[];
  /** Runs it on the bench. */
  readonly apply: (bench: MoverBench) => void;
}

/** Files of the kernel that most of them stand in. */
export const SKBUFF = 'net/core/skbuff.c';
export const SKBUFF_H = 'include/linux/skbuff.h';
export const TCP_OUTPUT = 'net/ipv4/tcp_output.c';
/** What every copy of a whole entry carries. */
export const ENTRY: readonly Carried[] = ['page', 'frag slot'];

/** A second sk_buff with data of its own, so that something can be moved to it. */
export function emptySkb(k: Kernel, like: SkBuff): SkBuff {
  const skb = allocSkb(k, 256, false);
  skb.flow = like.flow;
  skb.seq = like.seq;
  return skb;
}
