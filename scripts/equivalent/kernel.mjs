// Mutants of the machine that change nothing that anybody could see: by file, the line as it reads, what becomes of it, and why that is the
// same.

export const OF_KERNEL = [
  {
    file: 'packages/kernel/src/net/core/skb_pull.ts',
    code: 'if (kept !== i) copyFrag(to, frag);',
    mutator: 'ConditionalExpression',
    replacements: ['true'],
    reason: 'an entry that is copied onto itself is what it was',
  },
  {
    file: 'packages/kernel/src/net/core/skb_clone.ts',
    code: 'for (let m = skb.shinfo.fragList; m !== null && left > 0; m = m.next) {',
    mutator: 'ConditionalExpression',
    replacements: ['true'],
    reason: 'with nothing left to copy, nothing is copied of the members behind',
  },
];
