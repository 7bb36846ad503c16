// Numbers in sentences.

/** '1 order', '3 orders'. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** 'a', 'a and b', 'a, b and c'. */
export function listOf(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;
}

/** At most `most` of them by name, and how many more there are. */
export function someOf(words: readonly string[], most = 4): string {
  if (words.length <= most + 1) return listOf(words);
  return `${words.slice(0, most).join(', ')} and ${words.length - most} more`;
}

/** A share in per cent, without a fraction from 10 on. */
export function percent(part: number, of: number): string {
  if (of === 0) return '0 %';
  const p = (100 * part) / of;
  return `${p >= 10 || p === 0 ? Math.round(p) : Math.round(p * 10) / 10} %`;
}

/** A share of one in per cent: '3.1 %', '0 %'. */
export function share(of: number): string {
  return percent(of, 1);
}

/** Mean of `shares`, and the interval in which 95 of 100 such samples have it (Student's t over runs). */
export function interval(shares: readonly number[]): { mean: number; low: number; high: number } {
  const n = shares.length;
  const mean = shares.reduce((sum, x) => sum + x, 0) / n;
  if (n < 2) return { mean, low: 0, high: 1 };
  const variance = shares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const half = STUDENT * Math.sqrt(variance / n);
  return { mean, low: Math.max(0, mean - half), high: mean + half };
}

/** Of 24 runs or more; a little wide for more than 24. */
const STUDENT = 2.07;

/** Microseconds as somebody would say them. */
export function time(ticks: number): string {
  if (ticks < 1000) return `${Math.round(ticks)} µs`;
  if (ticks < 1_000_000) return `${round(ticks / 1000)} ms`;
  return `${round(ticks / 1_000_000)} s`;
}

/** One decimal, or none from 10 on. */
export function round(n: number): number {
  return n >= 10 ? Math.round(n) : Math.round(n * 10) / 10;
}
