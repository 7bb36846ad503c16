// What is there and is no file, or no document, is named as what it is, before anything runs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'lastref-no-file-'));
afterAll(() => rmSync(dir, { recursive: true }));

const text = join(dir, 'text.json');
writeFileSync(text, 'not a document\n');
const list = join(dir, 'list.json');
writeFileSync(list, '[]\n');

const TOKEN = /lr2\.\S+/.exec(
  lastref('check', 'rpc-reply', 'nfs-odirect', '--operations', '1').stdout,
)![0];

test.each([
  [['recording', dir], 'a directory; a recording is wanted'],
  [['bugs', '--with', dir], 'no file'],
  [['compare', '--with', dir], 'no file; --with takes the path of a design'],
  [['check', 'x', 'nfs-odirect', '--with', '/dev/null'], 'no file; --with takes the path'],
  [['replay', TOKEN, '--trace', text], 'what is there is no directory'],
  [['compare', '--against', text], 'this is no JSON, so no document that lastref wrote'],
  [['compare', '--against', list], 'is not such a document (Invalid input'],
  [['bench', '--compare', dir, dir], 'a directory, where a file is wanted'],
  [['bench', '--compare', text, text], 'this is no JSON, so no document that lastref wrote'],
  [['bench', '--compare', join(dir, 'none'), text], 'no such file; --compare takes two bench.json'],
  [['report', '--from', text], 'this is no directory; --from takes one with compare.json'],
  [['report', '--claims', dir], 'this is no file; --claims takes'],
  [['lab', '--image', dir, '--headers', dir], 'no file; --image takes a bzImage'],
  [['lab', '--image', text, '--headers', dir], 'has no include/generated/utsrelease.h'],
  [['lab', '--image', text, '--headers', join(dir, 'none')], 'none does not exist'],
])('%j', (args, says) => {
  const { code, stdout, stderr } = lastref(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(says);
  expect(
    stderr
      .trimEnd()
      .split('\n')
      .filter((line) => line.startsWith('lastref:')),
  ).toHaveLength(1);
  expect(stderr).not.toContain('compare: ');
});
