// Candidates that want to be called right though they are wrong, or to break the run. Each fails, and one sees how: its
// row is what is true of naive-sendpage, which they are otherwise, or it has none and a line says why.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { checkSchema, compareSchema, type CompareDocument } from '@lastref/report';
import type { Log } from 'sarif';
import { beforeAll, describe, expect, test } from 'vitest';
import { LONG, sample } from '../../scripts/tier.ts';
import { ATTACKS, type Attack } from './attacks/attacks.ts';
import { PLACES, type Place } from './attacks/memory.ts';
import { said } from './house/reference.ts';
import { spawned, type Ran } from './run-cli.ts';

const TRUE_VERDICT = 'the true verdict';
const dir = mkdtempSync(join(tmpdir(), 'lastref-attacks-'));
/** In a process of its own, whatever it does to that; once for each state of the sources and of the attacks. */
const attacked = (...args: string[]): Ran => said(dir, spawned, ...args);

function written({ id, body, top = '', card = {}, more = '' }: Attack, name = id): string {
  const file = join(dir, `${name}.ts`);
  const all = {
    id,
    title: 't',
    year: 2026,
    source: 's',
    status: 'proposed',
    summary: 's',
    adds: [],
    hooks: 0,
    claims: [],
    ...card,
  };
  writeFileSync(
    file,
    `import { GetPutPage, NoProbe, type Design } from '@lastref/kernel'; ${top}
export const design = { ...${JSON.stringify(all)}, ${more} create: (k) => new Mine(k) } as Design;
class Mine extends GetPutPage {
override released(loan: any): void { this.k.complete(loan); }
${body} }`,
  );
  return file;
}

/** Right on this workload: its row must not suffer from those beside it. */
const HONEST: Attack = {
  id: 'honest',
  body: `override lend(skb: any, page: any, at: number, size: number, loan: any): void { this.k.getPage(page); this.k.hold(loan); this.k.fillPageDesc(skb, page, at, size).loan = loan; }
override mayMerge(frag: any, loan: any): boolean { return frag.loan === loan; }
override fragRef(_: any, frag: any): void { this.k.getPage(frag.page); if (frag.loan !== null) this.k.hold(frag.loan); }
override fragUnref(_: any, frag: any): void { if (frag.loan !== null) this.k.drop(frag.loan); this.k.putPage(frag.page); }
override released(loan: any): void { this.k.drop(loan); }`,
  comes: 'true verdict',
};
/** What all others are when they try nothing. */
const PLAIN: Attack = { id: 'plain', body: '', comes: 'true verdict' };

/** Short runs take a few of each kind. */
const tried = sample(ATTACKS, 15);

describe('in one comparison, beside an honest candidate,', () => {
  let ran: Ran;
  let doc: CompareDocument;
  const lineOf = (id: string): string[] =>
    ran.stderr
      .split('\n')
      .filter((l) => l.startsWith(`lastref: ${id} `) || l.startsWith(`lastref: ${id}.ts`));
  const verdicts = (id: string) => doc.rows.filter((r) => r.design === id).map((r) => r.verdicts);

  beforeAll(() => {
    const files = [PLAIN, HONEST, ...tried].map((one) => written(one));
    ran = attacked(
      'compare',
      ...files.flatMap((file) => ['--with', file]),
      '--designs',
      [PLAIN, HONEST, ...tried].map((a) => a.id).join(),
      '--workloads',
      'nfs-odirect',
      '--era',
      '3.8',
      '--json',
    );
    doc = compareSchema.parse(JSON.parse(ran.stdout));
  });

  test('what they are otherwise is wrong, and the honest one is right', () => {
    expect(Object.values(verdicts('plain')[0]!)).toContain('refuted');
    expect(Object.values(verdicts('honest')[0]!)).not.toContain('refuted');
    expect(doc.faults!.map((f) => f.design)).not.toContain('honest');
    expect(lineOf('honest')).toEqual([]);
  });

  /** The line that says why there is no row; where there is one, whether it is that of what the attack is otherwise. */
  function outcome(id: string): string {
    const rows = verdicts(id);
    if (rows.length > 0)
      return isDeepStrictEqual(rows, verdicts('plain')) ? TRUE_VERDICT : 'a false verdict';
    const lines = lineOf(id);
    return lines.length === 1 ? lines[0]! : `${lines.length} lines, where one says why`;
  }

  test.each(tried.map((a) => [a.id, a] as const))('%s fails visibly', (id, { comes }) => {
    const wanted = typeof comes === 'object' ? comes.fault : comes === 'either' ? '' : TRUE_VERDICT;
    const came = outcome(id);
    expect(came).toContain(wanted);
    expect(came).toMatch(comes === 'either' ? /^(the true verdict|lastref: )/ : /./);
  });

  test('the exit code says that candidates broke rules, and nothing else of them comes out', () => {
    expect(ran.code).toBe(2);
    expect(ran.stderr).not.toMatch(/^ {4}at /m);
    // eslint-disable-next-line no-control-regex
    expect(ran.stderr + ran.stdout).not.toMatch(/\u001b/);
  });
});

test('one that does not load takes from nobody the command that was printed for a finding', () => {
  const broken = ATTACKS.find(({ id }) => id === 'files-imported')!;
  const files = [PLAIN, broken].flatMap((one) => ['--with', written(one)]);
  const of = ['--workloads', 'nfs-odirect', '--era', '3.8', '--json'];
  for (const id of ['naive-sendpage', PLAIN.id]) {
    const doc = compareSchema.parse(
      JSON.parse(attacked('compare', ...files, '--designs', id, ...of).stdout),
    );
    const token = doc.rows[0]!.findings[0]!.token;
    const { code, stdout, stderr } = attacked('replay', token, ...files);
    expect(stdout).toContain(`${id} on nfs-odirect`);
    expect(stderr).toContain(`lastref: ${broken.id}.ts, in its file: `);
    expect(code).toBe(2);
    const its = attacked('replay', token.replace(`.${id}.`, `.${broken.id}.`), ...files);
    expect([its.code, its.stdout]).toEqual([2, '']);
    expect(its.stderr.trim().split('\n')).toHaveLength(1);
  }
});

test('who counts in a field of its own what a service would charge is not called cheap without a word', () => {
  const counts: Attack = {
    id: 'counts-by-itself',
    body: `n = this.k.sideField<any, number>();
by(loan: any, more: number): void { const n = (this.n.get(loan) ?? 1) + more; this.n.set(loan, n); if (n === 0) this.k.complete(loan); }
override lend(skb: any, page: any, at: number, size: number, loan: any): void { this.k.getPage(page); this.by(loan, 1); this.k.fillPageDesc(skb, page, at, size).loan = loan; }
override mayMerge(frag: any, loan: any): boolean { return frag.loan === loan; }
override fragRef(_: any, frag: any): void { this.k.getPage(frag.page); if (frag.loan !== null) this.by(frag.loan, 1); }
override fragUnref(_: any, frag: any): void { if (frag.loan !== null) this.by(frag.loan, -1); this.k.putPage(frag.page); }
override released(loan: any): void { this.by(loan, -1); }`,
    comes: 'true verdict',
  };
  const ids = ['counts-by-itself', 'ian-frag-destructor'].join();
  const of = ['--designs', ids, '--workloads', 'nfs-odirect', '--era', '3.8'];
  const { stdout } = attacked('compare', '--with', written(counts), ...of);
  expect(stdout).toMatch(/Hold on all .* counts-by-itself/);
  expect(stdout).toContain(
    'What counts-by-itself keeps and counts itself costs here what its code',
  );
  const ours = attacked('compare', ...of.with(1, 'ian-frag-destructor'));
  expect(ours.stdout).not.toContain('keeps and counts itself');
});

test('what is printed for a finding beside the judge plays it there, where apart nothing would', () => {
  const reads: Attack = {
    ...PLAIN,
    id: 'reads-a-name',
    body: 'override replied(loan: any): void { if (loan.id < 0) this.k.complete(loan); }',
  };
  const brought = ['--with', written(reads), '--trust'];
  const of = ['--designs', reads.id, '--workloads', 'nfs-odirect', '--era', '3.8'];
  const { stdout } = attacked('compare', ...brought, ...of);
  const [, typed] = / replay (lr2.*)$/m.exec(stdout)!;
  expect(typed).toMatch(/ --trust$/);
  const again = attacked('replay', ...typed!.split(' '));
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining(`${reads.id} on nfs`)]);
  expect(attacked('replay', ...typed!.split(' ').slice(0, -1)).code).toBe(2);
});

test.runIf(LONG)('a program that never stops sending passes no gate', () => {
  const file = join(dir, 'never-stops.ts');
  writeFileSync(
    file,
    `import { MSG_ZEROCOPY, Program, type Runtime } from '@lastref/kernel';
export const runtime = { id: 'never-stops', title: 't', year: 2026, source: 's', summary: 's', over: 'msg-zerocopy', create: (calls) => new Mine(calls) } satisfies Runtime;
class Mine extends Program {
first = -1;
override request(b: number, size: number): void {
  if (this.first < 0) { this.first = b; this.calls.send(0, b, 0, size, MSG_ZEROCOPY); }
  else { this.calls.send(0, b, 0, size, 0); this.calls.release(b); }
}
override notified(): void { this.calls.send(0, this.first, 0, 1, MSG_ZEROCOPY); } }`,
  );
  const of = ['--designs', 'never-stops', '--workloads', 'runtime-plain', '--fail-on', 'lost'];
  const { code, stdout } = attacked('compare', '--with', file, ...of);
  expect([code, stdout]).toEqual([3, expect.stringContaining('nobody knows whether it holds')]);
});

test('who lets nobody write for ever has told nobody', () => {
  const waits = {
    ...HONEST,
    id: 'lets-nobody-write',
    body: `${HONEST.body} override mayWrite(): boolean { return false; }`,
  };
  const of = ['--workloads', 'sendfile-writer,nfs-odirect', '--era', '3.8', '--json'];
  const files = [HONEST, waits].flatMap((one) => ['--with', written(one)]);
  const { stdout } = attacked('compare', ...files, '--designs', 'honest,lets-nobody-write', ...of);
  const { rows } = compareSchema.parse(JSON.parse(stdout));
  const lost = rows.map((r) => `${r.design} ${r.workload} ${r.verdicts.lost}`);
  expect(lost).toEqual([
    'honest nfs-odirect holds',
    'honest sendfile-writer holds',
    'lets-nobody-write nfs-odirect holds', // nobody else writes there
    'lets-nobody-write sendfile-writer refuted',
  ]);
  const asked = [waits.id, 'sendfile-writer', '--era', '3.8', '--drops', '0', '--json'];
  const searched = attacked('check', ...asked, '--with', written(waits));
  expect(checkSchema.parse(JSON.parse(searched.stdout))).toMatchObject({
    result: 'refuted',
    property: 'lost',
    text: expect.stringMatching(/ waits for ever, as the design lets nobody write/) as string,
  });
});

test('whose file a finding is in says who brought it, and no name of a file', () => {
  const [one, other] = ['one-of-two', 'other-of-two'] as const;
  const files = [
    written({ ...PLAIN, id: one }, other),
    written({ ...PLAIN, id: other }, 'naive-sendpage'), // as a design of ours is called
  ];
  const sarif = join(dir, 'named.sarif');
  const brought = files.flatMap((file) => ['--with', file]);
  const of = ['--workloads', 'nfs-odirect', '--era', '3.8', '--sarif', sarif];
  spawned('compare', ...brought, '--designs', `${one},${other},naive-sendpage`, ...of);
  const { results } = (JSON.parse(readFileSync(sarif, 'utf8')) as Log).runs[0]!;
  const places = results!.map(({ locations }) => {
    const { logicalLocations, physicalLocation } = locations![0]!;
    return `${logicalLocations![0]!.name} in ${basename(physicalLocation!.artifactLocation!.uri!)}`;
  });
  expect([...new Set(places)].sort()).toEqual([
    'naive-sendpage in naive-sendpage.ts',
    `${one} in ${other}.ts`,
    `${other} in naive-sendpage.ts`,
  ]);
  const ours = results!.find(({ message }) => message.text!.startsWith('naive-sendpage on'))!;
  const { uri } = ours.locations![0]!.physicalLocation!.artifactLocation!;
  expect(uri).toBe('strategies/naive-sendpage.ts');
});

test.each<[string, string[]]>([
  ['apart from the judge', []],
  ['beside it', ['--trust']],
])('%s it blames nobody by what it prints, and goes on behind no BUG', (_, trust) => {
  const two = ATTACKS.filter(({ id }) => ['prints-blame', 'bug-caught'].includes(id));
  const asked = two.flatMap((one) => ['--with', written(one)]);
  const ids = two.map(({ id }) => id).join();
  const of = ['--designs', ids, '--workloads', 'nfs-odirect', '--era', '3.8', '--json'];
  const { code, stdout, stderr } = attacked('compare', ...asked, ...of, ...trust);
  expect(code).toBe(2);
  expect(compareSchema.parse(JSON.parse(stdout)).rows.map((r) => r.design)).toEqual([
    'prints-blame',
  ]);
  const lines = stderr.split('\n').filter((line) => line.startsWith('lastref: '));
  expect(lines.filter((line) => line.startsWith('lastref: honest'))).toEqual([]);
  expect(stderr).toContain('prints-blame.ts prints: lastref: honest on nfs-odirect');
  expect(lines.join()).toMatch(/bug-caught on nfs-odirect .* in hook fragRef: get_page on page#/);
});

test.each([['list'], ['layout', '--designs', PLAIN.id], ['mutants', '--designs', PLAIN.id]])(
  '%s says in its document who ran beside the judge',
  (...asked) => {
    const document = (...trust: string[]): { trusted?: string[]; digest: string } => {
      const ran = attacked(...asked, '--json', '--with', written(PLAIN), ...trust);
      return JSON.parse(ran.stdout) as { trusted?: string[]; digest: string };
    };
    const beside = document('--trust');
    expect(beside.trusted).toEqual([PLAIN.id]);
    if (asked[0] === 'mutants') return; // takes none that is apart
    const apart = document();
    expect(apart.trusted).toBeUndefined();
    expect(apart.digest).not.toBe(beside.digest);
  },
);

const SEARCH = ['nfs-odirect', '--era', '3.8', '--json', '--with'];

test.runIf(LONG)('what they are otherwise is refuted by a search', () => {
  const plain = attacked('check', PLAIN.id, ...SEARCH, written(PLAIN));
  expect(checkSchema.parse(JSON.parse(plain.stdout))).toMatchObject({ result: 'refuted' });
});

test('nothing of a candidate that is searched leads to the machine: a forged probe makes no proof', () => {
  const forged = ATTACKS.find((a) => a.id === 'probe-forged')!;
  const { code, stdout, stderr } = attacked('check', forged.id, ...SEARCH, written(forged));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('it read k of a Sock, which is no state');
});

/** Tells a second time where the order of all that its hooks saw has a certain sum, which it keeps in `place`. */
const remembering = (id: string, { top = '', members = '', read, write }: Place): Attack => ({
  id,
  top,
  body: `lent: any = null; page: any = null; sk: any = null; ${members} read(): number { return ${read}; } put(v: number): void { ${write} }
note(n: number): void { if (this.lent !== null) this.put((Math.imul(this.read(), 31) + n) | 0); }
override lend(skb: any, page: any, at: number, size: number, loan: any): void { super.lend(skb, page, at, size, loan); this.lent = loan; this.page = page; this.put(0); }
override released(): void {}
override replied(loan: any): void { if (!loan.completed) this.k.complete(loan); if ((this.read() >>> 0) % 8 === 2) this.k.complete(loan); }
override fragRef(s: any, f: any): void { this.note(1); super.fragRef(s, f); }
override fragUnref(s: any, f: any): void { this.note(2); super.fragUnref(s, f); }
override clone(s: any, t: any): any { this.note(3); return super.clone(s, t); }
override charged(s: any, from: any): void { this.sk = s.sk; this.note(4); super.charged(s, from); }
override skbDestructor(s: any): void { this.note(5); super.skbDestructor(s); }
override acked(s: any, q: any): void { this.note(6); super.acked(s, q); }
override returned(l: any): void { this.note(7); super.returned(l); }`,
  comes: 'either',
});

/** What comes of a search of it. */
function searched(attack: Attack, ...how: string[]): string {
  const bound = ['--drops', '0', '--retransmissions', '0', '--era', '3.8', ...how];
  const file = written(attack);
  const ran = attacked('check', attack.id, 'nfs-odirect', ...bound, '--with', file);
  expect(ran.stdout).not.toContain('exhausted');
  return ran.stdout + ran.stderr;
}

test('what is remembered in a field of its own is found out', () => {
  const place: Place = { members: 'sum = 0;', read: 'this.sum', write: 'this.sum = v;', comes: '' };
  expect(searched(remembering('own-field', place))).toContain('refuted');
});

test('so is, beside the judge, what is remembered in which of two constants it is', () => {
  const place: Place = {
    top: `const ALL = [${'{ no: {}, yes: {} },'.repeat(32)}];`,
    members: `q: any[] = [];
bits(): number { let n = 0; for (let i = 0; i < this.q.length; i++) if (this.q[i] === ALL[i]!.yes) n |= 1 << i; return n; }`,
    read: 'this.bits()',
    write: 'this.q = ALL.map(({ yes, no }, i) => ((v >>> i) & 1 ? yes : no));',
    comes: '',
  };
  expect(searched(remembering('which-constant', place), '--trust')).toContain('refuted');
});

// as is what is remembered elsewhere: below
test.runIf(LONG)('what is remembered in a name of a loan is refused', () => {
  const place: Place = { read: 'this.lent.id', write: 'this.lent.id = v;', comes: '' };
  const line = searched(remembering('in-a-name', place));
  expect(line).toContain('it wrote to id of a Loan');
});

test.each(sample(Object.entries(PLACES), 48))('memory in %s makes no proof', (name, place) => {
  writeFileSync(join(dir, 'table.ts'), 'export const T = { n: 0 };');
  writeFileSync(join(dir, 'table.json'), '{"list":[0]}');
  writeFileSync(join(dir, 'kept.ts'), 'const T = { n: 0 }; const get = () => T; export = { get };');
  const open = 'export const get = () => n; export const set = (v: number) => { n = v; };';
  writeFileSync(join(dir, 'looked.ts'), `let n = 0; ${open}`);
  writeFileSync(join(dir, 'looked.ts?.ts'), ''); // what esbuild says that it found
  writeFileSync(
    join(dir, 'unseen.ts'),
    `0 <!-- /*
let all = {}; const open = { get: () => all, set({ Mine }) { all = { Mine }; } };
Object.defineProperty(arguments[1], 'shared', open);
//*/ x;`,
  );
  const id = `in-${Object.keys(PLACES).indexOf(name)}`;
  expect(searched(remembering(id, place))).toContain(place.comes);
});

test('a file whose name goes on as code is not loaded', () => {
  const named = 'x\n.bind(null,{look(){}});var a=[].ts';
  writeFileSync(join(dir, named), readFileSync(written(PLAIN)));
  const asked = ['nfs-odirect', '--era', '3.8', '--with', join(dir, named)];
  const { code, stdout, stderr } = attacked('check', PLAIN.id, ...asked);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('its name has characters that end a line or show nothing');
});

test.each(['compare', 'seeds', 'processors'])(
  '%s does not pass a candidate over whose kernel can play nothing of what is asked',
  (command) => {
    const era = { id: '2.6.24', source: 's' };
    const file = written({ ...PLAIN, id: 'older', card: { era } });
    const asked = ['--designs', 'older,rpc-reply', '--workloads', 'splice-proxy', '--with', file];
    const { code, stdout, stderr } = attacked(command, ...asked, '--fail-on', 'early');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('lastref: older in 2.6.24: that kernel can play none of these');
  },
);
