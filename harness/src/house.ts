// What lastref consists of: every question and every command, a line each. Adding one is adding its line.
import type { House, QuestionModule } from '@lastref/runner';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/** A module with a command of the command line. */
export interface CommandModule {
  readonly command: CommandUnknownOpts;
}

/** What is asked of isolates, what a user types, or both; each is loaded when it is needed. */
export interface Room {
  readonly question?: () => Promise<QuestionModule>;
  readonly command?: () => Promise<CommandModule>;
}

export const ROOMS: Readonly<Record<string, Room>> = {
  compare: {
    question: () => import('@lastref/runner/compare'),
    command: () => import('./commands/compare.ts'),
  },
  eras: {
    question: () => import('@lastref/runner/eras'),
    command: () => import('./commands/eras.ts'),
  },
  check: {
    question: () => import('@lastref/runner/check'),
    command: () => import('./commands/check.ts'),
  },
  assist: { question: () => import('@lastref/runner/assist') },
  scope: { question: () => import('@lastref/runner/scope') },
  campaign: {
    question: () => import('@lastref/runner/campaign'),
    command: () => import('./commands/campaign.ts'),
  },
  work: { command: () => import('./commands/work.ts') },
  shortest: { question: () => import('@lastref/runner/shortest') },
  movers: {
    question: () => import('@lastref/operations/question'),
    command: () => import('./commands/movers.ts'),
  },
  bugs: {
    question: () => import('@lastref/bugs/question'),
    command: () => import('./commands/bugs.ts'),
  },
  exercise: {
    question: () => import('@lastref/bugs/exercise'),
    command: () => import('./commands/exercise.ts'),
  },
  find: { command: () => import('./commands/find.ts') },
  mutants: {
    question: () => import('@lastref/mutants/question'),
    command: () => import('./commands/mutants.ts'),
  },
  claims: {
    question: () => import('@lastref/claims/question'),
    command: () => import('./commands/claims.ts'),
  },
  replay: {
    question: () => import('@lastref/runner/replay'),
    command: () => import('./commands/replay.ts'),
  },
  explore: {
    question: () => import('@lastref/runner/explore'),
    command: () => import('./commands/explore.ts'),
  },
  processors: {
    question: () => import('@lastref/runner/processors'),
    command: () => import('./commands/processors.ts'),
  },
  seeds: {
    question: () => import('@lastref/runner/seeds'),
    command: () => import('./commands/seeds.ts'),
  },
  stories: {
    question: () => import('@lastref/runner/stories'),
    command: () => import('./commands/stories.ts'),
  },
  story: { question: () => import('@lastref/runner/story') },
  card: { question: () => import('@lastref/runner/candidates') },
  lab: { command: () => import('./commands/lab.ts') },
  sites: { command: () => import('./commands/sites.ts') },
  port: { command: () => import('./commands/port.ts') },
  layout: { command: () => import('./commands/layout.ts') },
  report: { command: () => import('./commands/report.ts') },
  bench: { command: () => import('./commands/bench.ts') },
  new: { command: () => import('./commands/new.ts') },
  list: { command: () => import('./commands/list.ts') },
  capture: { command: () => import('./commands/capture.ts') },
  packetdrill: { command: () => import('./commands/packetdrill.ts') },
  recording: { command: () => import('./commands/recording.ts') },
};

export const house: House = {
  worker: new URL(
    import.meta.url.endsWith('.ts') ? '../bin/worker-from-source.mjs' : './worker.js',
    import.meta.url,
  ),
  questions: Object.fromEntries(
    Object.entries(ROOMS).flatMap(([kind, { question }]) =>
      question === undefined ? [] : [[kind, question]],
    ),
  ),
};
