import { Command, Option } from '@commander-js/extra-typings';
import { diffLines, replayHead, storyLines } from '@lastref/report/text/replay';
import { many } from '@lastref/report/words';
import { knownDesigns, mustBring } from '@lastref/runner/known';
import { UsageError, sourceOf, absolute, decodeToken, pose, trustedIn } from '@lastref/runner';
import { traceLength } from '@lastref/workloads';
import { bounded, trustOption, withOption } from './flags.ts';
import { cellsOfReplay } from '@lastref/report/ci';
import { reportFault } from './faults.ts';
import { Outcome, judging } from './outcome.ts';
import { house } from '../house.ts';
import { show } from './say.ts';
import { mismatch, question } from '@lastref/runner/replay';
import { replayWith } from '@lastref/runner/typed';

type ReplayFlags = ReturnType<typeof command.opts>;

async function replayCommand(text: string, flags: ReplayFlags): Promise<void> {
  const token = decodeToken(text);
  const replay = replayWith(flags.with, flags.trust);
  const outcome = new Outcome(flags);
  const { asks } = outcome;
  if (asks !== undefined && (flags.until ?? flags.diff) !== undefined)
    throw new UsageError(
      `${asks} asks about the whole run: it goes with neither --until nor --diff`,
    );
  if (flags.as !== undefined) scriptAlone(flags, asks);
  if (flags.as === 'c') {
    const { programInC } = await import('@lastref/lab');
    process.stdout.write(programInC(token, replay(text)));
    return;
  }
  const { brought, others } = await (
    await import('@lastref/bugs/own')
  ).bugsAmong(flags.with, flags.trust === true);
  await mustBring(flags.diff, others);
  const brings = { with: others, trust: flags.trust };
  const needs = [token.design, flags.diff].filter((id) => id !== undefined);
  const knowing = { takes: 'both', next: question, needs, onFault: reportFault } as const;
  const { candidates } = await knownDesigns(house, brings, knowing);
  outcome.brings(candidates);
  const answer = await pose(house, question, {
    candidates: candidates.map(sourceOf),
    brought,
    token: text,
    until: flags.until,
    capture: flags.capture === undefined ? undefined : absolute(flags.capture),
    diff: flags.diff,
    shrink: flags.shrink,
    trace: flags.trace === undefined ? undefined : absolute(flags.trace),
    as: flags.as,
  });
  if ('story' in answer) {
    const { packetdrillScript } = await import('@lastref/lab');
    process.stdout.write(packetdrillScript(answer.story, replay(answer.token)));
    return;
  }
  const doc = 'diff' in answer ? answer.diff : answer.played.doc;
  show(flags, { ...doc, ...trustedIn(candidates) }, () => {
    if ('diff' in answer) return diffLines(answer.diff).join('\n');
    const { played, files } = answer;
    const whole = flags.until === undefined ? decodeToken(answer.token).check : null;
    const out = [
      ...replayHead(played.doc, mismatch(played.doc, whole)),
      ...storyLines(played, flags.all === true),
    ];
    if (flags.shrink === true)
      out.push(
        answer.token === text
          ? 'No step can be left out in the time that shrinking takes.'
          : `The same finding in ${many(traceLength(decodeToken(answer.token).trace), 'step')} instead of ${traceLength(token.trace)}:\n  ${replay(answer.token)}`,
      );
    if (files.length > 0) out.push(`Written to ${flags.trace}: ${files.join(', ')}`);
    return out.join('\n');
  });
  if ('played' in answer && asks !== undefined) outcome.tellOf(cellsOfReplay(answer.played.doc));
}

/** A script is all that is written: other forms of the same steps go with themselves. */
function scriptAlone(flags: ReplayFlags, asks: string | undefined): void {
  const { until, diff, trace, all, json } = flags;
  const other =
    asks ??
    Object.entries({ until, diff, trace, all, json })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => `--${name}`)[0];
  if (other !== undefined)
    throw new UsageError(`--as writes a script and nothing else: it does not go with ${other}`);
}

/** Forms of --as. */
const FORMS = ['packetdrill', 'c'] as const;

function formOf(text: string): (typeof FORMS)[number] {
  const form = FORMS.find((f) => f === text);
  if (form === undefined)
    throw new UsageError(
      `--as ${text}: there is no such form of a finding; there is ${FORMS.join(', ')}`,
    );
  return form;
}

export const command = judging(
  new Command('replay')
    .description('the steps of a finding, one line each, with the references that change')
    .argument('<token>', 'as printed by compare')
    .addOption(bounded('until', 'stop after that many steps', 1_000_000_000, 1))
    .option('--all', 'show every step, not only those that touch the loan of the finding')
    .option(
      '--diff <design>',
      'play the same steps under this design too, and show where they part',
    )
    .option(
      '--trace <dir>',
      'write trace.json for Perfetto and wire.pcapng for Wireshark to this directory',
    )
    .option(
      '--capture <file>',
      'the capture file, for tokens of a capture that does not ship with lastref',
    )
    .addOption(
      new Option(
        '--as <form>',
        'print the finding as something that others play: packetdrill, a script of one TCP connection; c, a program with real sockets',
      ).argParser(formOf),
    )
    .option('--shrink', 'leave out every step that its finding does not need, and print the token'),
)
  .addOption(withOption())
  .addOption(trustOption())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref replay TOKEN
  lastref replay TOKEN --all --until 40
  lastref replay TOKEN --trace my-trace
  lastref replay TOKEN --as packetdrill > finding.pkt      (docs/packetdrill.md)
  lastref replay TOKEN --as c > finding.c                  (docs/lab.md)
  lastref replay TOKEN --fail-on early      (a regression test: 0 when the finding is gone)`,
  );

command.action(replayCommand);
