// An iSCSI disk and its target: who gets what, how often, and what a digest makes of a page that changes.
import {
  GetPutPage,
  Kernel,
  NoProbe,
  TcpState,
  eraOf,
  type Design,
  type Loan,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { IscsiDisk, IscsiTarget, workloadCalled } from '../src/index.ts';

/** Told by the protocol, and never twice. */
class AtStatus extends GetPutPage {
  override replied(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan);
  }

  override unanswered(loan: Loan, last: boolean): void {
    if (last) this.replied(loan);
  }
}

const atStatus: Design = {
  id: 'at-status',
  title: 'completion at the status',
  year: 2007,
  source: 'drivers/scsi/libiscsi.c iscsi_scsi_cmd_rsp (2.6.24)',
  status: 'practice',
  summary: 'The status of the command ends it.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new AtStatus(k),
};

/** Runs a workload by the clock; nothing is dropped or held. */
function run(id: string) {
  const workload = workloadCalled(id)!;
  const k = new Kernel(atStatus, eraOf('3.8')!, new NoProbe(), workload.frames);
  const { participants } = workload.build(k, 1);
  const { agenda } = k;
  for (let place = agenda.earliest(); place >= 0; place = agenda.earliest()) {
    agenda.advance(place);
    agenda.take(place, 0, agenda.sources[place]!.item());
  }
  const disk = participants.find((p) => p instanceof IscsiDisk)!;
  const target = agenda.sources.find((s) => s instanceof IscsiTarget)!;
  return { k, disk, target };
}

describe('a write', () => {
  test('is done when the target says so, and nothing is left', () => {
    const { k, disk, target } = run('iscsi-write');
    expect(disk.progress()).toEqual({ done: 72, of: 72 });
    expect([disk.session.resends, disk.session.rejected, target.rejected]).toEqual([0, 0, 0]);
    expect([k.skbs.used, k.fclones.used, k.shinfos.used]).toEqual([0, 0, 0]);
  });
});

describe('a page that is written to behind its digest', () => {
  test('is refused; the command is tried again, and fails after six times', () => {
    const { disk, target } = run('iscsi-digest');
    const { done, of } = disk.progress();
    expect(done).toBe(of);
    expect(target.rejected).toBeGreaterThanOrEqual(disk.session.rejected);
    expect(disk.session.rejected).toBeGreaterThan(of / 2); // more than every second command
    expect(disk.failed).toBeGreaterThan(0);
    expect(disk.session.rejected).toBeGreaterThanOrEqual(6 * disk.failed);
  });
});

describe('a session', () => {
  test.each([
    ['3.8', true],
    ['3.8+iscsiAborts', false],
    ['7.2.13', false],
  ])('that gives a connection up lets it drain (%s: %s), or resets it', (era, drains) => {
    const workload = workloadCalled('iscsi-recovery')!;
    const k = new Kernel(atStatus, eraOf(era)!, new NoProbe(), workload.frames);
    const { participants } = workload.build(k, 1);
    const { session } = participants.find((p) => p instanceof IscsiDisk)!;
    let sk = session.sk;
    let queued = 0;
    while (sk === null || session.sk === sk) {
      const place = k.agenda.earliest();
      sk = session.sk;
      queued = sk === null ? 0 : sk.writeQueue.qlen;
      k.agenda.advance(place);
      k.agenda.take(place, 0, k.agenda.sources[place]!.item());
    }
    expect(queued).toBeGreaterThan(0);
    expect(sk.writeQueue.qlen >= queued).toBe(drains);
    expect(sk.state === TcpState.CLOSED).toBe(!drains);
  });

  test('outlives its connections: what has no status is sent again, with the same tag', () => {
    const { disk, target } = run('iscsi-recovery');
    expect(disk.session.resends).toBeGreaterThan(0);
    expect([disk.failed, target.rejected]).toEqual([0, 0]);
    expect(disk.progress()).toEqual({ done: 60, of: 60 });
  });
});
