// A token, played and told; with another design beside it; with traces for other tools.
import type { DiffDocument } from '@lastref/report';
import type { Played } from '@lastref/report/text/replay';
import type { Brought } from '../brought.ts';
import type { Source } from '../candidates/source.ts';
import { single, type Question } from '../question.ts';
import { decodeToken } from '../token.ts';
import { connectionStory, type ConnectionStory } from './connection.ts';
import { diff } from './diff.ts';
import { inputOf, named, replay } from './replay.ts';
import { shorter } from './shorter.ts';

export interface ReplayAsk {
  /** Bugs of the user's own, for tokens that name them. */
  readonly brought?: readonly Brought[];
  readonly candidates: readonly Source[];
  readonly token: string;
  /** Steps to play at most. */
  readonly until: number | undefined;
  /** A capture file, for tokens of a capture that does not ship with the project. */
  readonly capture: string | undefined;
  /** Another design for the same steps. */
  readonly diff: string | undefined;
  /** Leave out every step that the token's finding does not need. */
  readonly shrink?: true | undefined;
  /** A directory for traces. */
  readonly trace: string | undefined;
  /** Not the steps, but what a script for packetdrill is made of. */
  readonly as?: 'packetdrill' | undefined;
}

/** With `diff` the two designs, with `as` the connection, else the run; `files`: names of those that went to `trace`. */
export type ReplayAnswer =
  | { readonly diff: DiffDocument }
  /** `token`: the shrunk one, where one was asked for. */
  | { readonly story: ConnectionStory; readonly token: string }
  | {
      readonly played: Played;
      /** The token that was played: the shrunk one, where one was asked for. */
      readonly token: string;
      readonly files: readonly string[];
    };

export const question: Question<ReplayAsk, ReplayAsk, ReplayAnswer, ReplayAnswer> = single({
  kind: 'replay',
  endless: true,
  sources: ({ candidates, token, diff: other }) =>
    named(candidates, [decodeToken(token).design, other]),
  cells: (ask) => [decodeToken(ask.token).workload],
  when: () => '',
  design: (ask) => decodeToken(ask.token).design,
  async answer(ask, _cell, isolate) {
    const { questions } = isolate.house;
    for (const one of ask.brought ?? []) await (await questions[one.kind]!()).question.brings!(one);
    const text = ask.shrink === true ? await shorter(isolate, ask) : ask.token;
    const token = decodeToken(text);
    if (ask.diff !== undefined) return { diff: await diff(isolate, token, ask.diff, ask) };
    if (ask.as !== undefined)
      return { story: connectionStory(await inputOf(isolate, token, ask), token), token: text };
    const { played, input } = await replay(isolate, token, ask);
    if (ask.trace === undefined) return { played, token: text, files: [] };
    const dir = isolate.stage.rehearses ? null : ask.trace;
    const { writeTrace } = await import('./trace/write.ts');
    return { played, token: text, files: writeTrace(dir, input, token.trace, played.loan) };
  },
});
