// Mutants that change nothing that anybody could see, for scripts/mutate.mjs: by file, the line as it reads, what becomes
// of it, and why that is the same. A line that no longer reads so stops the command.
export const EQUIVALENT = [
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
  {
    file: 'packages/search/src/exhaustive/frames.ts',
    code: 'if (size > SMALL) return this.keep(head, size, before);',
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'a data area is kept word by word or as a block: the same bytes, in another time',
  },
  {
    file: 'packages/search/src/exhaustive/layouts.ts',
    code: "const changing = fields.filter(([, is]) => is !== 'constant').map(([name]) => name);",
    mutator: 'MethodExpression',
    replacements: ['fields'],
    reason: 'a field that never changes is put back as what it is',
  },
  {
    file: 'packages/search/src/exhaustive/layouts.ts',
    code: 'return compiled(fields, [], FIELDS, this.frames);',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'no object has a field of that name, and below nothing there is nothing',
  },
  {
    file: 'packages/search/src/exhaustive/machine-fingerprint.ts',
    code: "if (typeof v === 'number') this.number(v);",
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'the general case, `value`, does the same with a number',
  },
  {
    file: 'packages/search/src/swarm/swarm.ts',
    code: 'const stop = deviations.findIndex((d) => d.step === CLOCK_STOPS);',
    mutator: 'ConditionalExpression',
    replacements: ['true'],
    reason:
      'runs of a batch begin with steps by the clock, which are no deviations: its stop is the first',
  },
  {
    file: 'packages/search/src/visited.ts',
    code: 'if ((lo | hi) === 0) continue;',
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'an empty slot that is moved to an empty slot leaves it empty',
  },
];
