// Mutants of how a search goes through its states, and of random runs, that change nothing that anybody could see: by file, the line as it
// reads, what becomes of it, and why that is the same.

export const OF_SEARCH = [
  {
    file: 'packages/search/src/exhaustive/bound.ts',
    code: 'if (place === -1) return -1;',
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'what no bound has a place for none allows: the line below says the same',
  },
  {
    file: 'packages/search/src/exhaustive/depth-first.ts',
    code: 'return this.backwards ? helping === Helping.UNWANTED : helping === Helping.FOUND;',
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'who is not called off comes to the end by itself: the same answer, later',
  },
  {
    file: 'packages/search/src/exhaustive/choices.ts',
    code: 'for (let at = 0; at < rows.length; at += Row.WORDS) if (rows[at + Row.ID] === id) return at;',
    mutator: 'EqualityOperator',
    replacements: ['at <= rows.length'],
    reason: 'behind the last row no row has an id',
  },
  {
    file: 'packages/search/src/exhaustive/coupled.ts',
    code: 'n++;',
    mutator: 'UpdateOperator',
    replacements: ['n--'],
    reason: 'how many parts there are, and the opposite of that, tell as much',
  },
  {
    file: 'packages/search/src/exhaustive/edges.ts',
    code: 'place: rows[at + Row.PLACE]!,',
    mutator: 'ArithmeticOperator',
    replacements: ['at - Row.PLACE'],
    reason: 'the place is the first word of a row',
  },
  {
    file: 'packages/search/src/exhaustive/explore.ts',
    code: 'if (some === null && shared.foundByHelper) {',
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'then it is searched alone, as mustGoOnAlone says: the same answer, later',
  },
  {
    file: 'packages/search/src/exhaustive/start.ts',
    code: 'for (const o of objects.reverse()) slab.free(o);',
    mutator: 'MethodExpression',
    replacements: ['objects'],
    reason: 'which object of a slab comes first is a name',
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
  {
    file: 'packages/search/src/exhaustive/selection.ts',
    code: 'const later = reduces ? lostLater(agenda, bound, rows, spent) : [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is asked for places, and a text is none',
  },
  {
    file: 'packages/search/src/visited.ts',
    code: 'for (let i = 0; i < old.length; i += 2) {',
    mutator: 'EqualityOperator',
    replacements: ['i <= old.length'],
    reason: 'behind the end of the table there is no key',
  },
  {
    file: 'packages/search/src/exhaustive/breadth-first.ts',
    code: 'let fresh = true;',
    mutator: 'BooleanLiteral',
    replacements: ['false'],
    reason: 'the machine is in the state already, and is brought there once more',
  },
  {
    file: 'packages/search/src/swarm/swarm.ts',
    code: 'for (const finding of findings.slice()) this.meet(finding, taken);',
    mutator: 'MethodExpression',
    replacements: ['findings'],
    reason: 'a judgement has a list of its own (`Judge.findings`), which no later run changes',
  },
  {
    file: 'packages/search/src/exhaustive/ample.ts',
    code: '(found ??= []).push(at);',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is asked for places (`Selector.in`), and a text is none',
  },
  {
    file: 'packages/search/src/exhaustive/depth-first.ts',
    code: 'if (this.shared?.has(fingerprint.hi, fingerprint.lo) === true) return null;',
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'what the other thread is through with is then gone through once more',
  },
  {
    file: 'packages/search/src/exhaustive/depth-first.ts',
    code: 'const moment = taken.length > 1 || player.mayArm(spent) ? this.start.moment() : null;',
    mutator: 'EqualityOperator',
    replacements: ['taken.length <= 1'],
    reason: 'where no moment was kept the way from the last one is played again (`machineIn`)',
  },
  {
    file: 'packages/search/src/exhaustive/depth-first.ts',
    code: 'while (from > 0 && stack[from]!.moment === null) from--;',
    mutator: 'ConditionalExpression',
    replacements: ['true'],
    reason: 'the whole way is then played again',
  },
  {
    file: 'packages/search/src/exhaustive/breadth-first.ts',
    code: 'function hasStep(rows: Int32Array): boolean {',
    mutator: 'BlockStatement',
    replacements: ['{}'],
    reason:
      'a machine that goes on says nothing when it is asked as at its end (`Cell.over`), and is come to by its steps',
  },
  {
    file: 'packages/search/src/exhaustive/breadth-first.ts',
    code: 'if (hasStep(rows) || timerCut) {',
    mutator: 'BlockStatement',
    replacements: ['{}'],
    reason:
      'no moment is kept then, and a machine that goes on says nothing when it is asked as at its end (`Cell.over`)',
  },
  {
    file: 'packages/search/src/random.ts',
    code: 'drain(cell, []);',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'steps are written behind what is in the list, and nobody reads it',
  },
  {
    file: 'packages/search/src/exhaustive/player.ts',
    code: 'if (tears && spendOne(bound, this.spent, Spend.TEARDOWN) >= 0) return; // who is torn down reads no more',
    mutator: 'EqualityOperator',
    replacements: ['spendOne(bound, this.spent, Spend.TEARDOWN) > 0'],
    reason:
      'a teardown is allowed or not: what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/player.ts',
    code: 'const failing = spendOne(bound, edge.spent, Spend.FAILURE) >= 0;',
    mutator: 'EqualityOperator',
    replacements: ['spendOne(bound, edge.spent, Spend.FAILURE) > 0'],
    reason:
      'a failure is allowed or not: what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/player.ts',
    code: 'const preempted = edge.arms.length === 0 && spendOne(bound, edge.spent, Spend.PREEMPTION) >= 0;',
    mutator: 'EqualityOperator',
    replacements: ['spendOne(bound, edge.spent, Spend.PREEMPTION) > 0'],
    reason:
      'a step of another processor is allowed or not: what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/player.ts',
    code: 'spendOne(bound, spent, Spend.FAILURE) >= 0 || spendOne(bound, spent, Spend.PREEMPTION) >= 0',
    mutator: 'EqualityOperator',
    replacements: [
      'spendOne(bound, spent, Spend.FAILURE) > 0',
      'spendOne(bound, spent, Spend.PREEMPTION) > 0',
    ],
    reason:
      'either is allowed or not: what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/ample.ts',
    code: 'spendOne(bound, spent, Spend.DUPLICATE) >= 0 || spendOne(bound, spent, Spend.OVERTAKE) >= 0',
    mutator: 'EqualityOperator',
    replacements: [
      'spendOne(bound, spent, Spend.DUPLICATE) > 0',
      'spendOne(bound, spent, Spend.OVERTAKE) > 0',
    ],
    reason:
      'either is allowed or not: what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/by-chance.ts',
    code: 'if (spent < 0 || failures.length === 0) return edge;',
    mutator: 'EqualityOperator',
    replacements: ['spent <= 0'],
    reason:
      'a failure is allowed or not: what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/edges.ts',
    code: 'if (spent >= 0) out.push(withArm(edge, { place, verb: rows[at + Row.VERB]!, item }, spent));',
    mutator: 'EqualityOperator',
    replacements: ['spent > 0'],
    reason:
      'what is armed is a failure or a step of another processor (`happens`): what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/edges.ts',
    code: 'if (spent >= 0) for (const step of passed.arising.steps) out.push(withArm(edge, step, spent));',
    mutator: 'EqualityOperator',
    replacements: ['spent > 0'],
    reason:
      'a step of another processor is allowed or not: what a run has spent behind it has that in it (`spendOne`), and is more than nothing',
  },
  {
    file: 'packages/search/src/exhaustive/coupled.ts',
    code: 'private now: unknown[] = [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is emptied before what a design knows now is written into it',
  },
  {
    file: 'packages/search/src/exhaustive/coupled.ts',
    code: 'for (const side of SIDES) all += cost[side + Cost.COMPLETIONS]!;',
    mutator: 'AssignmentOperator',
    replacements: ['all -= cost[side + Cost.COMPLETIONS]!'],
    reason: 'how many were told, and the opposite of that, tell as much',
  },
  {
    file: 'packages/search/src/exhaustive/shared.ts',
    code: 'if (was === from) Atomics.notify(this.counts, Count.HELPING);',
    mutator: 'ConditionalExpression',
    replacements: ['true'],
    reason:
      'one thread waits, while the other works, and then no turn of either comes to nothing (`Together.end`, `assist`): nobody is there to be woken',
  },
  {
    file: 'packages/search/src/exhaustive/coupled.ts',
    code: 'private before: unknown[] = [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason:
      'it is emptied before what a design knows is written into it, and nobody asks for what differs before that',
  },
  {
    file: 'packages/search/src/exhaustive/audit.ts',
    code: 'if (at < 0 && first.length === second.length) return null;',
    mutator: 'ConditionalExpression',
    replacements: ['true'],
    reason:
      'the shorter of two ends with a line that only an end has, so no longer one begins with it',
  },
  {
    file: 'packages/search/src/exhaustive/arising.ts',
    code: 'private readonly before: number[] = [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is emptied as a step begins to be watched, and before that there is no point',
  },
  {
    file: 'packages/search/src/exhaustive/depth-first.ts',
    code: 'if (found === null) this.finish(state, tally);',
    mutator: 'ConditionalExpression',
    replacements: ['true'],
    reason:
      'what was found ends the search, and nobody asks what was counted where it shows; of two threads the other is called off, or shows it itself',
  },
  {
    file: 'packages/search/src/exhaustive/depth-first.ts',
    code: 'if (this.here === frame.state) return start.machineInUse;',
    mutator: 'ConditionalExpression',
    replacements: ['false'],
    reason: 'the machine is in the state already, and is brought there once more',
  },
  {
    file: 'packages/search/src/exhaustive/shared.ts',
    code: 'while (slots * 0.6 < states) slots *= 2;',
    mutator: 'EqualityOperator',
    replacements: ['slots * 0.6 <= states'],
    reason: 'six tenths of a power of two is no whole number of states',
  },
  {
    file: 'packages/search/src/exhaustive/choices.ts',
    code: 'const pairs: number[] = [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is emptied before a source writes what can be chosen there',
  },
  {
    file: 'packages/search/src/swarm/swarm.ts',
    code: 'const pairs: number[] = [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is emptied before a source writes what can be chosen there',
  },
  {
    file: 'packages/search/src/swarm/swarm.ts',
    code: 'private readonly pairs: number[] = [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is emptied before a source writes what can be chosen there',
  },
  {
    file: 'packages/search/src/exhaustive/arising.ts',
    code: 'private readonly pairs: number[] = [];',
    mutator: 'ArrayDeclaration',
    replacements: ['["Stryker was here"]'],
    reason: 'it is emptied before a source writes what is possible there',
  },
  {
    file: 'packages/search/src/exhaustive/coupled.ts',
    code: 'for (let i = 0; i < now.length; i++) if (!Object.is(now[i], before[i])) return true;',
    mutator: 'EqualityOperator',
    replacements: ['i <= now.length'],
    reason: 'behind the end of two lists of one length there is nothing in both',
  },
  {
    file: 'packages/search/src/swarm/coverage.ts',
    code: 'this.add(Math.min(shinfo.dataref & 0xffff, MANY) * 8 + Math.min(shinfo.nrFrags, MANY));',
    mutator: 'ArithmeticOperator',
    replacements: ['Math.min(shinfo.dataref & 0xffff, MANY) * 8 - Math.min(shinfo.nrFrags, MANY)'],
    reason: 'each two counts, of at most four, have a number of their own all the same',
  },
];
