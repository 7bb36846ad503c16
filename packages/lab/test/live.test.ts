// Runs of real sockets beside the matrix: what counts as agreeing.
import { describe, expect, test } from 'vitest';
import { LabError, SCENARIOS, runScenario, runsOf, type Guest } from '../src/index.ts';

const [probe] = SCENARIOS;

const line = (n: number, early: number, delivered: number): string =>
  `run ${n} mss 1024 posted 400 announced 400 copied 398 early ${early} retransmitted 6 delivered ${delivered}\n`;

/** A guest of `era` that says `text` when it probes, and two quiet runs when it does not. */
function guest(era: string, text: string): Guest {
  const quiet = `# linux x\n${line(1, 0, 0)}${line(2, 0, 0)}# done\n`;
  return {
    id: era,
    version: era,
    sha256: '0',
    era,
    play: (script) => Promise.resolve(script.trimEnd().endsWith(' 2') ? text : quiet),
  };
}

const verdicts = async (era: string, text: string): Promise<string[]> => {
  const { rows } = await runScenario(probe!, guest(era, text), 2);
  return rows.map((r) => `${r.arm} ${r.early} ${r.delivered} ${r.verdict}`);
};

test('a line of a run is read', () => {
  expect(runsOf(`# linux 7.2\n${line(1, 2, 1023)}# a note\n${line(2, 0, 0)}# done\n`)).toEqual([
    { early: 2, delivered: 1023 },
    { early: 0, delivered: 0 },
  ]);
});

test('a moment that is taken for the end stands beside the row of its design', async () => {
  const slow = SCENARIOS.find((s) => s.id === 'slow-reader')!;
  const changed = line(1, 0, 65536) + line(2, 0, 65536);
  const fine = line(1, 0, 0) + line(2, 0, 0);
  const playing = (script: string) =>
    Promise.resolve(/ [12]$/.test(script.trimEnd()) ? changed : fine);
  const { rows } = await runScenario(slow, { ...guest('6.1.192', ''), play: playing }, 2);
  expect(rows.map((r) => [r.cell!.design, r.delivered, r.verdict])).toEqual([
    ['copy-always', 0, 'agrees'],
    ['naive-sendpage', 2, 'agrees'],
    ['tcp-ack-callback', 2, 'agrees'],
    ['msg-zerocopy', 0, 'agrees'],
  ]);
});

describe('MTU probes', () => {
  const harm = line(1, 3, 1023) + line(2, 1, 0);
  const early = line(1, 3, 0) + line(2, 0, 0);

  test('deliver changed bytes where the matrix says so', async () => {
    expect(await verdicts('7.2.13', harm)).toEqual(['probing 2 1 agrees', 'control 0 0 agrees']);
    expect(await verdicts('7.2.13', early)).toContain('probing 1 0 not seen');
  });

  test('contradict a kernel that copies, if they do; told before the ACK alone is no proof', async () => {
    expect(await verdicts('6.1.192', early)).toContain('probing 1 0 agrees');
    expect(await verdicts('6.1.192', harm)).toContain('probing 2 1 contradicts');
  });

  test('are not judged by runs that came to nothing', async () => {
    await expect(verdicts('7.2.13', line(1, 0, 0))).rejects.toThrow(LabError);
  });
});
