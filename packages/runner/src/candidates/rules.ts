// What a candidate may not do, and how it is told.
import { EVENTS, type Event, type PageLifetime } from '@lastref/kernel';

export type Hook = keyof PageLifetime;

/** What each hook answers. */
export const ANSWERS = {
  canAppend: 'yes or no',
  begins: 'nothing',
  lend: 'nothing',
  mayMerge: 'yes or no',
  merged: 'nothing',
  mayMove: 'yes or no',
  returned: 'nothing',
  released: 'nothing',
  replied: 'nothing',
  unanswered: 'nothing',
  fragRef: 'nothing',
  fragUnref: 'nothing',
  pageRef: 'nothing',
  pageUnref: 'nothing',
  pageFree: 'yes or no',
  pageIdle: 'nothing',
  clone: 'share or copy',
  adopt: 'nothing',
  mayWriteFrags: 'yes or no',
  orphanFrags: 'nothing',
  orphanFragsRx: 'nothing',
  pagesLeft: 'nothing',
  ubufsCopied: 'nothing',
  zcopyClear: 'nothing',
  dataFree: 'data or null',
  charged: 'nothing',
  skbDestructor: 'nothing',
  cbFound: 'nothing',
  mayWrite: 'yes or no',
  keepsOwner: 'yes or no',
  closed: 'nothing',
  acked: 'nothing',
} as const satisfies Record<Hook, string>;
export type AnswerKind = (typeof ANSWERS)[Hook];

/** In the seam's order. */
export const HOOKS = Object.keys(ANSWERS) as Hook[];

/** The events of a runtime's program: to a candidate they are what hooks are to a design. None has an answer. */
export const EVENT_NAMES = Object.keys(EVENTS) as Event[];

/** All that a candidate is asked, by number: a design's hooks, then a program's events. */
export type Asked = Hook | Event;
export const ASKED: readonly Asked[] = [...HOOKS, ...EVENT_NAMES];

/** Where a candidate's code can be while it runs: outside, at the top of its file, in `create`, in a hook or event. */
export const PLACES: readonly string[] = ['', 'its top level', 'create', ...ASKED];
export const LOADING = 1;
export const CREATE = 2;

export function placeOf(hook: Asked): number {
  return PLACES.indexOf(hook);
}

/** What each hook is given. */
export const ARGUMENTS = {
  canAppend: ['skb', 'loan'],
  begins: ['loan', 'skb'],
  lend: ['skb', 'page', 'number', 'number', 'loan'],
  mayMerge: ['frag', 'loan'],
  merged: ['skb', 'frag', 'number', 'loan'],
  mayMove: ['skb', 'skb', 'number'],
  returned: ['loan'],
  released: ['loan'],
  replied: ['loan'],
  unanswered: ['loan', 'flag'],
  fragRef: ['shinfo', 'frag'],
  fragUnref: ['shinfo', 'frag', 'skb'],
  pageRef: ['page'],
  pageUnref: ['page'],
  pageFree: ['page'],
  pageIdle: ['page'],
  clone: ['skb', 'number'],
  adopt: ['skb', 'shinfo', 'number', 'skb'],
  mayWriteFrags: ['skb'],
  orphanFrags: ['skb'],
  orphanFragsRx: ['skb'],
  pagesLeft: ['skb'],
  ubufsCopied: ['skb'],
  zcopyClear: ['shinfo'],
  dataFree: ['shinfo'],
  charged: ['skb'],
  skbDestructor: ['skb'],
  cbFound: ['skb'],
  mayWrite: ['page'],
  keepsOwner: [],
  closed: ['sock'],
  acked: ['sock', 'number'],
} as const satisfies Record<Hook, readonly string[]>;
export type ArgumentKind = (typeof ARGUMENTS)[Hook][number];

const EVENT_KINDS = Object.fromEntries(
  Object.entries(EVENTS).map(([event, given]) => [event, Object.values(given)]),
) as Record<Event, ('number' | 'flag')[]>;

/** What `asked` is given. */
export function argumentsOf(asked: Asked): readonly ArgumentKind[] {
  return asked in EVENTS ? EVENT_KINDS[asked as Event] : ARGUMENTS[asked as Hook];
}

/** What it answers. */
export function answerOf(asked: Asked): AnswerKind {
  return asked in EVENTS ? 'nothing' : ANSWERS[asked as Hook];
}

/** `hook fragRef`, `event notified`, or another place by its name. */
export function placeName(place: number): string {
  const name = PLACES[place] ?? '';
  if (place <= CREATE) return name;
  return name in EVENTS ? `event ${name}` : `hook ${name}`;
}

/** Of CPU: on a busy machine a hook that does its work takes longer. */
export const HOOK_SECONDS = 5;
/** By the clock: one that waits takes no CPU. */
export const HOOK_WAIT_SECONDS = 30;
/** By the clock and of CPU, both: on a busy machine a run that is a second long takes a minute. */
export const CELL_SECONDS = 60;
/** By the clock, whatever it takes of CPU. */
export const CELL_WAIT_SECONDS = 600;
export const HEAP_MB = 768;
/** A search keeps tables of its own. */
export const SEARCH_MB = 4096;
/** By which the process may grow beside the heap. */
export const MEMORY_MB = 1536;

/** One sentence each. */
export const RULES = {
  throws: 'a hook does its work and returns: it answers no where it can, and never throws',
  answers: 'a hook answers what the seam says of it, at once',
  returns: `a hook returns within ${HOOK_SECONDS} s of CPU, and ${HOOK_WAIT_SECONDS} by the clock`,
  ends: `a run ends within ${CELL_SECONDS} s of CPU, and ${CELL_WAIT_SECONDS} by the clock; those of the designs of the repository take less than one`,
  memory: 'a design keeps a few words for each object of the kernel, and a run stays small',
  process: 'a design does not end or signal the process that runs it',
  globals: 'a design leaves what is shared (prototypes, globals, constants, the kernel) as it is',
  alive: 'a hook touches only what is alive, and with arguments that make sense',
  bug: 'here a kernel would stop (BUG): references are put once for each that was taken',
  repeatable: 'the same steps give the same run: a design uses no clock and no chance',
  seam: 'what a design does to the machine goes through the seam: its answers, the services, its own slots (loan, cb, destructor) in what a hook is given',
  misuse:
    'a hook does what the seam says of it: lend adds one frag, of the page or of a copy, with the bytes that are lent',
  state: 'what a design remembers stands in plain fields, where a search sees it',
  compiles:
    'the file is a TypeScript module that compiles; it imports @lastref/kernel and its own files',
  card: "the file exports a const 'design' or 'runtime': a card with an id and a create function, as in strategies/",
  adds: 'a field that a patch adds stands behind one that the struct of that kernel has, or behind none',
  hooks:
    'create returns a PageLifetime: extend GetPutPage and override what the patch changes; of a runtime, a Program: extend Program',
} as const;
export type Rule = keyof typeof RULES;

const TEXT_MAX = 300;

/** A text from a candidate on one line of bounded length. */
export function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= TEXT_MAX ? line : `${line.slice(0, TEXT_MAX)}…`;
}

/** A candidate broke a rule: where, what, which. */
export class Broken extends Error {
  override readonly name = 'Broken';
  readonly place: string;
  readonly rule: Rule;
  /** Era, seed and step, as far as they are known. */
  when: string | null = null;

  constructor(place: string, what: string, rule: Rule) {
    super(oneLine(what));
    this.place = place;
    this.rule = rule;
  }
}

/** What stopped a candidate, as a message can carry it. */
export interface Fault {
  readonly design: string;
  /** The workload or operation; null: before any. */
  readonly where: string | null;
  /** The hook, `create`, or the top level of its file; null: between hooks. */
  readonly hook: string | null;
  readonly rule: string;
  /** One line with all of it. */
  readonly text: string;
}

/** `name`: of the design, or of its file as long as its id is not known. */
export function faultOf(name: string, where: string | null, error: Broken): Fault {
  const at = error.place === '' ? 'between its hooks' : `in ${error.place}`;
  const when = error.when === null ? '' : ` (${error.when})`;
  const on = where === null ? '' : ` on ${where}${when}`;
  return {
    design: name,
    where,
    hook: error.place === '' ? null : error.place.replace(/^(hook|event) /, ''),
    rule: RULES[error.rule],
    text: `${name}${on}, ${at}: ${error.message}${error.message.endsWith('?') ? '' : '.'} Rule: ${RULES[error.rule]}.`,
  };
}
