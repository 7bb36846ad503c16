// A token lives as long as what it names: steps go by the names of sources, whatever else a machine has.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SingleStep, eraOf, type Kernel } from '@lastref/kernel';
import { Cell, Swarm, type CellInput } from '@lastref/search';
import {
  STORIES,
  WORKLOADS,
  StepNames,
  stepName,
  traceLength,
  workloadCalled,
  type Trace,
  type Workload,
  lacks,
} from '@lastref/workloads';
import { replaySchema } from '@lastref/report';
import { operationWorkloads } from '@lastref/operations';
import { describe, expect, test } from 'vitest';
import {
  Isolate,
  allDesigns,
  bundledCapture,
  codeIn,
  decodeToken,
  digestOfSources,
  encodeToken,
  find,
  loadCapture,
  tokenOf,
  withoutVersions,
  type Token,
} from '@lastref/runner';
import { mismatch, replay } from '@lastref/runner/replay';
import { changed } from '@lastref/runner/campaign';
import { answered } from './house/reference.ts';
import { lastref } from './run-cli.ts';
import { house } from '../src/house.ts';
import { LONG } from '../../scripts/tier.ts';

const designs = await allDesigns();
const designOf = (id: string) => find('design', designs, (d) => d.design.id, id).design;
const era = eraOf('3.8')!;
const SMALL = workloadCalled('sendfile-locked~2')!;

/** A timer that nobody arms. */
class ExtraTimer extends SingleStep {
  constructor(k: Kernel) {
    super('a timer that is new', 'fires');
    k.agenda.add(this);
  }

  override take(): boolean {
    return false;
  }
}

/** The workload on a machine that has one more timer, before all others. */
function withExtraTimer(workload: Workload): Workload {
  return {
    ...workload,
    build(k, seed) {
      new ExtraTimer(k);
      return workload.build(k, seed);
    },
  };
}

function inputOf(design: string, workload: string): CellInput {
  const found = find('workload', WORKLOADS, (w) => w.id, workload);
  return { design: designOf(design), workload: found, era, seed: 1 };
}

describe('steps have names', () => {
  /** Plays the tokens of `findings` on a machine with one more timer; how many steps had to be named. */
  function playElsewhere(
    input: CellInput,
    findings: readonly { text: string; trace: Trace }[],
  ): number {
    const other = { ...input, workload: withExtraTimer(input.workload) };
    for (const { text, trace } of findings) {
      const named = decodeToken(tokenOf(input, trace)).trace;
      expect(named).toEqual(trace);
      const [here, there] = [input, other].map((one) => new Cell(one).play(named));
      expect(there!.judgement.findings).toEqual(here!.judgement.findings);
      expect(there!.judgement.findings.map((f) => f.text)).toContain(text);
      expect(there!.digest).toBe(here!.digest);
    }
    return findings.reduce((n, { trace }) => n + trace.deviations.length, 0);
  }

  test('what is found by the clock plays on a machine with one more timer', () => {
    const input = inputOf('rpc-reply', 'nfs-tcp-retransmit');
    const { judgement, traces } = new Cell(input).runByClock();
    const findings = judgement.findings.map(({ text }, i) => ({ text, trace: traces[i]! }));
    expect(playElsewhere(input, findings)).toBeGreaterThan(0);
  });

  test('and so does what a search found', () => {
    const input = { ...inputOf('naive-sendpage', 'sendfile-locked'), workload: SMALL };
    const { findings } = new Swarm(input, { runs: 8, steps: 60, failures: false }).run();
    expect(playElsewhere(input, findings)).toBeGreaterThan(0);
  });

  test('every machine can tell its steps apart', async () => {
    const workloads = [
      ...WORKLOADS,
      ...STORIES.map((s) => s.workload),
      ...operationWorkloads(),
      await loadCapture(bundledCapture()),
    ];
    for (const workload of workloads.filter((w) => lacks(w, era) === null)) {
      const cell = new Cell({ design: designOf('naive-sendpage'), workload, era, seed: 1 });
      expect(new StepNames().find(cell.k.agenda, 0), workload.id).toBeUndefined();
    }
  });
});

describe('a token tells what made it', () => {
  const input = inputOf('naive-sendpage', 'sendfile-locked');
  const found = new Cell(input).runByClock();
  const text = tokenOf(input, found.traces[0]!);
  const told = async (token: string, until?: number) => {
    const options = { until, capture: undefined, candidates: [] };
    const { played } = await replay(new Isolate(house), decodeToken(token), options);
    return mismatch(played.doc, until === undefined ? decodeToken(token).check : null);
  };
  const made = (change: Partial<Token>) => encodeToken({ ...decodeToken(text), ...change });

  test('the same machine and the same code say nothing', async () => {
    expect(await told(text)).toBeNull();
    expect(encodeToken(decodeToken(text))).toBe(text);
  });

  test.each([
    [
      { machine: 'aaaaaaaa' },
      /version of the machine \(aaaaaaaa, here \w{8}\); the state at its end/,
    ],
    [{ code: 'aaaaaaaa' }, /version of the design's code \(aaaaaaaa, here \w{8}\); the state/],
    [
      { machine: 'aaaaaaaa', code: 'bbbbbbbb' },
      /of the machine \(.*\) and of the design's code \(/,
    ],
    [
      { machine: 'aaaaaaaa', check: 'cccccccc' },
      /of the machine \(.*\): its state ended as cccccccc/,
    ],
    [{ check: 'cccccccc' }, /^Machine and design are those that made this token, yet its state/],
  ])('%j', async (change: Partial<Token>, sentence) => {
    expect(await told(made(change))).toMatch(sentence);
  });

  test('a run that is cut short says nothing of its end', async () => {
    expect(await told(text, 2)).toBeNull();
    expect(await told(made({ machine: 'aaaaaaaa' }), 2)).not.toMatch(/state/);
  });

  test('a version is of the code, not of what is said about it', () => {
    const version = (code: string) => digestOfSources([code]);
    const code = "const a = 'http://x';\n  if (a) b();\n";
    const said = "/** Why. */\r\nconst a = 'http://x'; // why not\n\n    if (a) b();";
    expect(codeIn(said)).toBe(codeIn(code));
    expect(version(said)).toBe(version(code));
    expect(version(code.replace('b()', 'c()'))).not.toBe(version(code));
    expect(version(code.replace('//x', '//y'))).not.toBe(version(code));
  });

  test('documents that differ in nothing else have the same digest', () => {
    const other = made({ machine: 'aaaaaaaa', code: 'bbbbbbbb' });
    expect(withoutVersions(`{"token":"${other}"}`)).toBe(withoutVersions(`{"token":"${text}"}`));
    expect(withoutVersions(made({ check: 'cccccccc' }))).not.toBe(withoutVersions(text));
  });
});

describe('a token as a regression test', () => {
  const input = inputOf('naive-sendpage', 'sendfile-locked');
  const trace = new Cell(input).runByClock().traces[0]!;
  const exit = (token: string): number | null =>
    answered('replay', token, '--fail-on', 'early,hazard').code;

  test('1 while the finding is there, 0 when it is gone, 3 when nobody can tell', () => {
    expect(exit(tokenOf(input, trace))).toBe(1);
    const right = { ...input, design: designOf('rpc-reply') };
    expect(exit(tokenOf(right, trace))).toBe(0);
    const gone = {
      deviations: [{ after: 0, step: stepName('nobody', 'does this'), item: 0 }],
      tail: 0,
    };
    const ran = lastref('replay', tokenOf(right, gone), '--fail-on', 'early', '--json');
    expect(ran.code).toBe(3);
    const doc = replaySchema.parse(JSON.parse(ran.stdout));
    expect(doc).toMatchObject({ skipped: 1, lastApplied: false });
    expect(doc.versions.here, 'the command line agrees with this process').toEqual(
      doc.versions.token,
    );
  });

  test('3 when it is another run than the one of the token, though nothing was changed', () => {
    const forged = tokenOf({ ...input, design: designOf('rpc-reply') }, trace).replace(
      /.{8}$/,
      '01234567',
    );
    const ran = lastref('replay', forged, '--fail-on', 'early', '--json');
    expect(ran.code).toBe(3);
    expect(replaySchema.parse(JSON.parse(ran.stdout))).toMatchObject({
      lastApplied: true,
      same: false,
    });
  });
});

test('what is lost at the end of a run is there at the end of its token, whose every step applies', () => {
  const input = inputOf('rpc-reply', 'sendfile-writer');
  const { judgement, traces } = new Cell(input).runByClock();
  const lost = judgement.findings.findIndex((f) => f.property === 'lost');
  const ran = answered('replay', tokenOf(input, traces[lost]!), '--fail-on', 'lost', '--json');
  expect(ran.code).toBe(1);
  const doc = replaySchema.parse(JSON.parse(ran.stdout));
  expect(doc).toMatchObject({ skipped: 0, lastApplied: true });
});

test.runIf(LONG)('a journal does not go on with a candidate that was repaired', () => {
  const was = { machine: 'a', designs: { mine: 'b', theirs: 'c' } };
  expect(changed(was, was)).toBeNull();
  expect(changed(was, { ...was, machine: 'd' })).toBe('the machine (a, now d)');
  expect(changed(was, { machine: 'd', designs: { mine: 'e', theirs: 'c' } })).toBe(
    'the machine (a, now d) and mine (b, now e)',
  );
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const file = join(dir, 'mine.ts');
  const ours = readFileSync(new URL('../../strategies/rpc-reply.ts', import.meta.url), 'utf8');
  const write = (code: string) => writeFileSync(file, code.replaceAll("'rpc-reply'", "'mine'"));
  const asked = 'campaign --designs mine --workloads sendfile-locked~2 --runs 2'.split(' ');
  const run = (...more: string[]) =>
    lastref(...asked, '--with', file, '--out', join(dir, 'kept'), ...more);
  write(ours);
  expect(run()).toMatchObject({ code: 0 });
  write(`// with a word more\n${ours}`);
  expect(run('--resume')).toMatchObject({ code: 0 });
  write(`${ours}\nexport const repaired = true;\n`);
  const resumed = run('--resume');
  expect(resumed.code).toBe(2);
  expect(resumed.stderr).toMatch(
    /was begun with another version of mine \(\w{8}, now \w{8}\): put/,
  );
});

test('a raw run is made short: the same finding, with no step that can be left out', () => {
  const input = inputOf('splice-pipe-release', 'loopback-slow-reader');
  const found = new Cell(input).runByClock();
  const raw = tokenOf(input, found.traces[0]!);
  const { stdout } = answered('replay', raw, '--shrink');
  const short = /replay (lr2\S+)/.exec(stdout)![1]!;
  const { token } = JSON.parse(answered('replay', raw, '--shrink', '--json').stdout) as {
    token: string;
  };
  expect(token).toBe(short);
  const { trace } = decodeToken(short);
  expect(traceLength(trace)).toBeLessThan(traceLength(found.traces[0]!));
  const of = (one: Trace) => {
    const { property, harm, where } = new Cell(input).play(one).judgement.findings.at(-1)!;
    return { property, harm, where };
  };
  expect(of(trace)).toEqual(of(found.traces[0]!));
  for (let i = 0; i < trace.deviations.length; i++) {
    const without = { ...trace, deviations: trace.deviations.toSpliced(i, 1) };
    expect(new Cell(input).play(without).judgement.findings.map((f) => f.where)).not.toContain(
      of(trace).where,
    );
  }
});
