// What the lab does with the kernels that were asked for: scripts, kept answers, scenarios. `say`: how far it is.
import { join } from 'node:path';
import type { LabDocument, LiveDocument } from '@lastref/report';
import { CouldNot, allDesigns, digested, runtimes, writeTogether } from '@lastref/runner';
import { guestsCalled, recordedOn, recordingsCalled, type Kernels, type Say } from './asked.ts';
import type { KeptAnswers } from './check.ts';
import { eraBeside } from './era-beside.ts';
import { addFound } from './found.ts';
import { LabError } from './guest/process.ts';
import { ANSWERS, keepAnswers, keptAnswers } from './kept.ts';
import { askKept, labDocument, runLab, type LabResult } from './lab.ts';
import { liveDocument, runScenarios, type LiveResult } from './live/run.ts';
import type { Scenario } from './live/scenarios.ts';
import { mutantsMarkdown, sharpness } from './mutants/mutants.ts';
import { hasOperation } from './operations/index.ts';
import { record, type Recorder } from './record/record.ts';

/** Scripts for each kernel, where neither their number nor a time is given. */
export const SEQUENCES = 600;

export interface Scripts extends Kernels {
  readonly seed: number;
  /** For each kernel; without it what `minutes` give time for, or SEQUENCES. */
  readonly sequences?: number | undefined;
  readonly minutes?: number | undefined;
  /** Operations, separated by commas, as the command names them. */
  readonly ops?: string | undefined;
}

const today = () => new Date().toISOString().slice(0, 10);

/** The guests that have one of `ops` (null: all), each with the era that is played beside it. */
async function* guestsWith(ops: readonly string[] | null, asked: Kernels, say: Say) {
  for await (const guest of guestsCalled(asked, say)) {
    const { era, text } = eraBeside(guest);
    if (ops === null || ops.some((op) => hasOperation(op, era))) yield { guest, era, text };
    else say(`${guest.id}: ${era.id} has none of ${ops.join(', ')}: nothing is played`);
  }
}

/** The same scripts on the model and on each kernel. Throws LabError, or CouldNot where no kernel has the operations. */
export async function playScripts(
  ops: readonly string[] | null,
  asked: Scripts,
  say: Say,
): Promise<LabDocument> {
  const { seed } = asked;
  const minutes = asked.minutes ?? null;
  const sequences = asked.sequences ?? (minutes === null ? SEQUENCES : null);
  const results: LabResult[] = [];
  for await (const { guest, era, text } of guestsWith(ops, asked, say)) {
    say(`${guest.id}: ${guest.version}, ${text}`);
    results.push(await runLab({ guest, era, seed, sequences, minutes, ops, say }));
  }
  if (results.length === 0) throw new CouldNot(`no kernel that was asked has ${asked.ops}`);
  return digested(labDocument({ command: commandOf(asked), date: today(), seed }, results));
}

/** Each kernel's answers, kept for the tests; the files that were written. */
export async function keepEach(
  ops: readonly string[] | null,
  asked: Scripts,
  say: Say,
): Promise<string[]> {
  const kept: KeptAnswers[] = [];
  for await (const { guest, era } of guestsWith(ops, asked, say)) {
    say(`${guest.id}: ${guest.version} answers`);
    kept.push(await askKept(guest, era, asked.seed, asked.sequences ?? SEQUENCES));
  }
  return keepAnswers(ANSWERS, kept);
}

/** Scenarios with real sockets on each kernel; `flag`: how they were asked for. */
export async function playLive(
  scenarios: readonly Scenario[],
  flag: string,
  runs: number,
  asked: Kernels,
  say: Say,
): Promise<LiveDocument> {
  const files = [...(await allDesigns()), ...(await runtimes())];
  const designs = new Map(files.map(({ design }) => [design.id, design]));
  const date = today();
  const got: LiveResult[] = [];
  for await (const guest of guestsCalled(asked, say)) {
    say(`${guest.id}: ${guest.version}, ${runs} runs of each arm`);
    got.push(await runScenarios(scenarios, guest, runs, designs, date));
  }
  const command = `lastref lab ${flag} --kernel ${asked.kernel} --runs ${runs}`;
  return digested(liveDocument(command, got));
}

/**
 * Without a guest: how many of `count` mutants of the model the kept answers see, as Markdown. `hunt`: scripts that are
 * tried for each that is neither seen nor explained; what sees one is kept. Throws CouldNot.
 */
export async function mutantsSeen(
  count: number,
  seed: number,
  hunt: number,
  say: Say,
): Promise<string> {
  const results = await sharpness(keptAnswers(), count, seed, hunt, say).catch((error: unknown) => {
    throw error instanceof LabError ? new CouldNot(error.message, { cause: error }) : error;
  });
  if (hunt > 0) addFound(results.flatMap(({ found }) => (found === null ? [] : [found])));
  return mutantsMarkdown(results, `lastref lab --mutants ${count} --seed ${seed}`);
}

const SCRIPT_OF: Readonly<Record<Recorder, string>> = {
  bpftrace: 'lastref.bt',
  'trace-cmd': 'lastref-trace-cmd.sh',
};

/** Each recording as a file in `out`; a line for each. `scripts`: where those that ship are. Throws LabError. */
export async function* recordEach(
  wanted: string,
  {
    kernel,
    scripts,
    out,
  }: { readonly kernel: string; readonly scripts: string; readonly out: string },
  say: Say,
): AsyncGenerator<string> {
  const chosen = recordingsCalled(wanted);
  const on = recordedOn(kernel);
  for (const { tool, scenario } of chosen) {
    const made = await record(on, tool, scenario, join(scripts, SCRIPT_OF[tool]), say);
    const name = `${tool}-${scenario}.txt`;
    writeTogether(out, [{ name, data: made.text }]);
    yield `${name}: ${made.with}; ${made.said}`;
  }
}

function commandOf({ kernel, image, headers, seed, sequences, minutes, ops }: Scripts): string {
  const which =
    image === undefined ? `--kernel ${kernel}` : `--image ${image} --headers ${headers}`;
  const timed = minutes === undefined ? '' : ` --minutes ${minutes}`;
  const counted =
    sequences === undefined && timed !== '' ? '' : ` --sequences ${sequences ?? SEQUENCES}`;
  const only = ops === undefined ? '' : ` --ops ${ops}`;
  return `lastref lab ${which} --seed ${seed}${counted}${timed}${only}`;
}
