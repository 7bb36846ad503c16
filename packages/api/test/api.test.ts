// lastref as a library: a design from a caller's own code, judged, searched, told.
import { expect, test } from 'vitest';
import { SHARE, Site, type CloneAnswer, type Loan, type SkBuff } from '@lastref/kernel';
import { bundledFile } from '@lastref/runner';
import { design as naive } from '@lastref/strategies/naive-sendpage';
import { design as released } from '@lastref/strategies/splice-pipe-release';
import { design as counted } from '@lastref/strategies/ian-frag-destructor';
import { PerFrag } from '../../kernel/test/designs.ts';
import {
  GetPutPage,
  captureWorkloads,
  check,
  runCell,
  shrink,
  story,
  type Design,
} from '../src/index.ts';

/** A caller's own: it tells nobody. */
class Silent extends GetPutPage {}
const silent = {
  id: 'silent',
  title: 'nobody is told',
  year: 2026,
  source: 'a test',
  status: 'proposed',
  summary: 'It tells nobody.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Silent(k),
} satisfies Design;

test('a cell has the word that tables have, and tokens of what was found', () => {
  expect(runCell({ design: counted, workload: 'nfs-odirect' }).word).toBe('holds');
  const bad = runCell({ design: naive, workload: 'nfs-odirect' });
  expect(bad.word).toBe('delivered');
  expect(bad.findings[0]!.token).toMatch(/^lr2\.naive-sendpage\.nfs-odirect\.2_6_24\./);
  expect(runCell({ design: silent, workload: 'sendfile-locked' }).word).toBe('lost');
});

test('a name that nobody has is answered with the near ones', () => {
  expect(() => runCell({ design: naive, workload: 'nfs-odirekt' })).toThrow(
    "unknown workload 'nfs-odirekt'; did you mean nfs-odirect",
  );
  expect(() => runCell({ design: naive, workload: 'nfs-odirect', era: '9.9' })).toThrow(
    "unknown era '9.9'",
  );
});

test('a search refutes, and its counterexample is told and cannot be shrunk', () => {
  const { result, property, token, steps } = check({ design: naive, workload: 'nfs-odirect' });
  expect([result, property, steps]).toEqual(['refuted', 'early', 1]);
  const told = story(naive, token!);
  expect(told.findings.map((f) => f.property)).toEqual(['early']);
  expect(told.lanes).toContain('producer');
  expect(shrink(naive, token!)).toBe(token);
});

/** A destructor in each frag, which forgets its producer when the peer has sent something again while its device had it. */
class KnowsTheSite extends PerFrag {
  private hasSeen = false;

  override clone({ shinfo }: SkBuff, site: Site): CloneAnswer {
    const lent = shinfo.frags.slice(0, shinfo.nrFrags).some((frag) => frag.loan !== null);
    this.hasSeen ||= site === Site.PSKB_COPY && !lent;
    return SHARE;
  }
  override keepsOwner(): boolean {
    return true;
  }
  override released(loan: Loan): void {
    if (!this.hasSeen) super.released(loan);
  }
}

test('who looks at what the device of the peer has not given back is found: nobody has read what a caller brings', () => {
  const design: Design = { ...silent, id: 'site', create: (k) => new KnowsTheSite(k) };
  const bound = { operations: 1, drops: 0, failures: 0 };
  const { result, property } = check({ design, workload: 'nfs-odirect', era: '3.8', bound });
  expect([result, property]).toEqual(['refuted', 'lost']);
});

test('a long run is shrunk to the same finding in fewer steps', () => {
  const { findings } = runCell({ design: released, workload: 'loopback-slow-reader' });
  const { token } = findings[0]!;
  const short = shrink(released, token);
  const [long, brief] = [story(released, token), story(released, short)];
  expect(brief.played).toBeLessThan(long.played);
  expect(brief.findings.at(-1)!.property).toBe(long.findings.at(-1)!.property);
});

test('a capture drives a run', async () => {
  const [workload] = await captureWorkloads(bundledFile('04-rpc-write-client.pcap'));
  const { word, loans } = runCell({ design: counted, workload: workload! });
  expect(word).toBe('holds');
  expect(loans).toBeGreaterThan(0);
});
