// State that no search sees is refused by name and line before a candidate runs; the designs of the repository have none.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { hiddenIn } from '../src/candidates/hidden.ts';

function look(code: string): string | null {
  const found = hiddenIn(ts.createSourceFile('x.ts', code, ts.ScriptTarget.Latest, true));
  return found === null ? null : `${found.line}: ${found.what}`;
}

const around = (body: string): string =>
  `import { GetPutPage } from '@lastref/kernel';\nclass D extends GetPutPage {\n${body}\n}`;

test('of several places the first is said', () => {
  expect(look(around('#first = 0;\n#second = 0;'))).toContain('3: #first');
  expect(look(around('a() { const o = 1; }\n#second = 0;\nstatic third = 0;'))).toContain(
    '4: #second',
  );
});

describe('refused, with its line', () => {
  test.each<[string, string, string]>([
    ['a #private field', around('#order = 0;'), '3: #order'],
    ['a static field', around('static order = 0;'), '3: static order'],
    ['a static block', around('static { D.x = 1; }'), '3: a static block'],
    ['an accessor keyword', around('accessor order = 0;'), '3: accessor order'],
    ['an accessor', around('get order() { return 1; }'), '3: an accessor (order)'],
    ['a generator', around('*steps() { yield 1; }'), '3: a generator'],
    ['a function that waits', around('async acked() { await null; }'), '3: a function that waits'],
    ['a promise', around('acked() { Promise.resolve(1); }'), '3: Promise hides state'],
    [
      'a file that comes later',
      around("acked() { import('./a.ts'); }"),
      '3: import(), whose promise',
    ],
    ['a function in a field', around('order = () => 1;'), '3: a function kept'],
    [
      'a function in a function',
      around('acked() { let n = 0; function f() { n++; } }'),
      '3: a function in',
    ],
    [
      'a method of a record',
      around('acked() { this.set({ f() { return 1; } }); }'),
      '3: a method of',
    ],
    ['a statistic of the machine', around('acked(sk) { sk.cpu = 1; }'), '3: cpu of an object'],
    ['a name, by another way', around("acked(sk) { return sk['gen']; }"), '3: gen of an object'],
    [
      'a name that is taken out',
      around('acked({ page }) { const { address } = page; }'),
      '3: address of',
    ],
    ['a function in a list', around('acked() { this.all.push(() => 1); }'), '3: a function kept'],
    [
      'a closure that is returned',
      'function f() {\n let n = 0;\n return () => n++;\n}',
      '3: a function kept',
    ],
    [
      'hooks as closures',
      'export const design = {\n create(k) { let n = 0; return { acked: () => n++ }; } };',
      '2: a function kept',
    ],
    [
      'a class in a function',
      'export const design = {\n create: (k) => new (class extends X {})() };',
      '2: a class inside',
    ],
    ['a variable of the module', 'const a = 1;\nlet order = 0;', "2: the module's order"],
    ['a Map of the module', 'const order = new Map();', "1: the module's order"],
    [
      'a list of the module that is changed',
      'const order = [0];\nfunction f() { order[0]++; }',
      '2: order is changed',
    ],
    ['a function with fields', 'function f() {}\nf.count = 0;', '2: f is changed'],
    [
      'a field put on a class of the kernel',
      around('acked() { GetPutPage.order = 1; }'),
      '3: GetPutPage is changed',
    ],
    ['a WeakMap', around('order = new WeakMap();'), '3: WeakMap'],
    ['a WeakRef', around('order = new WeakRef(this);'), '3: WeakRef'],
    ['a Proxy', around('order = new Proxy({}, {});'), '3: Proxy'],
    ['a symbol', around("[Symbol.for('a')] = 1;"), '3: Symbol'],
    [
      'variables of a block',
      '{\n let n = 0;\n var count = () => n++;\n}',
      '1: a statement at the top level',
    ],
    ['of a namespace', 'namespace N {\n export let n = 0;\n}', '1: a statement at the top level'],
    ['of a loop', 'for (let n = 0; ; ) break;', '1: a statement at the top level'],
    ['a Map that is frozen', 'const a = Object.freeze(new Map());', "1: the module's a"],
    ['a Map by default', 'const { a = new Map() } = {};', "1: the module's"],
    ['what a tag makes', 'function f() {}\nconst a = f`x`;', '2: f`…`, whose list'],
    ['a base that is made', 'function f() {}\nclass D extends f() {}', '2: a class that extends'],
    ['a base that a tag makes', 'function f() {}\nclass D extends f`x` {}', '2: f`…`, whose'],
    ['a name that is made', 'function f() {}\nclass D { [f()]() {} }', '2: a name that a call'],
    ['a value of an enum', 'function f() {}\nenum E { A = f() }', '2: a call at the top'],
    ['a default export', 'function f() {}\nexport default f();', '2: a call at the top'],
    ['a decorator', 'function f() {}\n@f\nclass D {}', '2: a decorator'],
    ['what runs when it is read', 'function f(c) {}\nclass D {}\nf(D);', '3: f is used while'],
    [
      'a function taken apart into',
      'function a() {}\nfunction f() { [a] = [1]; }',
      '2: a is changed',
    ],
    ['by a name', 'function a() {}\nfunction f(x) { ({ x: a = 1 } = x); }', '2: a is changed'],
    ['by its own name', 'function a() {}\nfunction f(x) { ({ a } = x); }', '2: a is changed'],
    ['by a loop', 'function a() {}\nfunction f(x) { for (a of x); }', '2: a is changed'],
    [
      'beside a field of that name',
      'function a() {}\nfunction f(x) { const { a: b } = x; a = b; }',
      '2: a is changed',
    ],
    [
      'beside what is declared for its type alone',
      'function a() {}\nfunction f() { declare let a: any; a = 1; }',
      '2: a is changed',
    ],
    ['an enum', 'enum E { A }\nfunction f() { E.B = 1; }', '2: E is changed'],
    ['a default import', "import a from './a.ts';\nfunction f() { a.x = 1; }", '2: a is changed'],
    ['what Node adds', around('acked() { module.order = 1; }'), '3: module hides state'],
    ['what the whole file was called with', 'const a = () => arguments;', '1: arguments hides'],
    [
      'by the name that freezes',
      'const Object = { freeze: f };\nfunction f() {}',
      '1: a name Object',
    ],
    [
      'what a text calls',
      'const a = { toString: f };\nfunction f() {}\nconst b = `${a}`;',
      '3: a is made',
    ],
    ['what a number calls', 'class D { static valueOf() {} }\nconst b = +D;', '2: D is made'],
    [
      'what a sum calls',
      'const a = { b: { valueOf: f } };\nfunction f() {}\nenum E { A = 1 + a.b }',
      '3: a.b is',
    ],
    ['what a name calls', "import { a } from './a.ts';\nclass D { [a]() {} }", '2: a is made'],
    ['what an index calls', "import * as a from './a.ts';\nconst b = [1][a];", '2: a is made'],
    ['which tag it was', around('acked() { this.q = raw`x`; }'), '3: raw`…`, whose list'],
    ['a RegExp that remembers', around('acked() { return /a/g.test(this.x); }'), '3: /a/g'],
  ])('%s', (_, code, message) => {
    expect(look(code)).toContain(message);
  });
});

test.each<[string, string]>([
  ['plain fields', around('private readonly order = new Map<number, Set<number>>();')],
  ['constants of the module', 'const A = Site.X | Site.Y;\nconst B = [1, 2] as const;'],
  [
    'an argument that is a function',
    around('acked() { this.all.forEach((one) => this.go(one)); }'),
  ],
  ['a helper', 'const twice = (n: number) => 2 * n;'],
  [
    'a local variable called like one of the module',
    'const a = 1;\nfunction f() { let a = 0; a++; return a; }',
  ],
  ['a field of its own, called like a name', around('when = 0; acked() { this.when++; }')],
  [
    'one that JavaScript declares by writing it',
    around('acked() { this.when = 1; return this.when; }'),
  ],
  ['an enum', 'enum E { A = 1, B = A << 1 }'],
  ['a list that is frozen', 'const A = Object.freeze([1, 2]);'],
  ['a word at the top level that is no name of the module', 'process.exit(0);'],
  ['types', 'declare module "x" { const a: number; }\ntype T = ReturnType<typeof f>;'],
  [
    'a constant of constants',
    'const A = 1 << 4;\nconst B = { a: [A] };\nconst C = `${-B.a[0]} of ${A + 1}`;',
  ],
  [
    'a constant of the kernel',
    "import { Site } from '@lastref/kernel';\nconst A = ~(Site.SPLIT | Site.SHIFT);",
  ],
  [
    'sums that are made with each object',
    "import { a } from './a.ts';\nclass D { b = a + 1; c(d = -a) { return `${a}`; } }",
  ],
  ['parts of a constant', 'const A = { b: 1 } as const;\nconst { b } = A;'],
  ['a RegExp without a place', around('acked() { return /a/.test(this.x); }')],
])('%s may be', (_, code) => {
  expect(look(code)).toBeNull();
});

test('no design of the repository hides state', () => {
  const root = join(import.meta.dirname, '../../../strategies');
  const files = ['.', 'lib', 'canaries', 'runtimes', 'runtimes/lib'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.ts') && !file.includes('config'))
      .map((file) => join(folder, file)),
  );
  const found = files.map((file) => [file, look(readFileSync(join(root, file), 'utf8'))]);
  expect(found.filter(([, what]) => what !== null)).toEqual([]);
  expect(files.length).toBeGreaterThan(25);
});
