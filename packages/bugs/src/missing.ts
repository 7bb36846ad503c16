// Bugs of the same kind that are known and stand in no file of the catalog: what would have to be there first.

export interface MissingBug {
  readonly id: string;
  readonly title: string;
  readonly year: number;
  readonly where: string;
  readonly source: string;
  /** What cannot be said yet, or seen. */
  readonly lacks: string;
}

export const MISSING: readonly MissingBug[] = [
  {
    id: 'ktls-anon',
    title: 'TLS never knew that it may encrypt in place, and always copied',
    year: 2019,
    where: 'FreeBSD, sys/kern/uipc_ktls.c',
    source: 'FreeBSD rS352816',
    lacks:
      'a property that a copy was needless: copies are counted as costs, and nothing is wrong with them',
  },
  {
    id: 'sockmap-uncharge',
    title: 'the memory of a message is given back twice when its target has gone',
    year: 2022,
    where: 'Linux, net/ipv4/tcp_bpf.c',
    source: 'commit 2486ab434b2c, CVE-2022-49205',
    lacks:
      "a second thing that is counted and judged beside pages: a socket's account of memory is kept here, and no property looks at it",
  },
  {
    id: 'ucx-gga-purge',
    title: 'a purge does not know the handler of an operation, and marks what it may not mark',
    year: 2026,
    where: 'UCX, src/uct/ib/mlx5/gga/gga_mlx5.c',
    source: 'openucx/ucx a9e009472b (PR 11509)',
    lacks:
      'operations of a transport that are objects of a pool: what went wrong is a flag that an operation had when it came back, and no page and no completion before that',
  },
];
