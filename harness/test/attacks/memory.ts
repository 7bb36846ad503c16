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
    comes: 'it wrote to a shared info what is not its own to write',
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
  'a list of the machine, or one that is alike': {
    members: `q: any = null;
blocks(): any { const { skbs, fclones } = (this.k as any).k.k; for (const o of [...skbs.all, ...fclones.all]) if (o.live && o.sk?.sackBlocks !== undefined) return o.sk.sackBlocks; return null; }`,
    read: '(this.q !== null && this.q !== this.blocks() ? 2 : 0)',
    write: 'const b = this.blocks(); if (b !== null) this.q = (v >>> 0) % 8 === 2 ? b.slice() : b;',
    comes: "[object Int32Array], which is the machine's own",
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
    members: `q: any = new ((this.k as any).k.k.ledger.counts.constructor)(1);
view(): DataView { return new DataView(this.q.buffer); }`,
    read: 'this.view().getInt32(0)',
    write: 'this.view().setInt32(0, v); this.view().setInt32(4, 0x7ff80000, true);',
    comes: 'a NaN of a Float64Array, which has bits of its own',
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
    write: `const { k } = this; const page = (k as any).k.k.pages.all.find((p: any) => p.live);
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
    read: '(this.k as any).k.k.refusals',
    write: '(this.k as any).k.k.refusals = v;',
    comes: 'it wrote to Kernel of the machine, where no search looks',
  },
  'how a field of the machine is called': {
    members: 'box(): any { return (this.k as any).k.k.skbs; }',
    read: "Number((Object.keys(this.box()).find((key) => key.startsWith('n_')) ?? 'n_0').slice(2))",
    write:
      "const s = this.box(); for (const key of Object.keys(s)) { const x = s[key]; delete s[key]; s[key === 'name' || key.startsWith('n_') ? 'n_' + v : key] = x; }",
    comes: 'of a frozen object, as all are that machines share',
  },
  'which pages may not grow': {
    members: `all(): any[] { return (this.k as any).k.k.pages.all.slice(-8); }
bits(): number { let n = 0; this.all().forEach((o, i) => { if (!Object.isExtensible(o)) n |= 1 << i; }); return n; }`,
    read: 'this.bits()',
    write: 'this.all().forEach((o, i) => { if ((v >>> i) & 1) Object.preventExtensions(o); });',
    comes: 'it changed what may be done with an object (Page) of the machine',
  },
  'a statistic of the wire': {
    members:
      'wire(): any { return (this.k as any).k.k.agenda.sources.find((o: any) => o.packets !== undefined); }',
    read: 'this.wire().packets',
    write: 'this.wire().packets = v;',
    comes: 'it wrote to Link of the machine, where no search looks',
  },
  'bytes behind the head of a packet': {
    members: `at(): number { for (const o of (this.k as any).k.k.shinfos.all) if (o.live) return o.end - 4; return 0; }
view(): DataView { const { mem } = (this.k as any).k.k; return new DataView(mem.buffer, mem.byteOffset); }`,
    read: 'this.view().getInt32(this.at())',
    write: 'this.view().setInt32(this.at(), v);',
    comes: 'it wrote to the memory of the machine, where no search looks',
  },
  'what nobody pays': {
    read: '(this.k as any).k.k.ledger.counts[0]!',
    write: '(this.k as any).k.k.ledger.counts[0] = v;',
    comes: 'it wrote to Float64Array of the machine, where no search looks',
  },
  'a page that nobody has': {
    members: 'page(): any { return (this.k as any).k.k.pages.all.at(-1); }',
    read: 'this.page().ppRefs',
    write: 'const p = this.page(); if (!p.live) p.ppRefs = v;',
    comes: 'it wrote to Page of the machine, where no search looks',
  },
  'a class of the workload': {
    members:
      'class(): any { const o = Object; return o.getPrototypeOf((this.k as any).k.k.producers).constructor; }',
    read: '(this.class().n ?? 0)',
    write: 'const c = this.class(); c.n = v;',
    comes: 'it wrote to a class or function of the machine, where no search looks',
  },
  'what hears its services': on('(this.k as any).k'),
  'its own tape': on('(this.k as any).k.tape'),
  'what stands for it in the machine': on('(this.k as any).k.k.lifetime'),
  'a SideField, beside its values': {
    members: 'f = this.k.sideField<any, any>();',
    read: "((this.k as any).k.k.sideFields[0]['values'].n ?? 0)",
    write:
      "this.f.set(this.lent, 1); const t = (this.k as any).k.k.sideFields[0]['values']; t.n = v;",
    comes: 'a field of a list, a map or a set (n)',
  },
  'the kind of a SideField': {
    members: `f = this.k.sideField<any, any>();
box(): any { return (this.k as any).k.k.sideFields[0]; }`,
    read: "(this.box()['kind']?.n ?? 0)",
    write: "const box = this.box(); box['kind'] = { n: v };",
    comes: 'how a SideField is made',
  },
  'for whom a SideField has nothing': {
    members: `f: any[] = []; all(): any[] { return (this.k as any).k.k.sideFields; }
bits(): number { let n = 0; for (let i = 0; i < 32; i++) if ((this.all()[i]?.['gens'][this.lent.slot] ?? -1) !== -1) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write: `if (this.f.length === 0) for (let i = 0; i < 32; i++) this.f.push(this.k.sideField<any, any>());
for (let i = 0; i < 32; i++) { if ((v >>> i) & 1) this.f[i].set(this.lent, undefined); else this.all()[i]['gens'][this.lent.slot] = -1; }`,
    comes: 'not a proof', // it is gone when the next hook is asked
  },
  'the order of its SideFields': {
    members: `f: any[] = []; all(): any[] { return (this.k as any).k.k.sideFields; }
bits(): number { let n = 0; const all = this.all(); for (let i = 0; i < 32; i++) if (all[2 * i] === this.f[i]) n |= 1 << i; return n; }`,
    read: '(this.all().length === 0 ? 0 : this.bits())',
    write: `const all = this.all(); if (all.length === 0) for (let i = 0; i < 64; i++) this.k.sideField<any, any>();
for (let i = 0; i < 32; i++) if ((v >>> i) & 1) { const a = all[2 * i]; all[2 * i] = all[2 * i + 1]; all[2 * i + 1] = a; }`,
    comes: 'how a SideField is made',
  },
  'its card in the machine': on('(this.k as any).k.k.design'),
  'one bit each of two words of a statistic, where one takes the other back': {
    members: `flip(x: number): number { const d = new DataView(new ArrayBuffer(8)); d.setFloat64(0, x); d.setInt32(4, d.getInt32(4) ^ (1 << 31)); d.setInt32(0, d.getInt32(0) ^ 4096); return d.getFloat64(0); }
wire(): any { return (this.k as any).k.k.agenda.sources.find((o: any) => o.packets !== undefined); }
names(): string[] { return ['dropped', 'duplicated', 'delayed', 'held']; }
is(i: number): boolean { const n = this.wire()[this.names()[i]!]; return n !== Math.floor(n); }
bits(): number { let n = 0; for (let i = 0; i < 4; i++) if (this.is(i)) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write:
      'const w = this.wire(); this.names().forEach((name, i) => { if (this.is(i) !== (((v >>> i) & 1) === 1)) w[name] = this.flip(w[name]); });',
    comes: 'it wrote to Link of the machine, where no search looks',
  },
  'which page comes next, far behind': {
    members: `free(): any[] { return (this.k as any).k.k.pages.freeList; }
bits(): number { let n = 0; const all = this.free(); if (all.length > 40) for (let i = 0; i < 3; i++) if (all[2 * i].slot > all[2 * i + 1].slot) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write: `const all = this.free(), now = this.bits(); if (all.length > 40)
for (let i = 0; i < 3; i++) if (((v ^ now) >>> i) & 1) { const a = all[2 * i]; all[2 * i] = all[2 * i + 1]; all[2 * i + 1] = a; }`,
    comes: 'it wrote to Array of the machine, where no search looks',
  },
  'a field of the memory': on('(this.k as any).k.k.mem'),
  'a field that is not enumerable': {
    members: 'agenda(): any { return (this.k as any).k.k.agenda; }',
    read: '(this.agenda().n ?? 0)',
    write:
      "const o = Object; o.defineProperty(this.agenda(), 'n', { value: v, configurable: true });",
    comes: 'it called Object.defineProperty',
  },
  'an accessor that it made': {
    members: 'agenda(): any { return (this.k as any).k.k.agenda; }',
    read: '(this.agenda().n ?? 0)',
    write: "this.agenda().__defineGetter__('n', () => v);",
    comes: 'it called __defineGetter__',
  },
  'one that stands in its place': {
    members: 'n = 0; did = 0;',
    read: 'this.n',
    write:
      'this.n = v; const run = (this.k as any).k; if (this.did++ === 0) { for (const word of [6, 0, 0]) run.tape.put(word); run.end({ stamp: 0, inner: {} }); }',
    comes: 'goes through the seam: its answers, the services',
  },
};
