// Stories are recorded where runs are made: in the isolate of their design.
import type { StorySide } from '@lastref/report';
import type { CellInput } from '@lastref/search';
import type { Source } from '../candidates/source.ts';
import type { Question } from '../question.ts';
import { findEra } from '../registry.ts';
import { workloadOf } from '../replay/replay.ts';
import { decodeToken } from '../token.ts';
import { play, recordSide } from './record.ts';

/** Steps of a token under one design. */
export interface Play {
  readonly token: string;
  /** null: every loan of which the token's steps show a finding, each up to its last one. */
  readonly loan: number | null;
  /** Steps to keep whatever they did: those that mattered under the other design. */
  readonly keep: readonly number[];
}

/** The plays of one design. */
export interface StoryAsk {
  readonly source: Source;
  /** For tokens of a capture that does not ship with the project. */
  readonly capture: string;
  readonly plays: readonly Play[];
}

export interface StoryAnswer {
  readonly design: string;
  readonly token: string;
  readonly sides: readonly { readonly loan: number; readonly side: StorySide }[];
  /** The token's steps end in the state that it says. */
  readonly same: boolean;
}

export const question: Question<
  readonly StoryAsk[],
  StoryAsk,
  StoryAnswer,
  readonly StoryAnswer[]
> = {
  kind: 'story',
  brief: true,
  asks: (asks) => asks,
  sources: (ask) => [ask.source],
  cells: (ask) => ask.plays.map(({ token }) => decodeToken(token).workload),
  when: () => '',
  about: ({ design }) => `the story of ${design}`,
  merge: (_, answers) => answers,
  async answer({ source, capture, plays }, cell, isolate) {
    const { token: text, loan, keep } = plays[cell]!;
    const design = await isolate.design(source);
    const token = decodeToken(text);
    const named = token.workload.startsWith('capture-') ? capture : undefined;
    const workload = await workloadOf(isolate.house, token, named);
    const input: CellInput = { design, workload, era: findEra(token.era), seed: token.seed };
    const { trace } = token;
    const whole = false;
    if (loan !== null) {
      const side = recordSide(input, trace, { loan, until: Infinity, beyond: true, keep, whole });
      return { design: design.id, token: text, sides: [{ loan, side }], same: true };
    }
    const { findings, digest } = play(input, trace);
    const until = new Map(findings.map((f) => [f.loan, f.step])); // the last one of each loan
    const sides = [...until].map(([of, step]) => ({
      loan: of,
      side: recordSide(input, trace, { loan: of, until: step, beyond: false, keep, whole }),
    }));
    return { design: design.id, token: text, sides, same: digest.startsWith(token.check) };
  },
};
