// One line more in the list of trees is one era more everywhere: played on a copy of the sources, by the command line.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Copy } from './house/copy.ts';

const copy = new Copy();

beforeAll(() => {
  copy.change('packages/kernel/src/era.ts', "  '4.14',\n", "  '4.14',\n  '4.19.300',\n");
});

afterAll(() => copy.remove());

/** What the copy prints: stdout and stderr. */
function lastref(...args: string[]): { out: string; said: string } {
  const { code, stdout, stderr } = copy.lastref(...args);
  expect(code, stderr).toBe(0);
  return { out: stdout, said: stderr };
}

test('it is listed, in its place', { timeout: 60_000 }, () => {
  const { eras } = JSON.parse(lastref('list', '--json').out) as { eras: string[] };
  const at = eras.indexOf('4.19.300');
  expect(eras.slice(at - 1, at + 2)).toEqual(['4.14', '4.19.300', '5.10.223']);
});

test('every command that takes an era names it in its help', { timeout: 60_000 }, () => {
  for (const command of ['compare', 'movers', 'layout'])
    expect(lastref(command, '--help').out, command).toContain('4.19.300');
});

test('operations run in it, with what 4.18 brought', { timeout: 120_000 }, () => {
  const { out, said } = lastref('movers', '--era', '4.19', '--designs', 'copy-always', '--json');
  const doc = JSON.parse(out) as {
    eras: string[];
    rows: { mover: string; cells: Record<string, { verdict: string }> }[];
  };
  expect(said).toContain('era 4.19 stands for 4.19.300');
  expect(doc.eras).toEqual(['4.19.300']);
  const verdict = (id: string) =>
    doc.rows.find((row) => row.mover === id)!.cells['copy-always']!.verdict;
  expect(verdict('tcp_zerocopy_receive')).not.toBe('n/a');
  expect(verdict('tcp_clone_payload')).toBe('n/a');
});

test('it has a layout, borrowed and said to be', { timeout: 60_000 }, () => {
  const { out } = lastref('layout', '--era', '4.19.300', '--designs', 'copy-always', '--json');
  const { eras } = JSON.parse(out) as { eras: unknown[] };
  expect(eras).toEqual([
    { id: '4.19.300', as: '3.8', note: 'laid out as 3.8, the nearest that was compared' },
  ]);
});
