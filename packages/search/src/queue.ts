// The states that a breadth-first search has met and not yet looked at, as words in blocks: a block that was
// read empty is filled again, so the memory is that of the widest level or two.

/** States in one block. */
const BLOCK = 4096;

/** First in, first out; every state takes the same number of words. */
export class StateQueue {
  /** States in the queue. */
  size = 0;
  readonly words: number;
  private blocks: Int32Array[];
  private spare: Int32Array[] = [];
  /** Next word to read in the first block, next word to write in the last. */
  private head = 0;
  private tail = 0;

  /** An empty queue of states of `words` words. */
  constructor(words: number) {
    this.words = words;
    this.blocks = [new Int32Array(BLOCK * words)];
  }

  /** Bytes that the blocks take. */
  get bytes(): number {
    return (this.blocks.length + this.spare.length) * BLOCK * this.words * 4;
  }

  /** Puts a copy of `state` at the end. */
  push(state: Int32Array): void {
    const { words, blocks } = this;
    if (this.tail === BLOCK * words) {
      blocks.push(this.spare.pop() ?? new Int32Array(BLOCK * words));
      this.tail = 0;
    }
    const block = blocks[blocks.length - 1]!;
    const at = this.tail;
    for (let i = 0; i < words; i++) block[at + i] = state[i]!;
    this.tail = at + words;
    this.size++;
  }

  /** Takes the first state out, into `state`; false: there is none. */
  shift(state: Int32Array): boolean {
    if (this.size === 0) return false;
    const { words, blocks } = this;
    if (this.head === BLOCK * words) {
      this.spare.push(blocks.shift()!);
      this.head = 0;
    }
    const block = blocks[0]!;
    const at = this.head;
    for (let i = 0; i < words; i++) state[i] = block[at + i]!;
    this.head = at + words;
    this.size--;
    return true;
  }
}
