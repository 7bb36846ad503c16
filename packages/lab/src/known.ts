// Ways in which model and kernel part, and that stay: why, and whether it could change a verdict.

interface Known {
  readonly op: string;
  /** What was played before it, in this order. */
  readonly after: readonly string[];
  /** What the first of the words that differ look like: the model's, then the kernel's. */
  readonly says: RegExp;
  readonly reason: string;
  readonly couldChange: boolean;
}

const KNOWN: readonly Known[] = [
  {
    op: 'tstamp',
    after: ['shift'],
    says: /^=: 0 \| -12$/,
    reason:
      'sock_queue_err_skb refuses a packet that the receive buffer has no room for by truesize: skb_shift takes the bytes that it moves off a truesize to which a split had not added them (768 of a small head: 192, 256, 320), and below zero is more than any buffer; truesize is not compared',
    couldChange: false, // the kernel loses the time stamp, as where the socket is full; the model's holds its pages until it is read, a state of most scripts that agree
  },
  {
    op: 'tstamp',
    after: ['cowdata', 'ip6frag'],
    says: /^=: 0 \| -12$/,
    reason:
      'the same buffer and the same sum: ip6_fragment takes the truesize of each packet of the list off the first one, and skb_cow_data had put a larger copy in the place of one that was added (-2572 bytes, printed by the guest of 6.1); truesize is not compared',
    couldChange: false, // as above
  },
];

/** Do `names` stand in `list` in this order, whatever is between them? */
function inOrder(names: readonly string[], list: readonly string[]): boolean {
  let at = -1;
  return names.every((name) => (at = list.indexOf(name, at + 1)) >= 0);
}

/** What is known of a disagreement of `op`, behind the operations `before`; nothing: no reason, and it could change a verdict. */
export function known(
  op: string,
  before: readonly string[],
  differs: readonly string[],
): { readonly reason: string; readonly couldChange: boolean } {
  const first = differs[0] ?? '';
  const one = KNOWN.find((k) => k.op === op && inOrder(k.after, before) && k.says.test(first));
  return one === undefined
    ? { reason: '', couldChange: true }
    : { reason: one.reason, couldChange: one.couldChange };
}
