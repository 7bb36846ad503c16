// The catalog of bugs: each is found where history had it, gone behind its fix, and told on a page of its own.
import { BUGS, type Bug } from '@lastref/bugs';
import { CHANGES } from '@lastref/kernel';
import { asItWas, bugsSchema, type BugRow } from '@lastref/report';
import { beforeAll, describe, expect, test } from 'vitest';
import { LONG, sample } from '../../scripts/tier.ts';
import { bugPage, bugsPage } from './house/bug-page.ts';
import { asCommitted } from './house/committed.ts';
import { printed } from './house/reference.ts';

const golden = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const bugs = sample(BUGS, 5, 1);

describe('a bug of history', () => {
  let rows: ReadonlyMap<string, BugRow>;

  beforeAll(() => {
    const ids = LONG ? [] : bugs.map((b) => b.id);
    const doc = bugsSchema.parse(JSON.parse(printed('bugs', ...ids, '--json')));
    rows = new Map(doc.rows.map((row) => [row.id, row]));
  }, 300_000);

  test.each(bugs)('$id is found, and gone behind its fix', (bug) => {
    const row = rows.get(bug.id)!;
    expect(asItWas(row), JSON.stringify([row.wrong.result, row.fixed])).toBe(true);
    expect(row.wrong.harm).toBe(bug.harm ?? row.wrong.harm);
    expect(row.clean / row.runs, 'a test meets it by chance').toBeGreaterThan(0.1);
  });

  test.each(bugs)('$id has its page', async (bug) => {
    const file = golden(`docs/bugs/${bug.id}.md`);
    await expect(asCommitted(bugPage(rows.get(bug.id)!, bug), file)).toMatchFileSnapshot(file);
  });

  test.runIf(LONG)('all stand in one table', async () => {
    const all = BUGS.map((b) => rows.get(b.id)!);
    const file = golden('docs/bugs.md');
    await expect(asCommitted(bugsPage(all), file)).toMatchFileSnapshot(file);
  });
});

describe('two versions', () => {
  /** A kernel, and the change that it has more or less. */
  const parts = (era: string) => {
    const [, name, , key] = /^(.+?)(?:([-+])([a-z]\w*))?$/.exec(era)!;
    return { name, key: key ?? null };
  };

  test.each(BUGS)(
    'of $id differ in what the fix changed, and in nothing else',
    ({ wrong, fixed }) => {
      const eras = [parts(wrong.era), parts(fixed.era)];
      const keys = eras.flatMap(({ key }) => key ?? []);
      expect(new Set(eras.map((e) => e.name)).size).toBe(1);
      expect(keys).toHaveLength(wrong.design === fixed.design ? 1 : 0);
      expect(Object.keys(CHANGES)).toEqual(expect.arrayContaining(keys));
    },
  );

  test('are of a bug with a name of its own', () => {
    const ids = BUGS.map((b: Bug) => b.id);
    expect(new Set(ids).size).toBe(ids.length);
    const years = BUGS.map((b) => b.year);
    expect(years).toEqual(years.toSorted((a, b) => a - b));
  });
});
