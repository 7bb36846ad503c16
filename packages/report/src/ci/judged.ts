// What other people's tools are told of a run: cells, and what was found in each, whatever command found it.
import { CARDS, IN_THE_WORD, type Harm, type Property } from '@lastref/judge';

/** What some commands find beside properties: an experiment, a search or a reader of files says it. */
const OTHERS = {
  refuted: {
    legend: 'a claim that runs contradict',
    says: 'an experiment on what a source claims came out otherwise',
    saysNot: 'that its author was wrong about the kernel of his day: the scope says what was run',
  },
  'not-found': {
    legend: 'a bug of history that the search does not find',
    says: 'the wrong version was searched within its bound and nothing was found',
    saysNot: 'that the wrong version is right',
  },
  survived: {
    legend: 'a mutant that nobody notices',
    says: 'a hook or a reference call was changed, runs differ from those of the original, and none is worse',
    saysNot: 'that the change is harmless outside of these runs',
  },
  unread: {
    legend: 'what a capture does not let one know',
    says: 'bytes, frames or calls of the capture could not be read, or are not in it',
    saysNot: 'anything of a design: a capture alone judges none',
  },
  failed: {
    legend: 'a script of packetdrill that the model does not pass',
    says: 'the model answered otherwise than the script expects',
    saysNot: 'which of them is as the kernel: the reason names the line',
  },
  disagrees: {
    legend: 'a script on which the model and a running kernel part',
    says: 'the same operations left other counts, pages or owners in the model than in the kernel',
    saysNot: 'that a verdict depends on it: the reason beside the script says whether one could',
  },
  contradicts: {
    legend: 'a live run that shows what the model proves impossible',
    says: 'somebody read changed bytes who, by the model, does not',
    saysNot: 'how often it happens elsewhere: it was seen once, which is enough',
  },
  'not-seen': {
    legend: 'a finding of the model that live runs do not show',
    says: 'the model finds that changed bytes are read; so many runs with real sockets did not show it',
    saysNot: 'that it cannot happen: a run has one order of many',
  },
  unhooked: {
    legend: 'a place of a kernel tree that a patch leaves out',
    says: 'a function does what the hooked ones do, and the hook that the patch adds is not called there',
    saysNot: 'that the hook is wanted there: the row of the matrix shows what happens without',
  },
  mismatch: {
    legend: 'an operation that the registry has in other releases than the tree',
    says: 'the tree has a function that the registry denies it, or has not got one that the registry gives it',
    saysNot: 'anything of a design',
  },
  'not-repaired': {
    legend: 'a mark that a repair has not reached',
    says: 'the design is still found wrong on a workload of the exercise, or copies more than before',
    saysNot: 'that its idea is wrong',
  },
} as const;

export type OtherKind = keyof typeof OTHERS;
export type Kind = Property | OtherKind;

/** Every kind of a finding, as tools that ask for rules are told of it. */
export const KINDS: readonly {
  readonly id: Kind;
  readonly legend: string;
  readonly says: string;
  readonly saysNot: string;
}[] = [...CARDS, ...Object.entries(OTHERS).map(([id, card]) => ({ id: id as OtherKind, ...card }))];

/** Does it fail a case without being asked for? */
export function failsUnasked(kind: Kind): boolean {
  return kind in OTHERS || IN_THE_WORD.some((p) => p === kind);
}

export interface JudgedFinding {
  readonly property: Kind;
  /** null: the command does not say. */
  readonly harm: Harm | null;
  /** What was found, in a sentence. */
  readonly text: string;
  /** Plays it; null: there is none. */
  readonly token: string | null;
}

/** A design on a workload, an operation or a story, in one kernel; or what else a command looks at, one thing of it. */
export interface JudgedCell {
  readonly design: string;
  readonly on: string;
  /** '': of no kernel. */
  readonly era: string;
  /** Why it was not judged; null: it was. */
  readonly notJudged: string | null;
  /** It was run, and was not over when its time was: whether there is more to be found nobody can say. */
  readonly open?: true;
  readonly findings: readonly JudgedFinding[];
  /** Where it is written, relative; without it where its design is. */
  readonly file?: string;
}

/** A candidate that was stopped, so that of this no cell is there. */
export interface StoppedCell {
  readonly design: string;
  /** The workload or operation; null: it did not load. */
  readonly where: string | null;
  /** Why, in a sentence. */
  readonly text: string;
}

/** What becomes of a finding. `known`: somebody excluded it; `beside`: it is not of the kinds that are asked for. */
export type Standing = 'counts' | 'known' | 'beside';

export interface JudgedRun {
  readonly version: string;
  readonly commit: string;
  /** As it was typed. */
  readonly command: string;
  /** When it was made: UTC, to the second. */
  readonly at: string;
  readonly cells: readonly JudgedCell[];
  readonly stopped: readonly StoppedCell[];
  standing(cell: JudgedCell, finding: JudgedFinding): Standing;
  /** The file of a design, for tools that show findings in sources; relative where it can be. */
  fileOf(design: string): string;
  /** The command that plays a token. */
  replay(token: string): string;
}

/** 'early (hazard)': a finding in two words. */
export function kindText({ property, harm }: JudgedFinding): string {
  return harm === null ? property : `${property} (${harm})`;
}
