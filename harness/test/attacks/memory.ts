// Where somebody may remember something that no search sees, so that it takes two states for one and says *exhausted* of
// what is wrong. Each is a place for one number, at the top of a file or in a class, with how it is read and written.

export interface Place {
  /** Code at the top of the file. */
  readonly top?: string;
  /** In the class. */
  readonly members?: string;
  readonly read: string;
  /** Writes `v`. */
  readonly write: string;
  /** What the line says that comes in place of a proof. */
  readonly comes: string;
}

const FROZEN = 'of a frozen object, as all are that machines share';
const on = (o: string, comes = `it writes to n ${FROZEN}`): Place => ({
  read: `((${o} as any).n ?? 0)`,
  write: `const t = ${o} as any; t.n = v;`,
  comes,
});

export const PLACES: Readonly<Record<string, Place>> = {
  'a constant, by another name': { ...on('T'), top: 'const T = { n: 0 };' },
  'a list, by another name': {
    top: 'const T = [0];',
    read: 'T[0]!',
    write: 'const t = T; t[0] = v;',
    comes: `it writes to 0 ${FROZEN}`,
  },
  'an enum, by another name': { ...on('E'), top: 'enum E { A }' },
  'a function': { ...on('help'), top: 'function help(): void {}' },
  'a function, by Object.assign': {
    ...on('help'),
    top: 'function help(): void {}',
    write: 'const o = Object; o.assign(help, { n: v });',
  },
  'a method of another class': {
    ...on('Other.prototype.go'),
    top: 'class Other { go(): void {} }',
  },
  'its class': on('Mine'),
  'its prototype': on('Mine.prototype'),
  'a constant of another file': { ...on('T'), top: "import { T } from './table.ts';" },
  'the console': on('console.log'),
  'the clock that it has not': on('Date.now'),
  'a global': {
    read: '((isNaN as any).n ?? 0)',
    write: '(isNaN as any) = { n: v };',
    comes: 'Assignment to constant variable',
  },
  'the prototype of a name that is not there': {
    top: 'declare const process: any;',
    read: '((Object.getPrototypeOf(process) as any).n ?? 0)',
    write: 'const o = Object; o.setPrototypeOf(process, { n: v });',
    comes: 'it changed process',
  },
  'the services': on('Object.getPrototypeOf(this.k)'),
  'the era': on('this.k.era'),
  'what the era has': {
    read: '[...((this.k.era.changes as any).values() as any[])].filter((x) => +x === x)[0] ?? 0',
    write:
      'const c = this.k.era.changes as any; for (const x of [...c.values()]) if (+x === x) c.delete(x); c.add(v);',
    comes: 'values is not a function',
  },
  'an accessor of the kernel': {
    ...on("Object.getOwnPropertyDescriptor(Life.prototype, 'over')!.get"),
    top: "import { Life } from '@lastref/kernel';",
  },
  'a frag of the data that none has': {
    top: "import { POISON_SHINFO } from '@lastref/kernel';",
    read: '(POISON_SHINFO.frags[0] as any).size',
    write: 'const t = POISON_SHINFO.frags[0] as any; t.size = v;',
    comes: 'it wrote to a shared info what is not its own to write',
  },
  'the class of what is thrown': {
    ...on('this.thrown()'),
    members:
      'thrown(): any { try { this.k.hold(null as any); } catch (e: any) { return e.constructor; } }',
  },
  'a closure that stands for a class': {
    members: 'kept: any = null;',
    read: '(this.kept === null ? 0 : this.kept.n())',
    write:
      'const n = (): number => v; const f: any = (): number => v; f.prototype = { constructor: f, n }; this.kept = Object.create(f.prototype);',
    comes: 'an object of a class that was made while it ran (f)',
  },
};
