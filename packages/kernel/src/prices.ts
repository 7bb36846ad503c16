// What a counter of the ledger is worth in nanoseconds. Rough on purpose: it orders designs by what they would cost a
// processor of about 2010, it does not predict a machine. Every coefficient says where it comes from.

export interface Coefficient {
  readonly counter: string;
  /** Where one processor does everything, and where the two of the host are on two sockets. */
  readonly ns: number;
  readonly nsHigh: number;
  readonly source: string;
}

function coefficient(counter: string, ns: number | [number, number], source: string): Coefficient {
  const [low, high] = typeof ns === 'number' ? [ns, ns] : ns;
  return { counter, ns: low, nsHigh: high, source };
}

/** Of a locked operation on a line in the own cache, of one whose line another socket has, and of a line another core has. */
const OWN = 12.2;
const OFF_SOCKET = 95.9;
const OFF_CORE = 31.2;
/** Ten cycles at 2.8 GHz. */
const L2 = 3.6;

export const COEFFICIENTS: readonly Coefficient[] = [
  coefficient(
    'atomicsRef',
    OWN,
    'CAS on a line in the own cache, 2.8 GHz Nehalem; P. McKenney, perfbook, cpu/overheads.tex',
  ),
  coefficient('atomicsDesign', OWN, 'as atomicsRef'),
  coefficient(
    'atomicsRefAway',
    [0, OFF_SOCKET - OWN],
    `on top of atomicsRef, where the other processor touched the count last: nothing if both are one, ${OFF_SOCKET} ns in all if the line comes from another socket (${OFF_CORE} from another core); the same table of perfbook`,
  ),
  coefficient('atomicsDesignAway', [0, OFF_SOCKET - OWN], 'as atomicsRefAway'),
  coefficient(
    'structLines',
    [L2, OFF_CORE],
    'a line of sk_buff, shared info or frags: from the second cache (10 cycles; Intel, Optimization Reference Manual, Nehalem) to that of another core (perfbook, as above)',
  ),
  coefficient('looked', [L2, OFF_CORE], 'an entry of a list of the design: a line, as structLines'),
  coefficient(
    'allocSkb',
    45,
    'SLUB object of 256 bytes, network-like use; J. D. Brouer, linux-mm msg81994',
  ),
  coefficient('allocHead', 45, 'as allocSkb, for every kmalloc class'),
  coefficient('allocDesign', 45, 'as allocSkb'),
  coefficient('allocPage', 45, 'as allocSkb; page allocation costs more, no era figure found'),
  coefficient(
    'copiedBytes',
    [0.1, 0.25],
    'a byte out of cache; no citable figure of the era, so the least certain one',
  ),
  coefficient('checksumBytes', [0.1, 0.25], 'as copiedBytes'),
  coefficient('indirectCalls', 5, 'a mispredicted indirect branch, about 15 cycles at 2.8 GHz'),
];

/** The two ends of an estimate: one processor does everything; the two of a host are on two sockets. */
export const ENDS = ['low', 'high'] as const;
export type End = (typeof ENDS)[number];
