// The catalog of bugs: each is found where history had it, gone behind its fix, and told on a page of its own.
import { BUGS, MISSING, boundOf, playedOn, type Bug } from '@lastref/bugs';
import { CHANGES, eraOf } from '@lastref/kernel';
import { asItWas, bugsSchema, type BugRow } from '@lastref/report';
import { explore } from '@lastref/search';
import { beforeAll, describe, expect, test } from 'vitest';
import { LONG, sample } from '../../scripts/tier.ts';
import { bugPage, bugsPage } from './house/bug-page.ts';
import { asCommitted } from './house/committed.ts';
import { printed } from './house/reference.ts';

const golden = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const bugs = sample(BUGS, 10, 1);

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

test('a release is named as the kernel of a bug where the kernel is what differs, and nowhere else', () => {
  // 6.12.117 has both fixes of vsock; 3.8 has what segment-orphan is about
  expect(printed('bugs', 'vsock-bind-late')).toContain(
    'around both is debian-6.12.117, with the bug or without',
  );
  expect(printed('bugs', 'segment-orphan')).toContain('kernels 3.8 and 3.8+segmentOrphans');
});

describe('a fixed version', () => {
  test.each(bugs)('of $id hides nothing that its card does not name', (bug) => {
    const era = eraOf(bug.fixed.era)!;
    const results = playedOn(bug, bug.fixed).map((workload) => {
      const input = { design: bug.fixed.design, workload, era, seed: 1 };
      return explore(input, { bound: boundOf(bug) }).result; // whatever property
    });
    const clean = results.every((result) => result === 'exhausted');
    expect(bug.left !== undefined || clean, results.join(' ')).toBe(true);
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
    ({ on, wrong, fixed }) => {
      const eras = [parts(wrong.era), parts(fixed.era)];
      const keys = eras.flatMap(({ key }) => key ?? []);
      expect(new Set(eras.map((e) => e.name)).size).toBe(1);
      expect(Object.keys(CHANGES)).toEqual(expect.arrayContaining(keys));
      const programs = [wrong.on, fixed.on].flatMap((own) => own ?? []);
      expect(programs.length > 0).toBe(on.length === 0); // each version brings its own, or neither does
      const designs = wrong.design === fixed.design ? 0 : 1;
      const kernels = wrong.era === fixed.era ? 0 : keys.length;
      expect(kernels + designs + (programs.length > 0 ? 1 : 0), 'one thing').toBe(1);
    },
  );

  test('are of a bug with a name of its own', () => {
    const ids = [...BUGS, ...MISSING].map((b: Pick<Bug, 'id'>) => b.id);
    expect(new Set(ids).size).toBe(ids.length);
    const years = BUGS.map((b) => b.year);
    expect(years).toEqual(years.toSorted((a, b) => a - b));
  });
});
