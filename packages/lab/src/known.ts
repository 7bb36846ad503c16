// Ways in which model and kernel part, and that stay: why, and whether it could change a verdict.

interface Known {
  readonly op: string;
  /** What one of the words that differ looks like: the model's, then the kernel's. */
  readonly says: RegExp;
  readonly reason: string;
  readonly couldChange: boolean;
}

const KNOWN: readonly Known[] = [
  {
    op: 'tstamp',
    says: /^=: 0 \| -12$/,
    reason:
      'sock_queue_err_skb refuses a packet that the receive buffer has no room for by truesize: skb_shift takes the bytes that it moves off a truesize to which a split had not added them (768 of a small head: 192, 256, 320), and below zero is more than any buffer; truesize is not compared',
    couldChange: false, // the time stamp is lost, as it is when the socket is full; no page has another holder
  },
];

/** What is known of a disagreement; nothing: no reason, and it could change a verdict. */
export function known(
  op: string,
  differs: readonly string[],
): { readonly reason: string; readonly couldChange: boolean } {
  const one = KNOWN.find((k) => k.op === op && differs.some((words) => k.says.test(words)));
  return one === undefined
    ? { reason: '', couldChange: true }
    : { reason: one.reason, couldChange: one.couldChange };
}
