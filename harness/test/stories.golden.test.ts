// Every story, played for every design: one table each in results/verdicts/, reviewed like code.
import { HARMS, PROPERTIES, type Finding, type Judgement, type Verdict } from '@lastref/judge';
import { eraOf } from '@lastref/kernel';
import { STORIES, play, type Story, type Told } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { allDesigns, type DesignFile } from '@lastref/runner';
import { Cell, digestOf } from '@lastref/search';
import { sample } from '../../scripts/tier.ts';

const designs = await allDesigns();

interface Performance {
  readonly deeds: readonly string[];
  readonly told: readonly Told[];
  readonly judgement: Judgement;
}

/** Plays the story once, and its trace once more: both must be the same run. */
function perform(story: Story, era: string, { design }: DesignFile): Performance {
  const input = { design, workload: story.workload, era: eraOf(era)!, seed: 1 };
  const cell = new Cell(input);
  const { k, judge, recorder } = cell;
  const stage = play(story.script, k, recorder, () => judge.afterStep());
  judge.finish(k.agenda.earliest() < 0);
  const judgement = judge.judgement();
  expect([k.skbs.used, k.fclones.used, k.shinfos.used], `${design.id}: packets left`).toEqual([
    0, 0, 0,
  ]);
  const again = new Cell(input).play(recorder.upTo(stage.steps));
  expect(again.digest, `${design.id}: its trace`).toBe(digestOf(k, stage.steps));
  expect(again.judgement.findings).toEqual(judgement.findings);
  return { deeds: stage.deeds, told: stage.told, judgement };
}

const SHORT: Record<Verdict, string> = {
  holds: 'holds',
  refuted: 'REFUTED',
  'not-exercised': '-',
  'not-judged': 'not judged',
};

function worstHarm(findings: readonly Finding[]): string {
  const worst = Math.max(-1, ...findings.map((f) => HARMS.indexOf(f.harm)));
  return HARMS[worst] ?? '-';
}

function whereText(findings: readonly Finding[]): string {
  return findings.map((f) => `${f.property}: ${f.where}`).join(', ') || '-';
}

/** '5 link b>a delivers': the deed that was going on, and the step in it. */
function toldText(told: readonly Told[], loan: number): string {
  const t = told.find((one) => one.loan === loan);
  return t === undefined ? 'never' : `${t.deed} ${t.step}`;
}

function holdText(samples: readonly number[]): string {
  return samples.length === 0 ? '-' : String(Math.max(...samples));
}

/** Columns as wide as their widest cell, two blanks between. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, c) => cell.padEnd(widths[c]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function tableOf(story: Story, era: string): { deeds: readonly string[]; table: string } {
  const performances = designs.map((file) => ({ file, ...perform(story, era, file) }));
  const loans = Math.max(...performances.map((p) => p.judgement.loans));
  const header = ['design', ...PROPERTIES, 'harm', 'where'];
  for (let n = 1; n <= loans; n++) header.push(loans === 1 ? 'told' : `loan ${n} told`);
  const rows = [[...header, 'hold']];
  for (const { file, judgement, told } of performances) {
    const { verdicts, findings } = judgement;
    const row = [file.design.id, ...PROPERTIES.map((p) => SHORT[verdicts[p]])];
    row.push(worstHarm(findings), whereText(findings));
    for (let n = 1; n <= loans; n++) row.push(toldText(told, n));
    rows.push([...row, holdText(judgement.holdSamples)]);
  }
  return { deeds: performances[0]!.deeds, table: align(rows) };
}

const LEGEND = wrap(
  "told: number of the deed in which the loan's producer was told, and the step. hold: ticks of 1 µs from the moment when nobody needed the pages any more to that step, the longest. -: not exercised.",
);

/** Lines of at most 100 columns. */
function wrap(text: string): string {
  return text.replace(/(.{1,99}\S|\S+)(?: |$)/g, '$1\n').trimEnd();
}

test.each(sample(STORIES, 3))('$id: $title', async (story) => {
  const parts = [wrap(story.title), wrap(story.why)];
  for (const era of story.eras) {
    const { deeds, table } = tableOf(story, era);
    if (era === story.eras[0]) {
      parts.push(deeds.map((deed, i) => `${String(i + 1).padStart(2)}  ${deed}`).join('\n'));
      parts.push(LEGEND);
    }
    parts.push(`Linux ${era}`, table);
  }
  const text = `${parts.join('\n\n')}\n`;
  await expect(text).toMatchFileSnapshot(`../../results/verdicts/${story.id}.txt`);
});
