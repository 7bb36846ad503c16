// What the clock counts beside verdicts: how many pages are away at once, and what a message costs by its size.
import { copiedOf, runOf } from './sized.ts';
import { describe, expect, test } from 'vitest';

const KIB = 1024;
const MIB = KIB * KIB;

describe('the most pages that are away at once', () => {
  test('are those of one message where the producer is told when its call returns', async () => {
    expect((await runOf('naive-sendpage', 4 * KIB)).peakPages).toBe(1);
    expect((await runOf('naive-sendpage', 64 * KIB)).peakPages).toBe(16);
  });

  test('are all of a message whose last page is told of last', async () => {
    expect((await runOf('ian-frag-destructor', MIB)).peakPages).toBe(256);
  });

  test.each(['ian-frag-destructor', 'sock-wfree'])('%s: no fewer than in the mean', async (id) => {
    const { peakPages, ticks, judgement } = await runOf(id, 16 * KIB);
    expect(peakPages * ticks).toBeGreaterThanOrEqual(judgement.pinnedPageTicks);
    expect(peakPages).toBeLessThanOrEqual(256);
  });
});

describe('a message', () => {
  test.each([4 * KIB, 64 * KIB, MIB])(
    'of %d bytes is copied once, or not at all',
    async (bytes) => {
      expect(await copiedOf('copy-always', bytes)).toBe(bytes);
      expect(await copiedOf('ian-frag-destructor', bytes)).toBeLessThan(bytes / 100);
    },
  );
});
