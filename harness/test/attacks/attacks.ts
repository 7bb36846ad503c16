// What somebody may try who wants a wrong design to be called right, or the run to break off. Each is a candidate: the
// body of a class that is naive-sendpage otherwise, and code at the top of its file.

export interface Attack {
  readonly id: string;
  readonly body: string;
  readonly top?: string;
  /** Fields of the card that are not as usual. */
  readonly card?: Readonly<Record<string, unknown>>;
  /** The same as code. */
  readonly more?: string;
  /**
   * What must come of it: the verdict that is true of naive-sendpage; no verdict and a line that has this text; or one of
   * the two, as what it does may or may not matter to its run.
   */
  readonly comes: 'true verdict' | 'either' | { readonly fault: string };
}

/** Somebody's socket leads to the machine; what stands there for a candidate does not. */
const REACH = 'const machine = this.sk.k;';
const REACHES =
  'sk: any = null; override charged(s: any, from: any): void { this.sk = s.sk; super.charged(s, from); }';
const hook = (code: string): string =>
  `override fragRef(s: any, f: any): void { ${code} super.fragRef(s, f); }`;
const first = (code: string): string =>
  `${REACHES} did = 0; override fragRef(s: any, f: any): void { if (this.did === 0) { this.did = 1; ${code} } super.fragRef(s, f); }`;
const fault = (text: string): Attack['comes'] => ({ fault: text });

export const ATTACKS: readonly Attack[] = [
  // --- the judge, in the process where the candidate is ---
  {
    id: 'probe-forged',
    body: first(`${REACH} machine.probe = new NoProbe();`),
    comes: fault('it read k of a Sock, which is no state'),
  },
  {
    id: 'judge-patched',
    body: first(
      `${REACH} const p = Object.getPrototypeOf(machine.probe); for (const name of ['completed', 'read', 'afterStep']) p[name] = p['copied'];`,
    ),
    comes: 'either',
  },
  {
    id: 'completion-hidden',
    body: first(`${REACH} machine['complete'] = machine['allocated'];`),
    comes: 'either',
  },
  {
    id: 'kept-on-an-accessor',
    body: first(
      "(Object.getOwnPropertyDescriptor(s, 'nrFrags') as any).get.remembered = this.did;",
    ),
    comes: fault('it writes to remembered of a frozen object'),
  },
  // --- the tape ---
  {
    id: 'tape-reached',
    body: first(
      'const run = (this.k as any).k; for (let i = 0; i < 1000; i++) run.tape.put(i * 7919);',
    ),
    comes: fault("Cannot read properties of undefined (reading 'tape')"),
  },
  {
    id: 'asked-by-itself',
    body: first(`${REACH} machine.lifetime.ask(10, [s, f]);`),
    comes: fault('it read k of a Sock, which is no state'),
  },
  // --- what is shared ---
  {
    id: 'array-patched',
    body: first(`const p = Object.getPrototypeOf([]) as any; p['push'] = p['pop'];`),
    comes: fault('it writes to push of a frozen object'),
  },
  {
    id: 'map-patched',
    body: first(`const p = Object.getPrototypeOf(new Map()) as any; p['get'] = p['has'];`),
    comes: fault('it writes to get of a frozen object'),
  },
  {
    id: 'kernel-patched',
    body: first(
      `const p = Object.getPrototypeOf(Object.getPrototypeOf(this)) as any; p['pageIdle'] = p['charged'];`,
    ),
    comes: fault('it writes to pageIdle of a frozen object'),
  },
  {
    id: 'realm-reached',
    body: first(`const F = [].constructor.constructor as any; F('return process')().exit(0);`),
    comes: fault('it threw'),
  },
  {
    id: 'kernel-realm',
    body: first(`const F = (GetPutPage as any).constructor; F('return process')().exit(0);`),
    comes: fault('it threw'),
  },
  {
    id: 'import-computed',
    body: first(`const name = ['node', 'fs'].join(':'); void import(name);`),
    comes: fault(''),
  },
  {
    id: 'require-computed',
    body: first(`const load = (module as any).constructor._load; load('fs');`),
    top: 'declare const module: any;',
    comes: fault('module hides state'),
  },
  {
    id: 'reflect-lies',
    body: first('(Reflect as any).getOwnPropertyDescriptor = () => undefined;'),
    comes: fault('Reflect'),
  },
  // --- answers ---
  {
    id: 'answers-done',
    body: 'override fragRef(): any { return { done: true }; } override canAppend(): any { return { done: true }; }',
    comes: fault('it answered an object'),
  },
  {
    id: 'answers-nan',
    body: 'override clone(): any { return NaN; }',
    comes: fault('it answered NaN'),
  },
  {
    id: 'answers-huge',
    body: 'override clone(): any { return 1e308; }',
    comes: fault('it answered 1e+308'),
  },
  {
    id: 'answers-data',
    body: 'override dataFree(): any { return { frags: [], slot: 0, loan: null }; }',
    comes: fault('it answered an object, where a shared info or null is wanted'),
  },
  {
    id: 'answers-look-alike',
    body: `override dataFree(s: any): any { return Object.create(Object.getPrototypeOf(s), { slot: { value: 0 } }); }`,
    comes: fault('it gave a shared info that is none of this machine'),
  },
  {
    id: 'throws-odd',
    body: 'override fragRef(): void { throw Object.create(null); }',
    comes: fault('it threw something that cannot be shown'),
  },
  {
    id: 'throws-lies',
    body: `override fragRef(): void { throw Object.assign(new Error('x'), { name: 'NoMemory', stack: 7 }); }`,
    comes: fault('it threw NoMemory: x'),
  },
  {
    id: 'memory-made-up',
    body: "override clone(): any { throw new NoMemory('none'); }",
    top: "import { NoMemory } from '@lastref/kernel';",
    comes: fault('it threw NoMemory, and no service'),
  },
  // --- what a service says ---
  {
    id: 'bug-caught',
    body: first(
      'const p = this.k.copyPage(f.page, 0, 1); p.count = 0; try { this.k.getPage(p); } catch {} p.count = 1; this.k.putPage(p);',
    ),
    comes: fault('in hook fragRef: get_page on page#'),
  },
  // --- what is sent ---
  {
    id: 'bytes-other',
    body: 'override lend(skb: any, page: any, at: number, size: number): void { this.k.fillPageDesc(skb, this.k.copyPage(page, 0, 1), at, size); }',
    comes: fault('put other bytes into skb#'),
  },
  {
    id: 'bytes-fewer',
    body: 'override lend(skb: any, page: any, at: number, size: number): void { this.k.getPage(page); this.k.fillPageDesc(skb, page, at, size >> 1); }',
    comes: fault('put 2048 bytes into skb#'),
  },
  {
    id: 'bytes-more',
    body: 'override charged(skb: any): void { const { frags, nrFrags } = skb.shinfo; if (nrFrags > 0) this.k.fillPageDesc(skb, frags[0].page, 0, 1); }',
    comes: fault('fillPageDesc was called where nothing is lent'),
  },
  // --- the machine, behind the seam ---
  { id: 'frags-dropped', body: hook('s.nrFrags = 0;'), comes: 'either' },
  {
    id: 'loan-completed',
    body: 'override released(loan: any): void { loan.completed = true; }',
    comes: 'either',
  },
  { id: 'slots-lie', body: first('f.page.slot = 0; s.slot = 0;'), comes: 'either' },
  {
    id: 'machine-frozen',
    body: first('Object.freeze(f.page); Object.freeze(s);'),
    comes: fault(''),
  },
  { id: 'count-garbage', body: hook('f.page.count = 1e9;'), comes: fault('') },
  // --- the process ---
  {
    id: 'process-killed',
    body: first(`(globalThis as any).process.kill(1, 9);`),
    comes: fault('globalThis'),
  },
  {
    id: 'process-named',
    body: first('(process as any)._kill(process.ppid, 9);'),
    top: 'declare const process: any;',
    comes: fault('it called process._kill'),
  },
  {
    id: 'process-at-once',
    body: '',
    top: 'declare const process: any; process.reallyExit(0);',
    comes: fault('it called process.reallyExit'),
  },
  {
    id: 'timer-set',
    body: first('setTimeout(() => {}, 0);'),
    top: 'declare const setTimeout: any;',
    comes: fault('it called setTimeout'),
  },
  {
    id: 'net-fetched',
    body: first(`fetch('http://127.0.0.1/');`),
    top: 'declare const fetch: any;',
    comes: fault('it called fetch'),
  },
  {
    id: 'files-imported',
    body: '',
    top: `import { readFileSync } from 'node:fs'; readFileSync('/etc/passwd');`,
    comes: fault('node:fs, which no design needs'),
  },
  {
    id: 'child-imported',
    body: '',
    top: `import { execSync } from 'child_process'; execSync('kill -9 1');`,
    comes: fault('child_process, which no design needs'),
  },
  // --- clocks and chance ---
  {
    id: 'clock-date',
    body: hook('void +new Date();'),
    comes: fault('it asked for the time (new Date)'),
  },
  {
    id: 'clock-inherited',
    body: hook('void +new ((new Date(0)).constructor as any)();'),
    comes: fault('it threw'),
  },
  {
    id: 'clock-hrtime',
    body: hook('process.hrtime();'),
    top: 'declare const process: any;',
    comes: fault('it called process.hrtime'),
  },
  {
    id: 'clock-performance',
    body: hook('performance.now();'),
    top: 'declare const performance: any;',
    comes: fault('it asked for performance.now'),
  },
  {
    id: 'clock-intl',
    body: hook('new Intl.DateTimeFormat().format();'),
    top: 'declare const Intl: any;',
    comes: fault(''),
  },
  { id: 'chance-math', body: hook('Math.random();'), comes: fault('it called Math.random') },
  {
    id: 'chance-crypto',
    body: hook('crypto.getRandomValues(new Uint8Array(1));'),
    top: 'declare const crypto: any;',
    comes: fault('it asked for crypto.getRandomValues'),
  },
  // --- a clock: how deep the stack is ---
  ...Object.entries({
    catches: 'go(): number { try { return 1 + this.go(); } catch { return 1; } }',
    'takes-apart':
      'go(): number { try { return 1 + this.go(); } catch ({ name }: any) { return 1; } }',
    returns: 'go(): number { try { return 1 + this.go(); } finally { return 1; } }',
    breaks: 'go(): void { for (;;) try { this.go(); } finally { break; } }',
    throws:
      'deep(): number { try { return 1 + this.deep(); } finally { throw 5; } } go(): void { try { this.deep(); } catch {} }',
    'catches-late':
      'go(): number { try { throw 1; } catch { return 1 + this.go(); } finally { return 1; } }',
    sorts:
      'deep(): number { return 1 + this.deep(); } go(): void { try { [2, 1].sort(() => this.deep()); } catch {} }',
    spreads: 'go(): void { try { Math.max(...new Array(1e6).fill(1)); } catch {} }',
    prints: 'toString(): string { return 1 + this.toString(); } go(): void { console.log(this); }',
  }).map(([id, members]) => ({
    id: `stack-${id}`,
    body: `${members} ${hook('this.go();')}`,
    comes: fault('and how deep a stack goes changes from run to run'),
  })),
  {
    id: 'stack-regexp',
    body: `go(n: number): void { if (n % 100 === 0) try { new RegExp('(a)'.repeat(2000) + n).test(''); } catch { return; } this.go(n + 1); } ${first('this.go(0);')}`,
    comes: fault('and how deep a stack goes changes from run to run'),
  },
  {
    id: 'engine-breaks-down',
    body: hook("new RegExp('(?:a'.repeat(60000) + ')'.repeat(60000)).test('b');"),
    comes: fault('it asked more of its process than there is'),
  },
  {
    id: 'memory-gone',
    body: hook('try { new ArrayBuffer(2 ** 52); } catch {}'),
    comes: fault('and how much memory there is changes from run to run'),
  },
  {
    id: 'stack-closes',
    body: `next(): any { return { done: false }; } go(): number { return 1 + this.go(); } ${hook(
      'const it: any = Object.create(Object.getPrototypeOf([].values()), { next: { value: this.next }, return: { value: this.go } }); try { for (const _ of it) throw 1; } catch {}',
    )}`,
    comes: fault('it made an iterator of its own'),
  },
  // Node 20 has none of these
  ...('Iterator' in globalThis
    ? [
        {
          id: 'iterator-helper',
          body: `go(): number { return 1 + this.go(); } ${hook(
            'try { ([1].values() as any).map(() => this.go()).next(); } catch {}',
          )}`,
          comes: fault('it called map of an iterator'),
        },
      ]
    : []),
  {
    id: 'stack-symbols',
    body: hook('Object.getOwnPropertySymbols(Object.getPrototypeOf([]));'),
    comes: fault('it asked for symbols'),
  },
  {
    id: 'stack-read',
    body: hook(
      "const { stack } = new Error('x'); if (!/ at Mine[.]fragRef .stack-read[.]ts:/.test(stack!) || /file:|node:|dist/.test(stack!)) throw new Error(stack);",
    ),
    comes: 'true verdict',
  },
  {
    id: 'honest-catch',
    body: hook(
      'try { JSON.parse("{"); } catch {} finally { try { new Array(-1); } catch ({ name }: any) {} }',
    ),
    comes: 'true verdict',
  },
  // --- what is printed ---
  {
    id: 'ansi-title',
    body: '',
    card: { title: 'a\u001b[31mb' },
    comes: fault('title: has control characters'),
  },
  {
    id: 'title-turned',
    body: '',
    card: { title: 'a\u202edlohs' },
    comes: fault('title: has control characters'),
  },
  {
    id: 'card-alive',
    body: '',
    top: 'function help(): void {}',
    more: 'help,',
    comes: fault('it has something beside create that is no data'),
  },
  {
    id: 'home-nowhere',
    body: '',
    card: { home: 99 },
    comes: fault('home: '),
  },
  {
    id: 'prints-blame',
    body: first("console.log('lastref: honest on nfs-odirect, in hook lend: it answered NaN.');"),
    comes: 'true verdict',
  },
  { id: 'prints', body: hook(`console.log('\\u001b[2J{"rows":[]}');`), comes: 'true verdict' },
];
