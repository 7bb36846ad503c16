// The candidate's code, in a process of its own: evaluated in a compartment (Endo's `ses`) whose globals are those of the
// language and nothing else. What shared objects the language has are frozen.
// Non-goal: keeping a candidate's hands off the machine that its hooks are given. Nothing is judged here.
import { declaredOf } from '@lastref/kernel';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename } from 'node:path';
import { designOf } from '../candidates/card.ts';
import { CAUGHT, caught, type Caught } from '../candidates/caught.ts';
import { loadAllGlobals } from '../candidates/globals.ts';
import { Watch, blamed, findsWritten, guarded, marked, wentOn } from '../candidates/guard.ts';
import { Broken, LOADING, oneLine, placeName, type Rule } from '../candidates/rules.ts';
import { asCandidate } from '../candidates/reading.ts';
import { running } from '../candidates/running.ts';
import { share } from '../candidates/shared.ts';
import { mustBeNamed, type Source } from '../candidates/source.ts';
import type { Loaded } from '../candidates/load.ts';
import { bringsCode } from '../version.ts';
import { closeShared } from './closed.ts';
import { keepFrames, showsFramesOf } from './frames.ts';
import { keepIterators } from './iterators.ts';
import { SEAM } from './lives.ts';
import { shareSeam } from './seam.ts';
import { writeAll } from './write-all.ts';

/** Freezes what the language shares. Once in a process, before any code of a candidate's is there. */
export async function lockDown(): Promise<void> {
  await import('ses');
  loadAllGlobals();
  keepPrototypes();
  keepIterators();
  keepRecords();
  keepFields();
  const { Function: written } = globalThis;
  lockdown({
    // messages have the line of the candidate that threw
    errorTaming: 'unsafe',
    stackFiltering: 'verbose',
    // the machine's own code runs here, too, and assigns to names that prototypes have
    overrideTaming: 'severe',
    consoleTaming: 'unsafe',
    errorTrapping: 'none',
    unhandledRejectionTrapping: 'none',
    reporting: 'none',
  });
  // What we write for a class stands outside of all compartments: in the one that ses has for it each global, as Math, is
  // looked for through a proxy, which makes a search several times slower. None of it is text of a candidate's.
  globalThis.Function = written;
  keepFrames();
  shareSeam();
  closeShared();
}

/** Objects keep the prototype that they were made with: under another one no walk knows what they are. */
function keepPrototypes(): void {
  const keep = (): never => refuse('it changed the prototype of an object', 'state');
  Object.setPrototypeOf = keep;
  Reflect.setPrototypeOf = keep;
  const proto = Object.getOwnPropertyDescriptor(Object.prototype, '__proto__')!;
  Object.defineProperty(Object.prototype, '__proto__', { ...proto, set: keep });
}

/** Node 22 makes records of numbers as they are written, which JSON alone tells from others that are alike. */
function keepRecords(): void {
  for (const name of ['rawJSON', 'isRawJSON']) Reflect.deleteProperty(JSON, name);
}

/**
 * What may be done with a field is no value of it, and nobody sets it back: a candidate's hooks have no say in it. Of what is
 * its own they may keep anybody from changing it.
 */
function keepFields(): void {
  const refusing = (owner: object, names: string, of: string): void => {
    for (const name of names.split(' ')) {
      const own = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
      const kept = {
        [name](this: unknown, ...args: unknown[]): unknown {
          if (running.place > LOADING) refuse(`it called ${of}${name}`, 'state');
          return own.apply(this, args);
        },
      };
      Object.defineProperty(owner, name, { value: kept[name] });
    }
  };
  refusing(Object.prototype, '__defineGetter__ __defineSetter__', '');
  for (const name of ['freeze', 'seal', 'preventExtensions'] as const) {
    const own = Object[name] as (o: unknown) => unknown;
    const kept = {
      [name](o: unknown): unknown {
        if (running.place > LOADING && isOfMachine(o))
          refuse(
            `it changed what may be done with an object (${o.constructor.name}) of the machine`,
            'seam',
          );
        return own(o);
      },
    };
    Object.defineProperty(Object, name, { value: kept[name] });
  }
  refusing(Reflect, 'defineProperty', 'Reflect.');
  refusing(Object, 'defineProperty defineProperties', 'Object.');
}

/** Of a class that says what of it is state. */
function isOfMachine(o: unknown): o is object {
  if (typeof o !== 'object' || o === null) return false;
  const prototype = Object.getPrototypeOf(o) as object | null;
  return prototype !== null && declaredOf(prototype.constructor) !== null;
}

function refuse(what: string, rule: Rule): never {
  throw new Broken(placeName(running.place), what, rule);
}

/** A name that a script may look for and no design needs: whatever is done with it ends the run, and says why. */
function decoy(name: string, rule: Rule): object {
  const verb = rule === 'repeatable' ? 'asked for' : 'called';
  const called = (path: string): object =>
    new Proxy(function () {}, {
      get: (_, key) => called(`${path}.${String(key)}`),
      apply: () => refuse(`it ${verb} ${path}`, rule),
      construct: () => refuse(`it ${verb} ${path}`, rule),
      set: (_, key) => refuse(`it changed ${path}.${String(key)}`, 'globals'),
      defineProperty: (_, key) => refuse(`it changed ${path}.${String(key)}`, 'globals'),
      setPrototypeOf: () => refuse(`it changed ${path}`, 'globals'),
      preventExtensions: () => refuse(`it changed ${path}`, 'globals'),
    });
  return called(name);
}

const CLOCKS = ['performance'];
const OTHERS = [
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'WebSocket',
  'Worker',
  'MessageChannel',
  'SharedArrayBuffer',
  'Atomics',
];

/** `Math` without chance. */
function calm(): object {
  const own = Object.getOwnPropertyDescriptors(Math);
  const random = { value: (): never => refuse('it called Math.random', 'repeatable') };
  return Object.freeze(Object.create(Object.prototype, { ...own, random })) as object;
}

/** `Date` of moments that are named, and never of now. */
function timeless(): object {
  const now = Object.freeze((): never => refuse('it asked for the time (Date.now)', 'repeatable'));
  const named = Object.assign(function Date() {}, { prototype: Date.prototype });
  return new Proxy(named, {
    apply: now,
    construct: (_, args: unknown[]) =>
      args.length === 0
        ? refuse('it asked for the time (new Date)', 'repeatable')
        : new Date(...(args as [number])),
    get: (own, key) =>
      key === 'now' ? now : (Reflect.get(Object.hasOwn(own, key) ? own : Date, key) as unknown),
  });
}

const STDOUT_FD = 1;

/** What it prints is passed on, a line each. */
function printing(): object {
  const print = (...words: unknown[]): void => {
    writeAll(STDOUT_FD, Buffer.from(`${words.map((word) => shown(word)).join(' ')}\n`));
  };
  return Object.freeze({ log: print, info: print, warn: print, error: print, debug: print });
}

function shown(word: unknown): string {
  try {
    return oneLine(String(word));
  } catch (error) {
    caught.entered++;
    caught.look(error);
    return 'something that cannot be shown';
  }
}

function globals(): Record<string, unknown> {
  const made: Record<string, unknown> = { Math: calm(), Date: timeless(), console: printing() };
  for (const name of CLOCKS) made[name] = decoy(name, 'repeatable');
  for (const name of OTHERS) made[name] = decoy(name, 'process');
  made['crypto'] = decoy('crypto', 'repeatable');
  return made;
}

/** Names that a compartment has beside those of the language: what they make has state that no search sees. */
const NOT_OF_LANGUAGE = ['Compartment', 'lockdown', 'harden', 'TextEncoder', 'TextDecoder'];

/** Where the candidate's code is: nothing in it can change. */
function compartmentCalled(name: string): Compartment {
  const own = globals();
  const compartment = new Compartment({ globals: own, name, __options__: true });
  const names = compartment.globalThis as Record<string, unknown>;
  for (const other of NOT_OF_LANGUAGE) delete names[other];
  for (const one of ['Math', 'Date', 'console']) share(own[one] as object);
  Object.freeze(names);
  return compartment;
}

/** The script brings its map as esbuild writes it: a comment at its end. */
const MAP = /\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;

/** Messages name lines of what the author wrote. */
function readMap(code: string): void {
  const [, text] = MAP.exec(code) ?? [];
  if (text === undefined) return;
  const map = new SourceMap(JSON.parse(Buffer.from(text, 'base64').toString()) as SourceMapPayload);
  findsWritten((name, line, column) => {
    const entry = map.findEntry(line - 1, column - 1);
    if (!('originalLine' in entry)) return `${name}:${line}:${column}`;
    return `${basename(entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** By its text alone a compartment knows what it has not, and refuses whatever looks like it. */
const LOOKS_LIKE: readonly (readonly [said: string, written: string])[] = [
  ['Possible import expression rejected', "'import('"],
  ['Possible direct eval expression rejected', "'eval('"],
  ['Possible HTML comment rejected', "'<!--' or '-->'"],
];

/** Of what was thrown where its script was read: the text that no script may have; null: it is something else. */
function refusedText(error: unknown): Broken | null {
  if (!(error instanceof SyntaxError)) return null;
  const found = LOOKS_LIKE.find(([said]) => error.message.startsWith(said));
  if (found === undefined) return null;
  const what = `it has ${found[1]}, which is refused in a text, too: write it otherwise`;
  return new Broken('its file', what, 'compiles');
}

/** Runs the candidate's file. Throws Broken. */
export function evaluateCandidate(source: Source): Loaded {
  const { file, code } = source;
  mustBeNamed(file);
  const watch = new Watch(file);
  readMap(code!);
  showsFramesOf(basename(file));
  const before = running.enter(LOADING);
  try {
    return asCandidate(() => evaluated(source, watch));
  } catch (error) {
    throw caught.stopped
      ? wentOn(LOADING, file)
      : (refusedText(error) ?? blamed(LOADING, file, error));
  } finally {
    running.leave(before);
  }
}

function evaluated({ file, code, version }: Source, watch: Watch): Loaded {
  const compartment = compartmentCalled(basename(file));
  const script = `(function (${CAUGHT}) {return function (require, module, exports) {${code!}\n}})\n//# sourceURL=${basename(file)}`;
  const module = { exports: {} as object, shared: {} as object };
  const require = (name: string): object =>
    name === '@lastref/kernel' ? SEAM : refuse(`it required ${oneLine(name)}`, 'compiles');
  const scope = compartment.evaluate(script) as (known: Caught) => (...args: unknown[]) => void;
  scope(caught)(require, module, module.exports);
  if (caught.stopped) throw wentOn(LOADING, file);
  share(module.shared);
  share({ require, module });
  const raw = designOf(module.exports);
  watch.look(LOADING);
  const loaded = { raw: marked(raw), design: guarded(raw, watch), watch };
  for (const design of [loaded.raw, loaded.design]) bringsCode(design, () => version!);
  return loaded;
}
