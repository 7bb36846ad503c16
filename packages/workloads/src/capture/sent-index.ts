// Which skb of the write queue starts where: what a retransmission is sought by when many are not acknowledged. The
// kernel has a red-black tree for it since 4.15 (tcp_rtx_queue); before that it kept hints.
// Model: an index beside the list, so that the list stays what it was in the modelled releases.
import { after, before, declareState, type SkBuff } from '@lastref/kernel';

interface Entry {
  readonly seq: number;
  readonly skb: SkBuff;
  readonly gen: number;
}

const BLOCK_MAX = 512;

/** Entries in order of sequence numbers, in blocks of at most `BLOCK_MAX`. An skb may change without a word. */
export class SentIndex {
  private readonly blocks: Entry[][] = [];

  /** O(log entries + BLOCK_MAX), at the end O(1). */
  insert(skb: SkBuff): void {
    const { seq, gen } = skb;
    const entry = { seq, skb, gen };
    const last = this.blocks.at(-1);
    if (last === undefined) {
      this.blocks.push([entry]);
    } else if (after(seq, last.at(-1)!.seq)) {
      if (last.length < BLOCK_MAX) last.push(entry);
      else this.blocks.push([entry]);
    } else {
      this.insertInside(entry);
    }
  }

  private insertInside(entry: Entry): void {
    const b = Math.max(0, this.blockOf(entry.seq));
    const block = this.blocks[b]!;
    const i = placeIn(block, entry.seq);
    if (block[i - 1]?.seq === entry.seq) {
      block[i - 1] = entry;
      return;
    }
    block.splice(i, 0, entry);
    if (block.length > BLOCK_MAX) this.blocks.splice(b + 1, 0, block.splice(block.length >> 1));
  }

  /** The skb that starts at `seq` or last before it, as far as it is known; null: none is. */
  find(seq: number): SkBuff | null {
    for (let b = this.blockOf(seq); b >= 0; b--) {
      const block = this.blocks[b]!;
      let i = placeIn(block, seq);
      while (i > 0) {
        const entry = block[--i]!;
        if (entry.skb.live && entry.skb.gen === entry.gen && entry.skb.seq === entry.seq) {
          return entry.skb;
        }
        block.splice(i, 1); // merged into the one before, or cut at its front
      }
      if (block.length === 0) this.blocks.splice(b, 1);
    }
    return null;
  }

  /** Everything below `una` is acknowledged. */
  forget(una: number): void {
    let gone = 0;
    while (gone + 1 < this.blocks.length && !after(this.blocks[gone + 1]![0]!.seq, una)) gone++;
    if (gone > 0) this.blocks.splice(0, gone);
  }

  /** The last block that starts at `seq` or before; -1: none does. */
  private blockOf(seq: number): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (after(this.blocks[middle]![0]!.seq, seq)) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }
}

declareState(SentIndex, { elsewhere: 'blocks' });

/** How many entries of the block start at `seq` or before. */
function placeIn(block: readonly Entry[], seq: number): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(seq, block[middle]!.seq)) high = middle;
    else low = middle + 1;
  }
  return low;
}
