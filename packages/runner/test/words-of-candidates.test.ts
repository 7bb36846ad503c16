// What a candidate says of itself, and what is said of it: cards, faults and lines, each looked at before anybody prints it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cardIn, cardOf, designOf, fromCard } from '../src/candidates/card.ts';
import { compile } from '../src/candidates/compile.ts';
import { faultLines } from '../src/candidates/fault-lines.ts';
import { pack, unpack } from '../src/candidates/packed.ts';
import {
  Broken,
  CREATE,
  LOADING,
  PLACES,
  RULES,
  faultOf,
  oneLine,
  placeName,
  placeOf,
} from '../src/candidates/rules.ts';
import { isApart, isForeign, sourceOf, trustedIn } from '../src/candidates/source.ts';
import { evaluateCandidate } from '../src/tape/compartment.ts';
import { faultIn, faultOn, lineOf, putFault } from '../src/tape/faults.ts';
import { putDouble, putText, takeDouble, takeText, TEXT_MAX } from '../src/tape/words.ts';

const CARD = {
  id: 'mine',
  title: 't',
  year: 2026,
  source: 's',
  status: 'proposed',
  summary: 's',
  adds: [{ struct: 'sk_buff', name: 'mine', type: 'pointer' }],
  hooks: 0,
  claims: [],
  create: () => ({}),
} as const;
const RUNTIME = {
  id: 'mine',
  title: 't',
  year: 2026,
  source: 's',
  summary: 's',
  over: 'msg-zerocopy',
  create: () => ({}),
} as const;

/** What is wrong with a module, or the id of what it exports. */
function card(module: object): string {
  try {
    return designOf(module).id;
  } catch (error) {
    if (!(error instanceof Broken) || error.rule !== 'card') throw error;
    return `${error.place}: ${error.message}`;
  }
}

describe('a card', () => {
  test('of a design or a runtime is one', () => {
    expect(card({ design: CARD })).toBe('mine');
    expect(card({ runtime: RUNTIME })).toBe('mine');
    expect(designOf({ runtime: RUNTIME })).toMatchObject({ over: 'msg-zerocopy', adds: [] });
  });

  test.each<[string, object]>([
    ["its card: the file exports a 'design' and a 'runtime'", { design: CARD, runtime: RUNTIME }],
    ["its card: the file exports no 'design' and no 'runtime' (it exports a, b)", { a: 1, b: 2 }],
    ["its card: its 'design' is a number, and no card", { design: 5 }],
    ["its card: its 'design' is null, and no card", { design: null }],
    ["its card: its 'runtime' is a string, and no card", { runtime: 'x' }],
    ['(it exports nothing)', {}],
    ['it has no create function', { design: { ...CARD, create: 1 } }],
    ['it has no create function', { runtime: { ...RUNTIME, create: 1 } }],
    ['over: ', { runtime: { ...RUNTIME, over: 'tcp' } }],
    ["export it as 'runtime'", { design: { ...CARD, over: 'msg-zerocopy' } }],
    ['Unrecognized key', { runtime: { ...RUNTIME, domain: {} } }],
    ['id: is no name such as my-design', { design: { ...CARD, id: 'My design' } }],
    ['id: ', { design: { ...CARD, id: 'a'.repeat(33) } }],
    ['year: ', { design: { ...CARD, year: 1968 } }],
    ['year: ', { design: { ...CARD, year: 2026.5 } }],
    ['status: ', { design: { ...CARD, status: 'proven' } }],
    ['title: has control characters', { design: { ...CARD, title: 'a\u0007' } }],
    ['title: ', { design: { ...CARD, title: 'a'.repeat(121) } }],
    ['era.id: is no era; known: 2.6.24', { design: { ...CARD, era: { id: '1.0', source: 's' } } }],
    ['domain.by.0: ', { design: { ...CARD, domain: { by: ['nobody'], source: 's' } } }],
    ['domain.over.0: ', { design: { ...CARD, domain: { over: ['air'], source: 's' } } }],
    [
      'domain.since: is no release of the trunk, such as 6.0',
      { design: { ...CARD, domain: { since: '6.1.192', source: 's' } } },
    ],
    [
      'domain.until: is no release of the trunk, such as 6.0',
      { design: { ...CARD, domain: { until: 'soon', source: 's' } } },
    ],
    [
      'domain: Unrecognized key: "lends"',
      { design: { ...CARD, domain: { lends: [], source: 's' } } },
    ],
    ['domain.drains: ', { design: { ...CARD, domain: { drains: true, source: 's' } } }],
    ['domain.onHost: ', { design: { ...CARD, domain: { onHost: true, source: 's' } } }],
    ['domain.memory: ', { design: { ...CARD, domain: { memory: 'device', source: 's' } } }],
    ['adds.0.type: ', { design: { ...CARD, adds: [{ ...CARD.adds[0], type: 'u128' }] } }],
    ['adds.0.length: ', { design: { ...CARD, adds: [{ ...CARD.adds[0], length: 0 }] } }],
    ['adds.0.length: Too big', { design: { ...CARD, adds: [{ ...CARD.adds[0], length: 1e12 }] } }],
    ['adds: Too big', { design: { ...CARD, adds: Array(65).fill(CARD.adds[0]) } }],
    ['hooks: ', { design: { ...CARD, hooks: -1 } }],
    ['home: ', { design: { ...CARD, home: 6 } }],
    ['claims.0: ', { design: { ...CARD, claims: ['c'.repeat(41)] } }],
  ])('%s', (why, module) => {
    expect(card(module)).toContain(why);
  });

  test('goes to another process as JSON, without its class, and is looked at there', () => {
    const there = cardIn(JSON.stringify(cardOf(designOf({ design: CARD }))));
    expect(there).toEqual({ ...CARD, create: undefined });
    expect(() => fromCard(there).create({} as never)).toThrow('mine is a candidate and runs in an');
    expect(() => cardIn('{')).toThrow('what its process wrote is no JSON');
    expect(() => cardIn('{"id":"x"}')).toThrow('title: ');
    const runtime = fromCard(cardIn(JSON.stringify(cardOf(designOf({ runtime: RUNTIME })))));
    expect(runtime.over).toBe('msg-zerocopy');
    expect(() => runtime.createProgram!({} as never, {} as never)).toThrow('mine is a candidate');
  });
});

describe('where it comes from', () => {
  const own = { file: '/d/a.ts', code: null, version: null, name: 'a' };
  const apart = { file: '/d/b.ts', code: 'x', version: '1', name: 'b' };
  const trusted = { ...apart, name: 'c', trusted: true as const };

  test('says whether it is foreign, and whether it runs apart', () => {
    expect([own, apart, trusted].map(isForeign)).toEqual([false, true, true]);
    expect([own, apart, trusted].map(isApart)).toEqual([false, true, false]);
    expect(trustedIn([own, apart])).toEqual({});
    expect(trustedIn([own, apart, trusted])).toEqual({ trusted: ['c'] });
    expect(sourceOf({ ...apart, more: 1 } as never)).toEqual(apart);
    expect(sourceOf({ ...trusted, more: 1 } as never)).toEqual(trusted);
  });

  test('is packed without the places of this machine, and is the same code where it arrives', () => {
    const code = 'require("@lastref/kernel"); "lastref:seam"';
    const there = pack({ ...apart, code });
    expect(there).toEqual({ file: 'b.ts', code, version: '1', name: 'b' });
    expect(unpack(there).code).toBe(code);
    expect(pack({ ...apart, file: 'C:\\d\\b.ts' }).file).toBe('b.ts');
  });

  test('that came by a queue under a name that goes on as code is not run', () => {
    const there = { ...apart, file: 'x\n.bind(null, {}).ts', code: '' };
    expect(() => evaluateCandidate(unpack(pack(there)))).toThrow('that end a line or show nothing');
  });
});

describe('compiling', () => {
  /** What `files` come to, the first of them asked for. */
  async function compiled(files: Record<string, string>, trusted = false): Promise<string> {
    const dir = mkdtempSync(join(tmpdir(), 'lastref-compiled-'));
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
      const source = await compile(join(dir, Object.keys(files)[0]!), trusted);
      return `${source.name} ${source.trusted} ${source.code!.replace(/sourceMappingURL.*/, '')}`;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return `${error.rule}: ${error.message}`;
    } finally {
      rmSync(dir, { recursive: true });
    }
  }
  const design = 'export const design = { id: "a" };';

  test('makes one script that hands over what its top level declares', async () => {
    const code = await compiled({
      'a.ts': `import { T } from './t.ts'; import { X } from './x.json'; const [A, { b: B }] = [1, { b: 2 }]; export const design = { t: T, x: X, A, B }; class Mine {} function help(): void {}`,
      't.ts': 'export const T = 1;',
      'x.json': '{"X": 1}',
    });
    expect(code).toMatch(/^a\.ts undefined /);
    expect(code).toMatch(/module\.shared = \{ [^}]*\bT\b[^}]*\bA, B\b[^}]*\bdesign\b[^}]*\};/);
    expect(code).toContain('module.shared');
    expect(await compiled({ 'a.ts': design }, true)).toMatch(/^a\.ts true [\s\S]*export \{/);
  });

  test('leaves out what interpreter a file names at its top, and its lines are where they were', async () => {
    const [plain, named] = await Promise.all(
      ['', '#!/usr/bin/env node\n'].map((line) => compiled({ 'a.ts': `${line}${design}` })),
    );
    expect(named).toBe(plain!.replace('undefined ', 'undefined \n'));
  });

  test.each<[string, string]>([
    ["import 'node:fs';", 'it imports node:fs, which no design needs'],
    ["import 'zod';", 'it imports zod; a design imports @lastref/kernel and its own files'],
    ["import './none.ts';", 'a.ts:1:8: Could not resolve'],
    ['const a = ;', 'a.ts:1:11: Unexpected ";"'],
  ])('refuses %s', async (line, why) => {
    expect(await compiled({ 'a.ts': `${line} ${design}` })).toContain(`compiles: `);
    expect(await compiled({ 'a.ts': `${line} ${design}` })).toContain(why);
  });

  test('refuses what hides state, or is misspelt, in any of its files', async () => {
    const over = "import './b.ts';";
    expect(await compiled({ 'a.ts': over, 'b.ts': 'let n = 0;' })).toContain('state: b.ts:1: the');
    const slip = 'class D extends GetPutPage { fragUnreff() {} }';
    const file = `import { GetPutPage } from '@lastref/kernel'; ${slip}`;
    expect(await compiled({ 'a.ts': over, 'b.ts': file })).toContain('did you mean fragUnref?');
  });

  test('looks at what runs, and not at a file that lies where esbuild says that it found it', async () => {
    const files = { 'a.ts': "import './b?.ts';", 'b.ts': 'let n = 0;', 'b.ts?.ts': design };
    expect(await compiled(files)).toContain('state: b.ts:1: the');
  });

  test('reads files, each once, and waits for no pipe', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lastref-pipe-'));
    const pipe = join(dir, 'a.ts');
    execFileSync('mkfifo', [pipe]);
    await expect(compile(pipe)).rejects.toThrow('a.ts is no file');
    rmSync(pipe);
    writeFileSync(pipe, '');
    truncateSync(pipe, 5 << 20);
    await expect(compile(pipe)).rejects.toThrow('a.ts has 5242880 bytes, where 4194304');
    rmSync(dir, { recursive: true });
  });

  test.each([
    ['a sum of sixty thousand numbers', Array(60_000).fill('1').join('+')],
    ['lists in one another', '['.repeat(60_000) + ']'.repeat(60_000)],
  ])(
    '%s, at which esbuild works for a minute or gives up, is refused at once',
    async (_, value) => {
      const file = join(mkdtempSync(join(tmpdir(), 'lastref-deep-')), 'a.ts');
      writeFileSync(file, `export const a = ${value};`);
      await expect(compile(file)).rejects.toThrow(/what stands in one another is/);
    },
  );
});

describe('a fault', () => {
  test('has its place, its rule and one line', () => {
    const broken = new Broken('hook fragRef', 'it\nthrew', 'throws');
    expect(broken.message).toBe('it threw');
    broken.when = 'seed 1';
    expect(faultOf('mine', 'bulk-loss', broken)).toEqual({
      design: 'mine',
      where: 'bulk-loss',
      hook: 'fragRef',
      rule: RULES.throws,
      text: `mine on bulk-loss (seed 1), in hook fragRef: it threw. Rule: ${RULES.throws}.`,
    });
    expect(faultOf('mine', null, new Broken('', 'did you mean it?', 'bug'))).toEqual({
      design: 'mine',
      where: null,
      hook: null,
      rule: RULES.bug,
      text: `mine, between its hooks: did you mean it? Rule: ${RULES.bug}.`,
    });
  });

  test('is a line of 300 characters at most', () => {
    expect(oneLine('a'.repeat(300))).toBe('a'.repeat(300));
    expect(oneLine('a'.repeat(301))).toBe(`${'a'.repeat(300)}…`);
    expect(oneLine(' a\u0007\n b ')).toBe('a b');
  });

  test('is said once for cells that fail in the same way', () => {
    const fault = (design: string, hook: string, rule: string, text: string) => ({
      design,
      where: null,
      hook,
      rule,
      text,
    });
    expect(
      faultLines([
        fault('a', 'lend', 'r', 'one'),
        fault('a', 'lend', 'r', 'two'),
        fault('a', 'lend', 's', 'three'),
        fault('b', 'lend', 'r', 'four'),
        fault('a', 'lend', 'r', 'five'),
      ]),
    ).toEqual(['one (and in 2 cells more)', 'three', 'four']);
  });

  test('has a place by its name', () => {
    expect(placeName(placeOf('fragRef'))).toBe('hook fragRef');
    expect(placeName(placeOf('notified'))).toBe('event notified');
    expect([0, LOADING, CREATE].map(placeName)).toEqual(['', 'its top level', 'create']);
  });

  test('goes on a tape and in a line, and comes back', () => {
    for (const place of ['', 'its card', 'create', 'hook lend', 'event notified']) {
      const broken = new Broken(place, 'what', 'alive');
      const words: number[] = [];
      putFault({ put: (word) => words.push(word) }, broken);
      let at = 1;
      const back = faultOn({ next: () => words[at++]! });
      expect([back.place, back.message, back.rule]).toEqual([place, 'what', 'alive']);
      const line = faultIn(lineOf(broken))!;
      expect([line.place, line.message, line.rule]).toEqual([place, 'what', 'alive']);
    }
  });

  test.each([
    '',
    '{',
    '1',
    '[]',
    '[0,0,"a",1]',
    '["0",0,"a"]',
    '[0,"0","a"]',
    '[0,0,0]',
    '[999,0,"a"]',
    '[0,999,"a"]',
    '[0,-1,"a"]',
  ])('that is none is not taken for one: %s', (line) => {
    expect(faultIn(line)).toBeNull();
  });

  test.each([
    [[-1, 0, 0]],
    [[0, -1, 0]],
    [[999, 0, 0]],
    [[0, 999, 0]],
    [[0, 0, -1]],
    [[0, 0, TEXT_MAX + 1]],
  ])('on a tape that is none is none: %j', (words) => {
    let at = 0;
    expect(faultOn({ next: () => words[at++] ?? 0 }).message).toBe(
      'what its process wrote is no tape',
    );
  });
});

test.each(['', 'a', 'ab', 'abc', '\ud800x', '\uffff\u0000'])('the text %j comes back', (text) => {
  const words: number[] = [];
  putText({ put: (word) => words.push(word) }, text);
  let at = 0;
  expect(takeText({ next: () => words[at++]! })).toBe(text);
  expect(at).toBe(words.length);
});

test.each([0.5, -0, 1e308, -7, Infinity])('the number %d comes back', (n) => {
  const words: number[] = [];
  putDouble({ put: (word) => words.push(word) }, n);
  let at = 0;
  expect(takeDouble({ next: () => words[at++]! })).toBe(n);
});

test('every place has one name', () => {
  expect(new Set(PLACES.map((_, n) => placeName(n))).size).toBe(PLACES.length);
});
