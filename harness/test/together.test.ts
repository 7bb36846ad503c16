// Flags that a command would not heed are refused in one line, before it does anything.
import { expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const CHECK = ['check', 'rpc-reply', 'nfs-odirect'];
const KEEPING = ['--fail-on', 'disagrees'];

test.each<[string[], string]>([
  [['lab', '--live', 'all', '--merge', 'one,two'], '--live and --merge are one question each'],
  [
    ['lab', '--merge', 'one,two', '--kernel', '6.1'],
    '--kernel does not go with --merge, which takes --out, --json, --fail-on, --exclude, --junit and --sarif',
  ],
  [
    ['lab', '--mutants', '1', ...KEEPING],
    '--fail-on does not go with --mutants, which takes --seed, --hunt and --out',
  ],
  [['lab', '--hunt', '3'], '--hunt says nothing by itself: it goes with --mutants'],
  [['lab', '--runs', '3'], '--runs says nothing by itself: it goes with --live or --token'],
  [
    ['lab', '--kernel', '6.1', '--image', 'bzImage', '--headers', 'dir'],
    '--kernel and --image do not go together',
  ],
  [
    ['lab', '--live', 'all', ...KEEPING],
    '--fail-on disagrees would find nothing: disagrees is what scripts do',
  ],
  [
    ['bench', '--compare', 'old.json', 'new.json', '--rounds', '3'],
    '--rounds does not go with --compare, which takes --json',
  ],
  [['campaign', '--resume'], '--resume says nothing by itself: it goes with --out'],
  [['campaign', '--patience', '9'], '--patience says nothing by itself: it goes with --queue'],
  [
    ['campaign', '--queue', 'redis://h', '--with', 'x.ts', '--trust'],
    '--queue and --trust do not go together',
  ],
  [['campaign', '--corpus-max', '9'], '--corpus-max says nothing by itself: it goes with --corpus'],
  [
    ['campaign', '--merge', 'one,two', '--runs', '5'],
    '--runs does not go with --merge, which takes --corpus, --corpus-max, --with, --trust, --json, --fail-on, --exclude, --junit and --sarif',
  ],
  [['movers', '--newest', '--era', '3.8'], '--newest and --era do not go together'],
  [['sites', '--kernel', '6.1', '--era', '7.2'], '--kernel and --era do not go together'],
  [['sites', '.', '--with', 'x.ts'], '--with says nothing by itself: it goes with --design'],
  [
    ['sites', '.', '--fail-on', 'mismatch'],
    '--fail-on mismatch would find nothing: unhooked takes a --patch, mismatch a tree whose name is known (--era or --kernel)',
  ],
  [
    [...CHECK, '--property', 'late', '--fail-on', 'early'],
    '--fail-on early would find nothing: --property late looks for that alone',
  ],
  [
    ['check', 'rpc-reply', 'nfs-odirect~2', '--operations', '3'],
    '~2 and --operations 3: the workload has one number of operations',
  ],
  [
    [...CHECK, '--threads', '2', '--with', 'x.ts'],
    '--threads 2 and --with do not go together: one thread asks a candidate',
  ],
  [[...CHECK, '--trust'], '--trust says nothing by itself: it goes with --with'],
  [['report', '--text', '--json'], '--text and --json do not go together'],
  [['exercise', '--out', 'x.ts'], 'which exercise? repair-copies, '],
  [['exercise', 'repair-copies', '--json'], '--json says nothing by itself: it goes with --with'],
])('%j', (args, line) => {
  const { code, stdout, stderr } = lastref(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.split('\n')).toEqual([expect.stringContaining(`lastref: ${line}`), '']);
});
