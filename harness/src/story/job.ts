// Stories are recorded where runs are made: in the isolate of their design.
import type { Design } from '@lastref/kernel';
import type { StorySide } from '@lastref/report';
import type { CellInput } from '@lastref/search';
import type { Source } from '../candidate/source.ts';
import { findEra } from '../registry.ts';
import { workloadOf } from '../replay.ts';
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

export interface StoryJob {
  readonly kind: 'story';
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

/** One answer per play. */
export function* runStories(job: StoryJob, design: Design): Generator<StoryAnswer> {
  for (const { token: text, loan, keep } of job.plays) {
    const token = decodeToken(text);
    const workload = workloadOf(
      token,
      token.workload.startsWith('capture-') ? job.capture : undefined,
    );
    const input: CellInput = { design, workload, era: findEra(token.era), seed: token.seed };
    if (loan === null) {
      const { findings, digest } = play(input, token.trace);
      const until = new Map(findings.map((f) => [f.loan, f.step])); // the last one of each loan
      const sides = [...until].map(([of, step]) => ({
        loan: of,
        side: recordSide(input, token.trace, {
          loan: of,
          until: step,
          beyond: false,
          keep,
          whole: false,
        }),
      }));
      yield { design: design.id, token: text, sides, same: digest.startsWith(token.check) };
    } else {
      const side = recordSide(input, token.trace, {
        loan,
        until: Infinity,
        beyond: true,
        keep,
        whole: false,
      });
      yield { design: design.id, token: text, sides: [{ loan, side }], same: true };
    }
  }
}
