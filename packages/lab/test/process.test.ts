// What is missing is named with its package.
import { expect, test } from 'vitest';
import { needTools } from '../src/index.ts';

test('what is missing is named at once, each with its package', () => {
  const tools = [
    { program: 'no-such-qemu', package: 'qemu-system-x86' },
    { program: 'node', package: 'nodejs' },
    { program: 'no-such-gcc', package: 'gcc-12' },
  ];
  expect(() => needTools(tools)).toThrow(
    'not found: no-such-qemu (qemu-system-x86), no-such-gcc (gcc-12). On Debian: apt-get install qemu-system-x86 gcc-12',
  );
});
