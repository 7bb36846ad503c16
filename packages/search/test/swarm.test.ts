// Batches of runs at random: a batch is a function of its seed, keeps what reached something new, and what it finds can be
// played again and left nothing out of.
import { GetPutPage, Halt, type Design, type Page, type SkBuff } from '@lastref/kernel';
import { stepName, type Trace } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as copyAlways } from '../../../strategies/copy-always.ts';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { design as sockWfree } from '../../../strategies/sock-wfree.ts';
import {
  Cell,
  RunStart,
  Swarm,
  playList,
  sameSymptom,
  shrink,
  stepsBeforeLending,
  type Batch,
  type BatchOptions,
} from '../src/index.ts';
import { Coverage, News } from '../src/swarm/coverage.ts';
import { bareCell, inputOf } from './cells.ts';

const OPTIONS: BatchOptions = { runs: 12, steps: 30, failures: true };

function batch(
  design: Design,
  workload: string,
  known: readonly Trace[] | null = [],
  options: Partial<BatchOptions> = {},
): Batch {
  const input = { ...inputOf(design, workload), seed: 3 };
  return new Swarm(input, { ...OPTIONS, ...options }, known).run();
}

/** Sends copies, and never puts one. */
class KeepsPages extends GetPutPage {
  override lend(skb: SkBuff, page: Page, offset: number, size: number): void {
    this.k.fillPageDesc(skb, this.k.copyPage(page, offset, size), offset, size);
  }
  override fragUnref(): void {}
}

const summary = (b: Batch) => ({
  runs: b.runs,
  steps: b.steps,
  pairs: b.pairs.length,
  found: b.findings.map((f) => `${f.property} ${f.harm} ${f.where} in ${f.shortest}`),
  kept: b.kept.map((run) => run.pairs.length),
  stale: b.stale,
  exercised: b.exercised.toSorted(),
});

describe('a batch', () => {
  test('is the same for the same seed, number by number', () => {
    expect(summary(batch(rpcReply, 'sendfile-locked'))).toEqual({
      runs: 12,
      steps: 524,
      pairs: 113,
      found: ['lost hazard producer in 10'],
      kept: [20, 15, 11, 10, 15, 6, 10, 4, 5, 3, 8, 6],
      stale: [],
      exercised: ['corrupt', 'lost', 'written'],
    });
    expect(summary(batch(naive, 'loopback-slow-reader'))).toEqual({
      runs: 12,
      steps: 330,
      pairs: 82,
      found: ['early hazard write queue in 1', 'corrupt delivered application in 4'],
      kept: [9, 22, 1, 5, 18, 5, 8, 8, 6],
      stale: [],
      exercised: ['corrupt', 'double', 'early', 'lost', 'written'],
    });
  });

  test('tells causes apart by the kinds of their steps, and each finding plays', () => {
    const input = inputOf(sockWfree, 'reset-midway');
    const { findings } = batch(sockWfree, 'reset-midway');
    expect(findings.map((f) => f.cause)).toEqual([
      'lost hazard producer: ',
      expect.stringMatching(/^early hazard write queue: bulk submit submits; .*; rto bulk fires; /),
    ]);
    for (const finding of findings) {
      const { judgement } = new Cell(input).play(finding.trace);
      expect(
        judgement.findings.some((f) => sameSymptom(f, finding)) || finding.property === 'lost',
      ).toBe(true);
      expect([finding.minimal, finding.count]).toEqual([true, 1]);
    }
    expect(new Set(findings.map((f) => f.cause)).size).toBe(findings.length);
  });

  test('looks closely at the first few runs that show the same, and no further', () => {
    const { findings } = batch(naive, 'bulk-loss');
    const places = findings.map((f) => `${f.harm} ${f.where}`);
    const times = [...new Set(places)].map((place) => places.filter((p) => p === place).length);
    expect(times).toEqual([1, 2, 3]);
  });

  test('without failures takes none, and a teardown all the same', () => {
    const { sources } = new Cell(inputOf(ian, 'reset-midway')).k.agenda;
    const names = new Map<unknown, string>();
    for (const { name, verbs } of sources)
      for (const verb of verbs) names.set(stepName(name, verb), `${name} ${verb}`);
    const taken = (failures: boolean): string =>
      batch(ian, 'reset-midway', [], { failures })
        .kept.flatMap(({ trace }) => trace.deviations.map((d) => names.get(d.step)))
        .join();
    expect(taken(true)).toMatch(/failure fails an allocation/);
    expect(taken(true)).toMatch(/is reset: its driver drops/);
    expect(taken(false)).not.toMatch(/failure|is reset: its driver drops/);
    expect(taken(false)).toMatch(/resets the connection/);
  });

  test('keeps runs only for those who have a corpus', () => {
    expect(batch(ian, 'loopback-slow-reader', null).kept).toEqual([]);
    expect(batch(ian, 'loopback-slow-reader').kept.length).toBeGreaterThan(3);
  });

  test('plays what others kept before anything of its own, and says what does not apply here', () => {
    const { kept, pairs } = batch(ian, 'loopback-slow-reader');
    const traces = kept.map((run) => run.trace);
    const elsewhere = batch(ian, 'sendfile-locked').kept[0]!.trace;
    const known = [...traces.slice(0, 2), elsewhere, ...traces.slice(2)];
    const again = batch(ian, 'loopback-slow-reader', known, { runs: 0 });
    expect(again.runs).toBe(traces.length);
    expect(again.stale).toEqual([2]);
    // each brings what it brought when it was new; a run goes on behind its last news, and that is no news
    const reached = new Set(kept.flatMap((run) => [...run.pairs]));
    expect(again.pairs.every((pair) => pairs.includes(pair))).toBe(true);
    expect(new Set(again.pairs)).toEqual(reached);
    expect(again.kept).toHaveLength(traces.length);
  });

  test('finds in what others kept what they found in it, and tells no longer story of it', () => {
    const input = inputOf(naive, 'sendfile-locked');
    const { findings } = batch(naive, 'sendfile-locked');
    expect(findings.length).toBeGreaterThan(2);
    for (const finding of findings) {
      const again = batch(naive, 'sendfile-locked', [finding.trace], { runs: 0 });
      expect([again.runs, again.stale]).toEqual([1, []]);
      const same = again.findings.find((f) => sameSymptom(f, finding))!;
      expect(same.shortest).toBeLessThanOrEqual(finding.shortest);
      const { judgement } = new Cell(input).play(same.trace);
      expect(judgement.findings.some((f) => sameSymptom(f, finding))).toBe(true);
    }
  });

  test('goes on behind a run that used up the page frames: a call over UDP whose timer fires again and again', () => {
    const input = inputOf(copyAlways, 'nfs-udp');
    const cell = new Cell(input);
    const { agenda } = cell.k;
    const named = (name: string) => agenda.sources.find((s) => s.name === name)!.place;
    cell.stopClock();
    expect(cell.take(named('nfs writer 0'), 0, 0)).toBe(true);
    let fired = 0;
    while (cell.take(named('rpc timeout nfs.0'), 0, 0)) fired++;
    expect([agenda.halted, cell.k.pages.used]).toEqual([Halt.CUT, input.workload.frames]);
    expect(fired).toBeGreaterThan(10); // each a datagram of three packets, and nothing is sent
    const { judgement, drained } = cell.finish();
    expect([judgement.findings, drained]).toEqual([[], false]);
    const often = { ...inputOf(copyAlways, 'nfs-udp'), seed: 5 };
    const { runs, findings } = new Swarm(often, { runs: 60, steps: 60, failures: true }).run();
    expect(runs).toBe(60);
    // a copy that found no memory left its datagram unsent: nobody reads the next one's header for it
    expect(findings.map((f) => f.property)).not.toContain('corrupt');
  });

  test('counts the runs behind which nobody looks, as somebody has the page frames and no packet does', () => {
    const starved = (create: Design['create']): number =>
      batch({ ...copyAlways, create }, 'nfs-udp', null, { runs: 60, steps: 60 }).starved;
    expect(starved((k) => new KeepsPages(k))).toBeGreaterThan(0);
    expect(
      starved((k) => copyAlways.create(k)),
      'packets wait',
    ).toBe(0);
  });

  test('goes on from so many runs that reached something new, and from later ones in place of earlier ones', () => {
    const input = { ...inputOf(copyAlways, 'bulk-loss'), seed: 3 };
    const goesOnFrom = (runs: number): { list: readonly unknown[]; kept: number } => {
      const swarm = new Swarm(input, { runs, steps: 12, failures: true }, []);
      const kept = swarm.run().kept.length;
      return { list: Reflect.get(swarm, 'corpus') as readonly unknown[], kept };
    };
    const [few, many] = [40, 120].map(goesOnFrom);
    expect([few!.list.length, few!.kept <= 40]).toEqual([few!.kept, true]);
    expect([many!.list.length, many!.kept > 64]).toEqual([64, true]);
    const texts = many!.list.map((one) => JSON.stringify(one));
    const stays = few!.list.filter((one) => texts.includes(JSON.stringify(one)));
    expect(stays.length).toBeGreaterThan(0);
    expect(stays.length).toBeLessThan(few!.list.length);
  });

  test('of no steps is driven to its end all the same', () => {
    const { findings, exercised, steps } = batch(naive, 'sendfile-locked', [], {
      runs: 1,
      steps: 0,
    });
    expect(findings.map((f) => f.property)).toContain('early');
    expect(exercised).toEqual(expect.arrayContaining(['early', 'lost', 'double', 'corrupt']));
    expect(steps).toBeGreaterThan(5);
  });
});

describe('coverage', () => {
  test('is of what happened and of how references stand: either is new, both again are not', () => {
    const cell = bareCell();
    const coverage = new Coverage();
    expect([1, 1, 2, 1].map((kind) => coverage.meet(cell, kind))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    while (cell.k.loans.used === 0) cell.clock();
    expect([1, 1].map((kind) => coverage.meet(cell, kind))).toEqual([true, false]);
    const loan = cell.k.loans.all.find((one) => one.live)!;
    const refs = [0, 1, 2, 3, 4, 5, 6].map((n) => {
      loan.refs = n;
      return coverage.meet(cell, 9);
    });
    expect(refs).toEqual([true, true, true, true, true, false, false]); // many are many
    loan.completed = !loan.completed;
    expect(coverage.meet(cell, 9)).toBe(true);
  });

  test('counts references on pages and buffers that somebody can read', () => {
    const cell = bareCell();
    const readable = () =>
      cell.k.skbs.all.concat(cell.k.fclones.all).find((skb) => skb.live && skb.shinfo.nrFrags > 0);
    while (readable() === undefined) cell.clock();
    const { shinfo } = readable()!;
    const { page } = shinfo.frags[0]!;
    const coverage = new Coverage();
    const look = () => coverage.meet(cell, 1);
    expect([look(), look()]).toEqual([true, false]);
    page.count = 2;
    look();
    page.count = 3;
    expect(look()).toBe(true);
    page.count = 4;
    look();
    page.count = 5;
    expect(look()).toBe(false);
    shinfo.dataref++;
    expect(look()).toBe(true);
    shinfo.nrFrags = 0;
    expect(look()).toBe(true);
  });

  test('of one run is what its batch had not met', () => {
    const cell = bareCell();
    const coverage = new Coverage();
    coverage.meet(cell, (3 << 4) | 1);
    const news = new News(coverage);
    expect(news.fresh).toBe(false);
    news.look(cell, { place: 3, verb: 1, item: 0 });
    expect([news.fresh, news.pairs()]).toEqual([false, []]);
    cell.clock();
    news.look(cell, { place: 3, verb: 2, item: 0 });
    expect([news.fresh, news.last, news.pairs().length]).toEqual([true, 1, 1]);
  });
});

describe('a recorded run', () => {
  test('begins where the first page is lent, and what is behind it is shrunk to what shows', () => {
    const input = inputOf(naive, 'bulk-loss');
    const result = new Cell(input).runByClock();
    const at = result.judgement.findings.findIndex((f) => f.harm === 'hazard');
    const symptom = result.judgement.findings[at]!;
    const start = new RunStart(input, result.traces[at]!);
    const cell = start.machine();
    expect(cell.judge.lentPages()).toEqual([]);
    expect(cell.judge.step).toBe(1 + stepsBeforeLending(input));
    expect(cell.judge.step + start.list.length).toBe(symptom.step + 1);
    const played = playList(start, start.list, symptom)!;
    expect([played.findings[0]!.text, played.steps]).toEqual([symptom.text, start.list.length]);
    const shrunk = shrink(start, start.list, symptom)!;
    expect([shrunk.minimal, shrunk.list.length]).toEqual([true, 1]);
  });

  test('of whose steps none shows what is sought shows nothing', () => {
    const input = inputOf(ian, 'bulk-loss');
    const result = new Cell(input).runByClock();
    expect(result.judgement.findings).toEqual([]);
    const trace = new Cell(input).recorder.upTo(result.steps);
    const start = new RunStart(input, trace);
    expect(
      playList(start, start.list, { property: 'early', harm: 'hazard', where: 'tap' }),
    ).toBeNull();
    expect(playList(start, [], { property: 'lost', harm: 'hazard', where: 'producer' })).toBeNull();
  });
});
