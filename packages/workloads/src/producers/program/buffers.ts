// The buffers of a program, each of so many pages: with whoever asks for sends, or with the program.
import { PAGE_SIZE, declareState, type Loan, type Page } from '@lastref/kernel';

/** Where a buffer is: with whoever asks for sends, or with the program. */
export const Holder = { APPLICATION: 0, PROGRAM: 1 } as const;

export class SendBuffer {
  readonly pages: Page[];
  holder: number = Holder.APPLICATION;
  /** What was sent from it since the program got it last. */
  loans: Loan[] = [];

  constructor(pages: Page[]) {
    this.pages = pages;
  }
}

declareState(SendBuffer, { state: 'pages holder loans' });

/** Does `work` with each page of bytes `offset` to `offset + size`, until one takes less than it was given. */
export function pagesOf(
  { pages }: SendBuffer,
  offset: number,
  size: number,
  work: (page: Page, into: number, bytes: number) => number,
): number {
  let done = 0;
  while (done < size) {
    const at = offset + done;
    const into = at % PAGE_SIZE;
    const wanted = Math.min(size - done, PAGE_SIZE - into);
    const taken = work(pages[Math.floor(at / PAGE_SIZE)]!, into, wanted);
    done += taken;
    if (taken < wanted) break;
  }
  return done;
}
