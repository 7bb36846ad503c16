// A candidate's hooks, each with a guard before it: says where the code is, looks at the answer, and turns whatever
// goes wrong into a message that names the hook and the rule. The designs of the repository run without.
import {
  COPY,
  Halted,
  KernelBug,
  NoMemory,
  SHARE,
  SeamMisuse,
  SkbSharedInfo,
  type Design,
  type PageLifetime,
  type Program,
  type Runtime,
} from '@lastref/kernel';
import { basename } from 'node:path';
import { caught, changing } from './caught.ts';
import { Globals } from './globals.ts';
import {
  Broken,
  CREATE,
  EVENT_NAMES,
  HOOKS,
  answerOf,
  oneLine,
  placeName,
  placeOf,
  type AnswerKind,
  type Asked,
  type Rule,
} from './rules.ts';
import { LEFT, REPLIED, leavesReplied } from './quiet.ts';
import { running } from './running.ts';
import { CheckedCalls, CheckedServices, hand } from './services.ts';
import { share, sharedWritten } from './shared.ts';

type Method = (...args: unknown[]) => unknown;

/** A hook that calls a service that asks a hook …: so many within each other are none that comes to an end. */
export const HOOKS_DEEP = 256;
let deep = 0;

/**
 * Runs a candidate's code as `place`, which gets `of` and `args`; anything that it throws comes out as `Broken`, but for -ENOMEM.
 * A hook is asked most often of all that there is: nothing is made for it here.
 */
function as<Of, Args, T>(
  place: number,
  file: string,
  work: (of: Of, args: Args) => T,
  of: Of,
  args: Args,
): T {
  const before = running.enter(place);
  deep++;
  try {
    if (deep > HOOKS_DEEP) throw tooDeep(place);
    const said = work(of, args);
    if (!caught.stopped) return said;
  } catch (error) {
    if (!caught.stopped) throw blamed(place, file, error);
  } finally {
    deep--;
    running.leave(before);
  }
  throw wentOn(place, file);
}

/** Else a stack would run out, at another depth each time, and in the midst of what is put on a tape. */
function tooDeep(place: number): Broken {
  const what = `its hooks call services that ask its hooks, ${HOOKS_DEEP} within each other`;
  return new Broken(placeName(place), what, 'returns');
}

/** A candidate is stopped, whatever it caught: by what. */
export function wentOn(place: number, file: string): unknown {
  const { why, entered, ended } = caught;
  if (entered === 0 && ended !== null) {
    caught.forget(); // of a machine that stands still another run may begin
    return blamed(ended.place, file, ended.error);
  }
  if (why instanceof Broken) return why;
  const unnamed = why === null || why instanceof SyntaxError; // of a regular expression, which it has in full
  const what = unnamed ? 'that its stack ran out' : thrown(why, file);
  return new Broken(
    placeName(place),
    `it caught ${what}, and ${changing(why) ?? 'how deep a stack goes'} changes from run to run`,
    'repeatable',
  );
}

/** What a candidate threw at `place`, as its guard lets it out. Whatever was thrown, this does not throw. */
export function blamed(place: number, file: string, error: unknown): unknown {
  try {
    if (error instanceof NoMemory || error instanceof Halted || error instanceof Broken)
      return error;
    if (error instanceof KernelBug) return new Broken(placeName(place), error.message, 'bug');
    if (error instanceof SeamMisuse) return new Broken(placeName(place), error.message, 'alive');
  } catch {
    // a Proxy whose prototype throws: what it is, `thrown` says
  }
  const text = thrown(error, file);
  const name = sharedWritten(error, basename(file));
  if (name !== null) {
    const at = / \([^ ]*\)$/.exec(text)?.[0] ?? '';
    const what = `it writes to ${oneLine(name)} of a frozen object, as all are that machines share`;
    return new Broken(placeName(place), what + at, 'globals');
  }
  return new Broken(placeName(place), `it threw ${text}`, 'throws');
}

/** Where something stands in a candidate's sources, by its place in what is run. */
type Written = (name: string, line: number, column: number) => string;
let written: Written = (name, line, column) => `${name}:${line}:${column}`;

/** Node finds the places of modules by itself; whoever runs a candidate as a script says how they are found. */
export function findsWritten(how: Written): void {
  written = how;
}

/** What was thrown, and the line of the candidate that did it. */
export function thrown(error: unknown, file: string): string {
  try {
    return described(error, file);
  } catch {
    return 'something that cannot be shown'; // no prototype, a Proxy, a getter that throws
  }
}

function described(error: unknown, file: string): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  const name = basename(file);
  const stack: unknown = error.stack;
  const line = (typeof stack === 'string' ? stack : '')
    .split('\n')
    .find((l) => l.includes(`${name}:`));
  const at = line === undefined ? '' : / ?\(?[^ (]*?(\d+):(\d+)\)?$/.exec(line);
  const where = at === '' || at === null ? '' : ` (${written(name, Number(at[1]), Number(at[2]))})`;
  return oneLine(`${error.name}: ${error.message}`) + where;
}

/** Is `said` what a hook of this kind answers? */
function fits(kind: AnswerKind, said: unknown): boolean {
  switch (kind) {
    case 'yes or no':
      return typeof said === 'boolean';
    case 'share or copy':
      return said === SHARE || said === COPY;
    case 'data or null':
      return said === null || said instanceof SkbSharedInfo;
    case 'nothing':
      return !(said instanceof Promise); // else it would go on when the machine has moved
  }
}

const WANTED: Record<AnswerKind, string> = {
  'yes or no': 'true or false',
  'share or copy': 'SHARE or COPY',
  'data or null': 'a shared info or null',
  nothing: 'nothing',
};

/** What stands before a candidate's instance: it holds that, and no state of its own. */
class Before {
  readonly inner: Record<string, Method>;

  constructor(inner: PageLifetime | Program) {
    this.inner = inner as unknown as Record<string, Method>;
  }
}

/** What `create` of a candidate made: what is behind its guard, if it has one. */
export const behindGuard = (made: object): object => (made instanceof Before ? made.inner : made);

/** The class of a candidate's guards. */
function guardClass(
  watch: Watch,
  names: readonly Asked[],
): new (inner: PageLifetime | Program) => object {
  class Guard extends Before {}
  for (const hook of names) {
    const place = placeOf(hook);
    const kind = answerOf(hook);
    const ask = (inner: Record<string, Method>, args: readonly unknown[]): unknown => {
      const said = inner[hook]!(...args);
      if (!fits(kind, said))
        throw new Broken(
          placeName(place),
          `it answered ${describe(said)}, where ${WANTED[kind]} is wanted`,
          'answers',
        );
      watch.once(place);
      return said;
    };
    const value = function (this: Guard, ...args: unknown[]): unknown {
      return as(place, watch.file, ask, this.inner, args);
    };
    Object.defineProperty(Guard.prototype, hook, { value });
  }
  share(Guard);
  return Guard;
}

/** The same before what leaves `replied` to mainline, and has it where it gets one later. */
function leaving(Guard: ReturnType<typeof guardClass>): ReturnType<typeof guardClass> {
  class Leaving extends Guard {
    get [REPLIED](): unknown {
      const { inner } = this as unknown as Before;
      return Object.hasOwn(inner, REPLIED) ? Reflect.get(Guard.prototype, REPLIED) : LEFT;
    }
  }
  share(Leaving);
  return Leaving;
}

function describe(value: unknown): string {
  if (value instanceof Promise)
    return 'a promise (what it does would go on when the machine has moved)';
  if (typeof value === 'object' && value !== null) return 'an object';
  return oneLine(String(value));
}

/** Looks after what a candidate shares with the others in its isolate. */
export class Watch {
  readonly file: string;
  private readonly globals = new Globals();
  private readonly looked = new Set<number>();

  constructor(file: string) {
    this.file = file;
  }

  /** What is shared is as it was, or `Broken` is thrown. */
  look(place: number): void {
    const changed = this.globals.changed();
    if (changed !== null) throw new Broken(placeName(place), `it changed ${changed}`, 'globals');
  }

  /** Looks after the first call of a hook; what later calls do is seen when the cell is over. */
  once(place: number): void {
    if (this.looked.has(place)) return;
    this.looked.add(place);
    this.look(place);
  }
}

/** `design` behind its guard. */
export function guarded(design: Design, watch: Watch): Design {
  if (design.createProgram !== undefined) return guardedRuntime(design, watch);
  const Guard = guardClass(watch, HOOKS);
  const Leaving = leaving(Guard);
  return {
    ...design,
    create(services) {
      caught.forget();
      const make = (): PageLifetime => {
        const made = design.create(hand(new CheckedServices(services)));
        mustHaveAll(made, HOOKS, 'hook');
        const Kind = leavesReplied(made) ? Leaving : Guard;
        watch.once(CREATE);
        return new Kind(made) as unknown as PageLifetime;
      };
      return as(CREATE, watch.file, make, null, null);
    },
  };
}

/** The program of a runtime behind its guard; what is under it is ours. */
function guardedRuntime(design: Design, watch: Watch): Design {
  const Guard = guardClass(watch, EVENT_NAMES);
  return {
    ...design,
    createProgram(calls) {
      caught.forget();
      const make = (): Program => {
        const create = design.createProgram as Runtime['create'];
        const made = create(hand(new CheckedCalls(calls)));
        mustHaveAll(made, EVENT_NAMES, 'event');
        watch.once(CREATE);
        return new Guard(made) as unknown as Program;
      };
      return as(CREATE, watch.file, make, null, null);
    },
  };
}

function mustHaveAll(made: object | null, names: readonly Asked[], what: string): void {
  const missing = names.find(
    (name) => typeof (made as Record<string, unknown> | null)?.[name] !== 'function',
  );
  if (missing !== undefined)
    throw new Broken('create', `what it returned has no ${what} ${missing}`, 'hooks');
}

/**
 * `design` with hooks that only say when they run: for those who look at its class and change it, where a mistake is
 * what they are after.
 */
export function marked(design: Design): Design {
  if (design.createProgram !== undefined) return design; // nobody changes the class of a runtime
  return {
    ...design,
    create(services) {
      const made = design.create(services);
      const hooks = made as unknown as Record<string, Method>;
      for (const hook of HOOKS) {
        const own = hooks[hook]!;
        const place = placeOf(hook);
        const value: Method = (...args) => {
          const before = running.enter(place);
          try {
            return own.apply(made, args);
          } finally {
            running.leave(before);
          }
        };
        // its class may be frozen by now
        Object.defineProperty(made, hook, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
      return made;
    },
  };
}

/** A name that this isolate has no business to call while a candidate runs. */
export function forbid(object: object, name: string, what: string, rule: Rule): void {
  const own = (object as Record<string, Method>)[name]!;
  Object.defineProperty(object, name, {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]): unknown {
      if (running.place !== 0) throw new Broken(placeName(running.place), what, rule);
      return own.apply(this, args);
    },
  });
}
