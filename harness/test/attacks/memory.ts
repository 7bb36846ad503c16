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

/** Nothing that it is given leads there. */
const NOWHERE = 'properties of undefined';
const BEHIND = 'it read k of a Sock, which is no state';
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
    comes: 'it changed the prototype of an object',
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
    comes: 'it read frags[0] of a SkbSharedInfo that has 0 entries',
  },
  'the class of what is thrown': {
    ...on('this.thrown()', 'hold was given null in place of a loan'), // who broke a rule does not go on
    members:
      'thrown(): any { try { this.k.hold(null as any); } catch (e: any) { return e.constructor; } }',
  },
  'what a class of the machine declares': {
    top: "import { declareState, declaredOf } from '@lastref/kernel'; class Key {}",
    read: "Number([...(declaredOf(Key)?.fields.keys() ?? ['0'])][0])",
    write: 'declareState(Key, { state: `${v}` } as any);',
    comes: 'it declared the state of Key (declareState)',
  },
  'statistics of the machine that it made itself': {
    top: "import { Ledger } from '@lastref/kernel';",
    members: 'q = new Ledger();',
    read: 'this.q.counts[0]!',
    write: 'this.q.counts[0] = v;',
    comes: 'an object of the machine that it made itself (Ledger)',
  },
  'what the machine declares of its classes': {
    top: "import { Loan, declaredOf } from '@lastref/kernel';",
    members: 'all(): any { return declaredOf(Loan)!.fields; }',
    read: "(this.all().get('n') ?? 0)",
    write: "this.all().set('n', v);",
    comes: 'it asked what the machine declares of its classes (declaredOf)',
  },
  'what its whole file was called with': {
    ...on('given()', 'arguments hides state'),
    top: 'const given = (): any => arguments;',
  },
  'a constant of a file that is no module': {
    ...on('get()', 'kept.ts is no ES module'),
    top: "import { get } from './kept.ts';",
  },
  'a function that a text called while the file was read': {
    top: `const BOX: any = { read: null, write: null, toString: fill };
function fill(): string { let n = 0; const read = () => n; const write = (v: number) => { n = v; }; const box = BOX; box.read = read; box.write = write; return ''; }
const MADE = \`\${BOX}\`;`,
    read: 'BOX.read()',
    write: 'BOX.write(v);',
    comes: 'BOX is made a number or a text while the file is read',
  },
  'which of two constants it is': {
    top: `const NO = [${'{},'.repeat(32)}]; const YES = [${'{},'.repeat(32)}];`,
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (this.q[i] === YES[i]) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write: 'this.q = NO.map((no, i) => ((v >>> i) & 1 ? YES[i] : no));',
    comes: 'refuted', // it is seen
  },
  'at which places texts were taken apart': {
    top: `const raw = (list: any): any => list.raw; const NO = (): any[] => [${'raw`x`,'.repeat(32)}]; const YES = (): any[] => [${'raw`x`,'.repeat(32)}];`,
    members: `q: any[] = [];
bits(): number { let n = 0; const yes = YES(); for (let i = 0; i < this.q.length; i++) if (this.q[i] === yes[i]) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write: 'const yes = YES(); this.q = NO().map((no, i) => ((v >>> i) & 1 ? yes[i] : no));',
    comes: 'raw`…`, whose list is another one at each place',
  },
  'of which of two alike classes it is': {
    top: 'class No { x = 1; } class Yes { x = 1; }',
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (this.q[i] instanceof Yes) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write:
      'const q: any[] = []; for (let i = 0; i < 32; i++) q.push((v >>> i) & 1 ? new Yes() : new No()); this.q = q;',
    comes: 'refuted', // it is seen
  },
  'a list that is frozen': {
    members: 'q: any = [0];',
    read: 'this.q[0]',
    write: 'this.q = Object.freeze([v]);',
    comes: 'refuted', // it is seen
  },
  'which of several lives is which': {
    top: "import { Life } from '@lastref/kernel';",
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 1; i < this.q.length; i++) if (this.q[i] === this.q[0]) n |= 1 << (i - 1); return n; }`,
    read: 'this.bits()',
    write:
      'this.q = [new Life(this.lent)]; for (let i = 0; i < 32; i++) this.q.push((v >>> i) & 1 ? this.q[0] : new Life(this.lent));',
    comes: 'refuted', // it is seen
  },
  'a life that is frozen': {
    top: "import { Life } from '@lastref/kernel';",
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (Object.isFrozen(this.q[i])) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write:
      'this.q = []; for (let i = 0; i < 32; i++) { const life = new Life(this.lent); this.q.push((v >>> i) & 1 ? Object.freeze(life) : life); }',
    comes: 'it changed what may be done with an object (Life) of the machine',
  },
  'which of two fields is which': {
    members: `a: any = this.k.sideField<any, any>(); b: any = this.k.sideField<any, any>(); q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (this.q[i].get(this.lent) === 1) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write:
      'const { a, b } = this; a.set(this.lent, 1); const q: any[] = []; for (let i = 0; i < 32; i++) q.push((v >>> i) & 1 ? a : b); this.q = q; ',
    comes: 'refuted', // it is seen
  },
  'an era that it made itself': {
    members:
      'q: any = null; first(): number { for (let i = 0; i < 256; i++) if (this.q.has(i)) return i; return 0; }',
    read: '(this.q === null ? 0 : this.first())',
    write:
      'const made = (this.k.era.changes as any).constructor; this.q = new made(new Set([v & 255]));',
    comes: 'refuted', // a Set is what it gets, which is seen
  },
  'a Life that is over': {
    top: "import { Life } from '@lastref/kernel';",
    members: 'q: any = null;',
    read: "(this.q === null ? 0 : this.q['object'].n)",
    write:
      "const o: any = { slot: 0, n: v }; o['ge' + 'n'] = 1; this.q = new Life(o); o['ge' + 'n'] = 2;",
    comes: "Cannot read properties of undefined (reading 'n')",
  },
  'a number in a box that looks like a record': {
    members: 'q: any = null;',
    read: '(this.q === null ? 0 : Number.prototype.valueOf.call(this.q))',
    write: 'const o = Object(v); Object.setPrototypeOf(o, Object.prototype); this.q = o;',
    comes: 'it changed the prototype of an object',
  },
  'bits of a NaN': {
    members:
      'q = 0; bits(): number { const d = new DataView(new ArrayBuffer(8)); d.setFloat64(0, this.q); return d.getUint16(6); }',
    read: 'this.bits()',
    write:
      'const d = new DataView(new ArrayBuffer(8)); d.setInt32(0, 0x7ff80000); d.setInt32(4, v & 0xffff); this.q = d.getFloat64(0);',
    comes: 'a NaN, which has bits of its own',
  },
  'bits of a NaN in an array of numbers': {
    members: `q: any = new Float64Array(1);
view(): DataView { return new DataView(this.q.buffer); }`,
    read: 'this.view().getInt32(0)',
    write: 'this.view().setInt32(0, v); this.view().setInt32(4, 0x7ff80000, true);',
    comes: 'Float64Array is not a constructor', // nor does the machine lead to one
  },
  'a function that is called like what TypeScript alone declares': {
    top: 'function box(): void {}',
    read: '((box as any).n ?? 0)',
    write: 'declare let box: any; box = { n: v };',
    comes: 'box is changed, which all machines share',
  },
  'a constant that nobody freezes, by code that is a comment to TypeScript': {
    ...on('T'),
    top: "import './unseen.ts'; const T = { n: 0 };",
    comes: 'unseen.ts is one program to TypeScript and another one to what runs it',
  },
  'a variable of a file that lies behind another name': {
    top: "import { get, set } from './looked?.ts';",
    read: 'get()',
    write: 'set(v);',
    comes: "looked.ts:1: the module's n can change",
  },
  'which pages lives that are over had': {
    top: "import { Life } from '@lastref/kernel';",
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 1; i < this.q.length; i++) if (this.q[i].object.slot !== this.q[0].object.slot) n |= 1 << (i - 1); return n; }`,
    read: 'this.bits()',
    write: `const { k, page } = this as any;
const a = k.copyPage(page, 0, 1); const b = k.copyPage(page, 0, 1); this.q = [new Life(a)];
for (let i = 0; i < 32; i++) this.q.push(new Life((v >>> i) & 1 ? b : a)); k.putPage(a); k.putPage(b);`,
    comes: "Cannot read properties of undefined (reading 'slot')",
  },
  'of which class lives are': {
    top: "import { Life } from '@lastref/kernel'; class Other extends Life<any> {}",
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (this.q[i] instanceof Other) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write:
      'this.q = []; for (let i = 0; i < 32; i++) this.q.push((v >>> i) & 1 ? new Other(this.lent) : new Life(this.lent));',
    comes: 'a Life that is not as it was made',
  },
  ...('rawJSON' in JSON && {
    'a number as JSON is to write it': {
      members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if ((JSON as any).isRawJSON(this.q[i])) n |= 1 << i; return n; }`,
      read: 'this.bits()',
      write: `this.q = []; const { rawJSON, isRawJSON } = JSON as any; if (isRawJSON(rawJSON('1'))) for (let i = 0; i < 32; i++) { const o = Object.create(null); o.rawJSON = '1'; this.q.push((v >>> i) & 1 ? rawJSON('1') : Object.freeze(o)); }`,
      comes: 'rawJSON is not a function',
    },
  }),
  'the size that an array may have': {
    members: 'q: any = new Uint8Array(1);',
    read: '((this.q.buffer.maxByteLength ?? 1) - 1)',
    write:
      'const B = ArrayBuffer as any; this.q = new Uint8Array(new B(1, { maxByteLength: (v & 255) + 1 }));',
    comes: 'a Uint8Array that can grow',
  },
  'a function that waits': {
    members: 'sum = 0; async later(v: number): Promise<void> { await null; this.sum = v; }',
    read: 'this.sum',
    write: 'void this.later(v);',
    comes: 'a function that waits, which keeps its place',
  },
  'a closure that stands for a class': {
    members: 'kept: any = null;',
    read: '(this.kept === null ? 0 : this.kept.n())',
    write:
      'const n = (): number => v; const f: any = (): number => v; f.prototype = { constructor: f, n }; this.kept = Object.create(f.prototype);',
    comes: 'an object of a class that was made while it ran (f)',
  },
  'a statistic of the machine': {
    read: '(this.sk?.k.refusals ?? 0)',
    write: 'if (this.sk !== null) this.sk.k.refusals = v;',
    comes: BEHIND,
  },
  'whether a loan may grow': {
    read: '(Object.isExtensible(this.lent) ? 0 : 2)',
    write: 'if ((v >>> 0) % 8 === 2) Object.preventExtensions(this.lent);',
    comes: 'it changed what may be done with an object (Loan) of the machine',
  },
  'what hears its services': on('(this.k as any).k', NOWHERE),
  'its own tape': on('(this.k as any).k.tape', NOWHERE),
  'a socket': {
    read: '(this.sk?.n ?? 0)',
    write: 'const { sk } = this; if (sk !== null) sk.n = v;',
    comes: `it writes to n ${FROZEN}`,
  },
  'the class of sockets': {
    members: 'class(): any { return Object.getPrototypeOf(this.sk); }',
    read: '(this.sk === null ? 0 : (this.class().n ?? 0))',
    write: 'if (this.sk !== null) { const c = this.class(); c.n = v; }',
    comes: `it writes to n ${FROZEN}`,
  },
  'a field that is not enumerable': {
    read: '(this.lent.n ?? 0)',
    write: "const o = Object; o.defineProperty(this.lent, 'n', { value: v, configurable: true });",
    comes: 'it called Object.defineProperty',
  },
  'what a file asks about itself': on('import.meta'),
  'a list of a JSON file, by another name': {
    top: "import * as t from './table.json';",
    read: '(t as any).list[0]',
    write: 'const { list } = t as any; list[0] = v;',
    comes: `it writes to 0 ${FROZEN}`,
  },
  'a field that a constructor adds to what the one below it returned': {
    ...on('Mine'),
    top: 'class Given { constructor(o: any) { return o; } } class Added extends Given { n = 0; constructor(o: any, v: number) { super(o); this.n = v; } }',
    write: 'new Added(Mine, v);',
  },
  'the same, of a page': {
    top: 'class Given { constructor(o: any) { return o; } } class Added extends Given { n = 0; constructor(o: any, v: number) { super(o); this.n = v; } }',
    read: '((this.page as any)?.n ?? 0)',
    write: 'if (this.page !== null) new Added(this.page, v);',
    comes: `it writes to n ${FROZEN}`,
  },
  'whether fields may be written': {
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (!Object.getOwnPropertyDescriptor(this.q[i], 'n')!.writable) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write: `this.q = []; for (let i = 0; i < 32; i++) { const n = { value: 0, writable: ((v >>> i) & 1) === 0, enumerable: true, configurable: true }; this.q.push(Object.create(Object.prototype, { n })); }`,
    comes: 'what may be done with a field (n)',
  },
  'in which order names were given to a record': {
    members: `q: any = {};
bits(): number { let n = 0; const all = Object.keys(this.q); for (let i = 0; i < 32; i++) if (all[2 * i]! > all[2 * i + 1]!) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write:
      'this.q = {}; for (let i = 10; i < 42; i++) for (const end of (v >>> (i - 10)) & 1 ? ["b", "a"] : ["a", "b"]) this.q[`k${i}${end}`] = 0;',
    comes: 'refuted', // it is seen
  },
  'the sign of zeros': {
    members: `q: number[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (Object.is(this.q[i], -0)) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write: 'this.q = []; for (let i = 0; i < 32; i++) this.q.push((v >>> i) & 1 ? -0 : 0);',
    comes: 'refuted', // it is seen
  },
  'an accessor that it made': {
    read: '(this.lent.n ?? 0)',
    write: "this.lent.__defineGetter__('n', () => v);",
    comes: 'it called __defineGetter__',
  },
};
