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

const TWO_CPUS =
  'a step of this kind that may come in while another one runs (check --cpus 2 lets devices and readers come in)';

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
    id: 'expand-head-page-pool',
    title: 'a clone with a head of its own, and the packet it is of, both recycle the pages',
    year: 2021,
    where: 'Linux, net/core/skbuff.c skb_release_data',
    source: 'commit 2cc3aeb5eccc',
    lacks: `${TWO_CPUS}, and the mapping for DMA that ends when a page leaves its pool: one after the other, the plain reference of the clone makes up for the mark that it kept`,
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
    id: 'netfront-query',
    title: 'a grant is asked whether it is mapped, and mapped before it is revoked',
    year: 2022,
    where: 'Linux, drivers/net/xen-netfront.c',
    source: 'commit 31185df7e2b1, CVE-2022-23037, XSA-396',
    lacks: `${TWO_CPUS}: that of the other domain`,
  },
  {
    id: 'pagepool-ring',
    title: 'a pool is freed while its last page is still being put into its ring',
    year: 2025,
    where: 'Linux, net/core/page_pool.c',
    source: 'commit 271683bb2cf3, CVE-2025-38129',
    lacks: `${TWO_CPUS}, and a pool that can go away`,
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
  {
    id: 'zcrx-user-ref',
    title: 'a count is read and then decremented while another path takes all of it',
    year: 2026,
    where: 'Linux, io_uring/zcrx.c',
    source: 'io_uring zero-copy receive, refill and scrub: a loop of compare-and-exchange since',
    lacks: TWO_CPUS,
  },
];
