// Callers' code need not have been compiled: what is no design, workload, kernel, seed, bound, token or capture is said in one line
// before anything runs. A bound that is no number bounded nothing, or all, and a search of nothing was exhausted.
import { allDesigns } from '@lastref/runner';
import { design as naive } from '@lastref/strategies/naive-sendpage';
import { DEFAULT_BOUND } from '@lastref/search';
import { describe, expect, test } from 'vitest';
import { captureWorkloads, check, readCapture, runCell, shrink, story } from '../src/index.ts';
import { designIn } from '../src/given.ts';

const NOT_ONE: readonly unknown[] = [null, 0, NaN, true, 10n, 'x\ny\0', [], {}, () => 1, Symbol()];
const NOT_WHOLE: readonly unknown[] = [null, -1, 1.5, NaN, Infinity, '1', 10n, {}, true];

/** What it throws; null: nothing. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return null;
  } catch (error) {
    return error;
  }
}

/** A line that says what is wrong, and no error from the inside. */
async function saidOf(call: () => unknown): Promise<string> {
  const error = await thrownBy(call);
  expect(error).toBeInstanceOf(Error);
  const { name, message } = error as Error;
  expect(`${name}: ${message}`).toMatch(/^(UsageError|CaptureError): .+$/);
  expect(message).not.toMatch(/undefined \(|is not a function|Cannot read/);
  return message;
}

const cell = { design: naive, workload: 'nfs-odirect' };
const token = (): string => runCell(cell).findings[0]!.token;

/** As who has no compiler calls them. */
const any = <T>(given: unknown): T => given as T;

describe.each<[string, (bad: never) => unknown]>([
  ['runCell', (bad) => runCell(bad)],
  ['the design of a cell', (bad) => runCell({ ...cell, design: bad })],
  ['the workload of a cell', (bad) => runCell({ ...cell, workload: bad })],
  ['the kernel of a cell', (bad) => runCell({ ...cell, era: bad })],
  ['check', (bad) => check(bad)],
  ['the design of a search', (bad) => check({ ...cell, design: bad })],
  ['the design of a story', (bad) => story(bad, token())],
  ['a token', (bad) => story(naive, bad)],
  ['the design of what is shrunk', (bad) => shrink(bad, token())],
  ['a token that is shrunk', (bad) => shrink(naive, bad)],
  ['the path of a capture', (bad) => captureWorkloads(bad)],
  ['the bytes of a capture', (bad) => readCapture(bad)],
])('%s', (_, call) => {
  test.each(NOT_ONE.map((bad) => [bad]))('is not %s', async (bad) => {
    expect(await saidOf(() => call(any(bad)))).not.toBe('');
  });
});

describe.each(Object.keys(DEFAULT_BOUND))('bound.%s', (name) => {
  test.each([...NOT_WHOLE, 1e9].map((bad) => [bad]))('is not %s', async (bad) => {
    const line = await saidOf(() => check({ ...cell, bound: any({ [name]: bad }) }));
    expect(line).toContain(`bound.${name}: a whole number from`);
  });
});

test('a bound with a name that none has is no bound', async () => {
  const bound = any<object>({ drop: 0 });
  expect(await saidOf(() => check({ ...cell, bound }))).toBe(
    "bound has no 'drop'; did you mean drops?",
  );
  for (const bad of NOT_ONE.filter((one) => one === null || typeof one !== 'object'))
    await saidOf(() => check({ ...cell, bound: any(bad) }));
});

test.each(NOT_WHOLE.map((bad) => [bad]))('a seed is not %s', async (seed) => {
  expect(await saidOf(() => runCell({ ...cell, seed: any(seed) }))).toMatch(/^seed: /);
  expect(await saidOf(() => captureWorkloads('x', any(seed)))).toMatch(/^driverTicks: /);
});

test.each([[undefined], [{}], [7]])('what is created is not %s', async (made) => {
  const design = { ...naive, create: () => any<never>(made) };
  expect(await saidOf(() => runCell({ ...cell, design }))).toContain(
    'what create of naive-sendpage returned',
  );
});

test('a token of a program above a socket is not one of a design', async () => {
  const above = token().replace('.nfs-odirect.', '.runtime-plain.');
  expect(await saidOf(() => story(naive, above))).toContain('runtime-plain is for runtimes');
});

test('a very long name is not looked for, nor said in full', async () => {
  const long = 'x'.repeat(1 << 20);
  for (const bad of [{ workload: long }, { era: long }, { design: { ...naive, id: long } }])
    expect((await saidOf(() => runCell({ ...cell, ...bad }))).length).toBeLessThan(2000);
});

test('every design of the repository is one', async () => {
  for (const { design } of await allDesigns())
    expect(designIn(design)).toMatchObject({ id: design.id });
});
