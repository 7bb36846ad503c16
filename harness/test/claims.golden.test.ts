// The ledger of claims: every experiment of every document is run, its verdict is compared with the golden file, its
// token is replayed, and it is shown that other observations would have led to another verdict.
import { readFileSync } from 'node:fs';
import { claimLines, claimsMarkdown, claimsSchema } from '@lastref/report';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  experimentsCalled,
  ledger,
  observe,
  Observations,
  keyOf,
  type AnyFacts,
  type Run,
} from '@lastref/claims';
import { allDesigns, decodeToken, Isolate, withoutVersions } from '@lastref/runner';
import { replay } from '@lastref/runner/replay';
import { ALTERNATIVES, WHOLESALE, changedAt, pathsIn } from './claims/mutate.ts';
import { asCommitted } from './house/committed.ts';
import { made } from './house/reference.ts';
import { house } from '../src/house.ts';
import { LONG, sample } from '../../scripts/tier.ts';

const golden = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const experiments = sample(experimentsCalled(null), 24, 2);

/** As toMatchFileSnapshot; which version of the machine made the tokens in `file` does not matter. */
async function expectSaid(text: string, file: string): Promise<void> {
  await expect(asCommitted(text, file)).toMatchFileSnapshot(file);
}

describe('the ledger of claims', () => {
  let seen: Observations;

  beforeAll(async () => {
    const runs = [
      ...new Map(experiments.flatMap((e) => e.runs).map((r) => [keyOf(r), r])).values(),
    ];
    const facts = await made(`observations ${runs.map(keyOf).join()}`, async () => {
      const fresh = await observe({ ...house, here: true }, experiments, await allDesigns());
      return runs.map(fresh.of);
    });
    seen = new Observations();
    for (const [i, run] of runs.entries()) seen.add(run, facts[i]!);
  }, 900_000);

  test.runIf(LONG)('verdicts', async () => {
    const doc = claimsSchema.parse(ledger(experiments, seen));
    await expect(`${claimLines(doc)}\n`).toMatchFileSnapshot(golden('results/verdicts/claims.txt'));
    await expectSaid(`${JSON.stringify(doc, null, 1)}\n`, golden('results/claims.json'));
    await expectSaid(claimsMarkdown(doc), golden('results/claims.md'));
  });

  test.skipIf(LONG)('each row is the committed one', () => {
    const rows = (text: string) => claimsSchema.parse(JSON.parse(withoutVersions(text))).rows;
    const committed = new Map(
      rows(readFileSync(golden('results/claims.json'), 'utf8')).map((row) => [row.id, row]),
    );
    for (const row of rows(JSON.stringify(ledger(experiments, seen))))
      expect(row).toEqual(committed.get(row.id));
  });

  test('the page names every claim, and no verdict without its experiment', () => {
    const doc = ledger(experiments, seen);
    const page = claimsMarkdown(doc);
    for (const row of doc.rows) {
      expect(page).toContain(`### ${row.id}\n`);
      expect(page).toContain(`./lastref claims --claim ${row.id}`);
    }
    const open = doc.rows.filter((r) => r.verdict === 'not-settled');
    expect(open.filter((r) => r.missing === null)).toEqual([]);
  });

  test.each(experiments)('$id would come out otherwise if something else had been seen', (e) => {
    const { verdict } = e.settle(seen.of);
    const others = new Set<string>();
    const wouldBe = (facts: (run: Run) => AnyFacts): void => {
      try {
        others.add(e.settle(facts).verdict);
      } catch {
        // what was put in place of a fact makes no sense there
      }
    };
    for (const change of WHOLESALE) wouldBe((run) => change(seen.of(run)) as AnyFacts);
    const paths = new Map(
      e.runs.flatMap((run) => pathsIn(seen.of(run))).map((path) => [path.join('/'), path]),
    );
    for (const path of paths.values()) {
      for (let n = 0; n < ALTERNATIVES; n++) {
        wouldBe((run) => changedAt(seen.of(run), path, n) as AnyFacts);
        for (const change of WHOLESALE)
          wouldBe((run) => changedAt(change(seen.of(run)), path, n) as AnyFacts);
        for (const one of new Set(e.runs.map((run) => run.design)))
          wouldBe((run) =>
            run.design === one ? (changedAt(seen.of(run), path, n) as AnyFacts) : seen.of(run),
          );
      }
    }
    others.delete(verdict);
    expect([...others]).not.toEqual([]);
  });

  test('every token plays the steps that it names', async () => {
    for (const { id, token } of ledger(experiments, seen).rows) {
      if (token === null) continue;
      const { played } = await replay(new Isolate(house), decodeToken(token), {
        until: undefined,
        capture: undefined,
        candidates: [],
      });
      const { doc } = played;
      expect(doc.same, id).toBe(true);
      expect(doc.findings.length, id).toBeGreaterThan(0);
    }
  });

  test('runs that two experiments ask for are made once', () => {
    const asked = experiments.flatMap((e) => e.runs).map(keyOf);
    expect(new Set(asked).size).toBeLessThanOrEqual(asked.length);
  });
});
