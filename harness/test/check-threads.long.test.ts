// One search in two threads of one process: the answer is that of one thread, whatever the order in which they come by.
import { checkSchema } from '@lastref/report';
import { expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

test.each([
  ['ian-frag-destructor', 'bulk-loss', '--operations', '2'],
  ['copy-always', 'failover', '--era', '3.8'],
  // scope by scope, and one of them in the other thread
  ['ian-frag-destructor', 'nfs-odirect'],
])(
  'check %s %s %s %s',
  (...args) => {
    const ask = (threads: string) =>
      checkSchema.parse(
        JSON.parse(lastref('check', ...args, '--threads', threads, '--json').stdout),
      );
    const one = ask('1');
    expect(one.states).toBeGreaterThan(16_384); // else there is no second thread
    const two = ask('2');
    expect([two.digest, two.states]).toEqual([one.digest, one.states]);
  },
  400_000,
);
