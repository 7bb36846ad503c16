// Numbers as a reader says them. No imports: the page in a browser uses it too.

/** '1 design', '2 designs'. */
export function many(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Ticks of 1 µs for a reader: '340 µs', '1.7 s'. */
export function duration(ticks: number): string {
  if (ticks === 0) return '0';
  if (ticks < 1_000) return `${ticks} µs`;
  if (ticks < 1_000_000) return `${(ticks / 1_000).toFixed(ticks < 10_000 ? 1 : 0)} ms`;
  return `${(ticks / 1_000_000).toFixed(1)} s`;
}
