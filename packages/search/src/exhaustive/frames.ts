// The bytes of a machine that a moment keeps: those of pages and heads that somebody has, and of free pages only where
// somebody wrote to them all the same; the others are poisoned.
import type { ShadowMemory } from '@lastref/judge';
import {
  PAGE_SIZE,
  POISON_FREE,
  type Page,
  type Kernel,
  type SkbSharedInfo,
} from '@lastref/kernel';

/** Bytes of a data area that are kept word by word, which is faster where there are few. */
const SMALL = 512;

export class Frames {
  private readonly k: Kernel;
  /** How often each free page had been written when its bytes were last seen to be poison; -1: unknown. By slot. */
  private poisonedAt = new Int32Array(64).fill(-1);
  private readonly poison = Buffer.alloc(PAGE_SIZE, POISON_FREE);
  private mem: Buffer;
  private words: Int32Array;
  private readonly freed = (page: Page): void => this.free(page);

  constructor(k: Kernel) {
    this.k = k;
    const { buffer, byteOffset, byteLength } = k.mem;
    this.mem = Buffer.from(buffer, byteOffset, byteLength);
    this.words = new Int32Array(buffer, byteOffset, byteLength >> 2);
  }

  /** The machine's memory, which it replaces as it grows. */
  private memory(): Buffer {
    const { mem } = this.k;
    if (this.mem.buffer !== mem.buffer) {
      this.mem = Buffer.from(mem.buffer, mem.byteOffset, mem.byteLength);
      this.words = new Int32Array(mem.buffer, mem.byteOffset, mem.byteLength >> 2);
    }
    return this.mem;
  }

  /** The bytes of a page: `before` if they are those. */
  keepPage(page: Page, before: unknown): unknown {
    return page.address < 0 ? null : this.keep(page.address, PAGE_SIZE, before);
  }

  restorePage(page: Page, bytes: unknown): void {
    this.dirty(page.slot);
    if (bytes !== null) this.memory().set(bytes as Buffer, page.address);
  }

  /** The bytes of a data area that is not a page. */
  keepHead({ slot, head, end, headPage }: SkbSharedInfo, before: unknown): unknown {
    if (slot < 0 || headPage !== null) return null;
    const size = end - head;
    if (size > SMALL) return this.keep(head, size, before);
    this.memory();
    const { words } = this;
    const from = head >> 2;
    const n = (size + 3) >> 2;
    if (Array.isArray(before) && before.length === n) {
      const old = before as number[];
      let i = 0;
      while (i < n && old[i] === words[from + i]) i++;
      if (i === n) return old;
    }
    const copy: number[] = [];
    for (let i = 0; i < n; i++) copy.push(words[from + i]!);
    return copy;
  }

  restoreHead({ head }: SkbSharedInfo, bytes: unknown): void {
    if (bytes === null) return;
    if (!Array.isArray(bytes)) {
      this.memory().set(bytes as Buffer, head);
      return;
    }
    this.memory();
    const { words } = this;
    const from = head >> 2;
    for (let i = 0; i < bytes.length; i++) words[from + i] = (bytes as number[])[i]!;
  }

  /** The copies that the judge keeps of what was lent. */
  keepShadows({ bytes, used }: ShadowMemory, before: unknown): unknown {
    return this.keepOf(bytes, 0, used, before);
  }

  restoreShadows({ bytes }: ShadowMemory, kept: unknown): void {
    bytes.set(kept as Buffer);
  }

  private keep(at: number, size: number, before: unknown): Buffer {
    return this.keepOf(this.memory(), at, size, before);
  }

  private keepOf(mem: Buffer, at: number, size: number, before: unknown): Buffer {
    if (
      before instanceof Buffer &&
      before.length === size &&
      mem.compare(before, 0, size, at, at + size) === 0
    )
      return before;
    const copy = Buffer.allocUnsafeSlow(size);
    mem.copy(copy, 0, at, at + size);
    return copy;
  }

  private dirty(slot: number): void {
    if (slot >= this.poisonedAt.length) {
      const more = new Int32Array(2 * slot).fill(-1);
      more.set(this.poisonedAt);
      this.poisonedAt = more;
    }
    this.poisonedAt[slot] = -1;
  }

  /** Nobody has the page any more, or again nobody: what it is like then. */
  free(page: Page): void {
    if (page.address < 0 || this.poisonedAt[page.slot] === page.writes) return;
    this.memory().set(this.poison, page.address);
    this.dirty(page.slot);
    this.poisonedAt[page.slot] = page.writes;
  }

  /** Whatever was written to free pages is gone. */
  refresh(): void {
    this.k.pages.forEachFree(this.freed);
  }

  /** Free pages that are not poisoned, and their bytes; null: there is none. */
  writtenWhileFree(): [number, Uint8Array][] | null {
    let found: [number, Uint8Array][] | null = null;
    const mem = this.memory();
    this.k.pages.forEachFree((page) => {
      const { slot, address, writes } = page;
      if (address < 0 || this.poisonedAt[slot] === writes) return;
      this.dirty(slot);
      if (mem.compare(this.poison, 0, PAGE_SIZE, address, address + PAGE_SIZE) === 0)
        this.poisonedAt[slot] = writes;
      else (found ??= []).push([slot, Buffer.from(mem.subarray(address, address + PAGE_SIZE))]);
    });
    return found;
  }

  write(written: readonly (readonly [number, Uint8Array])[]): void {
    for (const [slot, bytes] of written) {
      this.dirty(slot);
      this.memory().set(bytes, this.k.pages.all[slot]!.address);
    }
  }
}
