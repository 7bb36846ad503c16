// What the judge sees and what it does not: on small machines, one truth at a time; then its short cut against
// the long way on every design and workload.
import { GetPutPage, type SkbFrag, type SkbSharedInfo } from '@lastref/kernel';
import { WORKLOADS, wholePages } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { Judge, type Finding } from '../src/index.ts';
import { allDesigns, byHand, complete, designOf, runByClock, sceneOf } from './machine.ts';
import { sample } from '../../../scripts/tier.ts';

const designs = await allDesigns();

/** Findings as 'property harm where'. */
function said(findings: readonly Finding[]): string[] {
  return findings.map((f) => `${f.property} ${f.harm} ${f.where}`);
}

describe('double and lost', () => {
  test('a second completion is double, and not a second early', () => {
    const scene = sceneOf(byHand, {});
    scene.cast.writer.lends();
    complete(scene);
    expect(scene.judge.findings).toEqual([]);
    complete(scene);
    complete(scene);
    expect(scene.judge.findings.map((f) => [f.property, f.count])).toEqual([['double', 2]]);
    expect(scene.judge.judgement().verdicts.double).toBe('refuted');
  });

  test('readers gone, nothing pending, nobody told: lost; told: not', () => {
    const scene = sceneOf(byHand, {});
    scene.cast.writer.lends();
    scene.judge.finish(true);
    expect(said(scene.judge.findings)).toEqual(['lost hazard producer']);

    const told = sceneOf(byHand, {});
    told.cast.writer.lends();
    complete(told);
    told.judge.finish(true);
    expect(told.judge.judgement().verdicts.lost).toBe('holds');
  });

  test('what drives the run ends before what could tell: nothing is lost, and nothing was tried', () => {
    const scene = sceneOf(byHand, {});
    scene.cast.writer.lends();
    for (const loan of scene.k.loans.all) loan.censored = true;
    scene.judge.finish(true);
    expect(scene.judge.findings).toEqual([]);
    expect(scene.judge.judgement().verdicts.lost).toBe('not-exercised');
  });

  test('while something is pending, or somebody can read, nothing is lost yet', () => {
    const pending = sceneOf(byHand, {});
    pending.cast.writer.lends();
    pending.judge.finish(false);
    expect(pending.judge.judgement().verdicts.lost).toBe('not-exercised');

    const unread = sceneOf(byHand, { loopback: true });
    unread.cast.reader.sleeps();
    unread.cast.writer.lends();
    unread.judge.finish(true);
    expect(unread.judge.findings).toEqual([]);
  });
});

describe('written: what was read is not what was lent, and nobody had been told', () => {
  test('read by the nic and thrown away by the peer: wire', () => {
    const scene = sceneOf(byHand, {});
    const { acks, nic, tcp, file, writer } = scene.cast;
    acks.areHeldBack();
    writer.lends();
    nic.stalls();
    tcp.retransmits();
    file.isWritten();
    nic.resumes();
    expect(said(scene.judge.everything)).toEqual(['written wire nic']);
  });

  test('read by the application: delivered', () => {
    const scene = sceneOf(byHand, {});
    const { nic, file, writer } = scene.cast;
    nic.stalls();
    writer.lends();
    file.isWritten();
    nic.resumes();
    const expected = ['written wire nic', 'written delivered application'];
    expect(said(scene.judge.everything)).toEqual(expected);
  });

  test('read by a tap, while the wire was right: wire', () => {
    const scene = sceneOf(byHand, { tap: true });
    const { tap, file, writer } = scene.cast;
    tap.sleeps();
    writer.lends();
    file.isWritten();
    tap.reads();
    expect(said(scene.judge.everything)).toEqual(['written wire tap']);
  });

  test('read behind the free list, which gave the page to somebody: corrupt, though nobody had been told', () => {
    const scene = sceneOf(byHand, {});
    const { nic, writer } = scene.cast;
    const [page] = scene.writer.pages;
    nic.stalls();
    writer.lends();
    for (let n = page!.count; n > 0; n--) scene.k.putPage(page!); // poisoned, as by its next owner
    nic.resumes();
    expect(said(scene.judge.everything)).toContain('corrupt wire nic');
    expect(scene.judge.judgement().verdicts.written).not.toBe('refuted');
  });

  test('written after the last reader, lent again and read again: nothing is wrong', () => {
    const scene = sceneOf(byHand, { operations: [wholePages(1), wholePages(1)] });
    const { file, writer } = scene.cast;
    writer.lends(0);
    file.isWritten(0);
    writer.lends(1);
    scene.judge.finish(false);
    expect(scene.judge.judgement().verdicts.corrupt).toBe('holds');
    expect(scene.judge.judgement().reads['application']).toBeGreaterThan(1);
  });

  test('copies that nobody changed are read in peace while the page is rewritten', () => {
    const copyAlways = designs.find((d) => d.id === 'copy-always')!;
    const scene = sceneOf(copyAlways, {});
    const { nic, file, writer, stage } = scene.cast;
    nic.stalls();
    writer.lends(); // told at once, rewritten at once
    file.isWritten();
    nic.resumes();
    stage.end();
    scene.judge.finish(true);
    const judgement = scene.judge.judgement();
    expect(judgement.findings).toEqual([]);
    expect(judgement.reads['nic']).toBeGreaterThan(0);
    expect(judgement.reads['application']).toBeGreaterThan(0);
    expect(judgement.verdicts.corrupt).toBe('holds');
  });
});

describe('stray', () => {
  /** Puts a page once too often. */
  class PutsTwice extends GetPutPage {
    override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
      super.fragUnref(shinfo, frag);
      this.k.putPage(frag.page);
    }
  }

  test('a page that its producer still owns goes to the free list', () => {
    const scene = sceneOf(
      designOf((k) => new PutsTwice(k)),
      {},
    );
    scene.cast.writer.lends();
    expect(said(scene.judge.findings)).toEqual(['stray hazard free list']);
    expect(scene.writer.pages[0]!.live).toBe(false);
  });

  test('a page of copies goes there every day', () => {
    const scene = sceneOf(
      designs.find((d) => d.id === 'copy-always')!,
      {},
    );
    scene.cast.writer.lends();
    scene.cast.stage.end();
    scene.judge.finish(true);
    expect(scene.judge.judgement().verdicts.stray).toBe('holds');
  });
});

describe('the short cut over pages that were not written since', () => {
  // Every reader there is, pages with homes, and bytes that go on in another stream.
  const workloads = WORKLOADS.filter(({ id }) =>
    ['nfs-odirect', 'tap-slow-reader', 'iscsi-digest', 'splice-proxy', 'netback-bridge'].includes(
      id,
    ),
  );

  test.each(designs)('agrees with comparing every byte: $id', (design) => {
    expect(workloads).toHaveLength(5);
    for (const workload of sample(workloads, 10, designs.indexOf(design))) {
      const paranoid = new Judge();
      paranoid.paranoid = true;
      const long = runByClock(design, workload, paranoid);
      expect(runByClock(design, workload, new Judge()), workload.id).toEqual(long);
    }
  });
});
