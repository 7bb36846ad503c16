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
      'sock_queue_err_skb refuses a packet whose truesize is more than the receive buffer has room for; scripts that cut and shift run truesize up or below zero, which the model does not compare',
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
