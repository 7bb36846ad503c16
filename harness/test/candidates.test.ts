// Candidates that misbehave: each gets a line that names the hook and the rule, and the others have their rows.
import { readFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetPutPage,
  eraOf,
  type Design,
  type Page,
  type Services,
  type SkbFrag,
  type SkbSharedInfo,
  type SkBuff,
} from '@lastref/kernel';
import { compareSchema, type CompareDocument } from '@lastref/report';
import { Cell, DEFAULT_BOUND, explore } from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test, beforeAll } from 'vitest';
import { attempt, type Faulted, type Fault } from '@lastref/runner';
import { designOf, Watch, guarded, forbidAll, type Rule, RULES } from '@lastref/runner/candidates';
import { LONG, sample } from '../../scripts/tier.ts';
import { said } from './house/reference.ts';
import { lastref, spawned, type Ran } from './run-cli.ts';

const card = {
  id: 'mine',
  title: 't',
  year: 2026,
  source: 's',
  status: 'proposed' as const,
  summary: 's',
  adds: [],
  hooks: 0,
  claims: [],
};

/** What the guard makes of a class on a workload without scatter/gather; null: nothing. */
async function faultOf(
  create: (services: Services) => object,
  adds: Design['adds'] = [],
): Promise<Fault | null> {
  forbidAll();
  const watch = new Watch('mine.ts');
  const design = guarded({ ...card, adds, create: create as Design['create'] }, watch);
  const place = { design: 'mine', cell: 'bulk-loss', when: 'seed 1', foreign: true };
  const answer = await attempt(place, () => {
    const input = { design, workload: workloadCalled('bulk-loss')!, era: eraOf('3.8')!, seed: 1 };
    const result = new Cell(input).runByClock();
    watch.look(0);
    return result;
  });
  return (answer as Partial<Faulted>).fault ?? null;
}

/** Anything that a hook can say: what TypeScript would have refused. */
const nonsense = (value: unknown): never => value as never;

describe('a hook that', () => {
  test.each<[string, Rule, string, new (services: Services) => object]>([
    [
      'throws: fragRef',
      'throws',
      'it threw Error: boo',
      class extends GetPutPage {
        override fragRef(): void {
          throw new Error('boo');
        }
      },
    ],
    [
      'answers nonsense: canAppend',
      'answers',
      'it answered yes, where true or false is wanted',
      class extends GetPutPage {
        override canAppend(): boolean {
          return nonsense('yes');
        }
      },
    ],
    [
      'answers later: fragRef',
      'answers',
      'it answered a promise (what it does would go on when the machine has moved), where nothing is wanted',
      class extends GetPutPage {
        override fragRef(): void {
          return nonsense(Promise.resolve());
        }
      },
    ],
    [
      'puts a page twice: fragUnref',
      'alive',
      'putPage was given page#',
      class extends GetPutPage {
        override fragUnref(_: SkbSharedInfo, frag: SkbFrag): void {
          this.k.putPage(frag.page);
          if (frag.page.count > 0) this.k.putPage(frag.page);
          if (frag.page.count === 0) this.k.putPage(frag.page);
        }
      },
    ],
    [
      'touches a freed skb: skbDestructor',
      'alive',
      'unshare was given skb#',
      class extends GetPutPage {
        old: SkBuff | null = null;
        override skbDestructor(skb: SkBuff): void {
          if (this.old !== null && !this.old.live) this.k.unshare(this.old);
          this.old = skb;
        }
      },
    ],
    [
      'lends bytes that are not of the page: lend',
      'alive',
      'fillPageDesc was given 5000 bytes at offset 0',
      class extends GetPutPage {
        override lend(skb: SkBuff, page: Page): void {
          this.k.fillPageDesc(skb, page, 0, 5000);
        }
      },
    ],
    [
      'ends the process: fragRef',
      'process',
      'it called process.exit',
      class extends GetPutPage {
        override fragRef(): void {
          process.exit(0);
        }
      },
    ],
    [
      'throws dice: lend',
      'repeatable',
      'it called Math.random',
      class extends GetPutPage {
        override lend(): void {
          Math.random();
        }
      },
    ],
    [
      'goes round in itself: released',
      'throws',
      'Maximum call stack',
      class extends GetPutPage {
        override released(): void {
          this.released();
        }
      },
    ],
  ])('%s', async (name, rule, says, Mine) => {
    const fault = await faultOf((services) => new Mine(services));
    expect(fault).toMatchObject({ design: 'mine', hook: name.split(': ')[1], rule: RULES[rule] });
    expect(fault!.text).toContain(says);
    expect(fault!.text).toContain(' on bulk-loss (seed 1), in hook ');
  });

  test('changes a prototype is named, and so is the prototype', async () => {
    const { at } = Array.prototype;
    try {
      const fault = await faultOf(
        (services) =>
          new (class extends GetPutPage {
            override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
              Array.prototype.at = nonsense(() => undefined);
              super.fragRef(shinfo, frag);
            }
          })(services),
      );
      expect(fault).toMatchObject({ hook: 'fragRef', rule: RULES.globals });
      expect(fault!.text).toContain('it changed Array.prototype.at');
    } finally {
      Array.prototype.at = at;
    }
  });

  test('is missing is named when the first machine is made', async () => {
    const fault = await faultOf(() => ({}));
    expect(fault).toMatchObject({ hook: 'create', rule: RULES.hooks });
    expect(fault!.text).toContain('has no hook canAppend');
  });

  test('leaves the machine in a state where a kernel would stop is named as the last that ran', async () => {
    const fault = await faultOf(
      (services) =>
        new (class extends GetPutPage {
          override lend(): void {}
        })(services),
    );
    expect(fault).toMatchObject({ hook: null, rule: RULES.misuse });
    expect(fault!.text).toMatch(/did not add exactly one frag.*\(hook lend ran last\)/);
  });

  test('is not what is named where the card adds a field that has no place', async () => {
    const adds = [{ struct: 'sk_buff', name: 'mine', type: 'pointer', after: 'none' }] as const;
    const fault = await faultOf((services) => new GetPutPage(services), adds);
    expect(fault).toMatchObject({ rule: RULES.adds });
    expect(fault!.text).toMatch(
      /, in its card: sk_buff\.mine has no place: there is no none in it\./,
    );
  });

  test('does nothing wrong is not named', async () => {
    expect(await faultOf((services) => new GetPutPage(services))).toBeNull();
  });
});

test.each([
  [{}, "exports no 'design' and no 'runtime' (it exports nothing)"],
  [{ default: {} }, "exports no 'design' and no 'runtime' (it exports default)"],
  [{ design: card }, 'it has no create function'],
  [{ design: { ...card, year: '2026', create() {} } }, 'year: '],
  [{ design: { ...card, id: 'a.b', create() {} } }, 'id: is no name such as my-design'],
  [{ design: { ...card, title: 'a\u001b[31mb', create() {} } }, 'title: has control characters'],
  [{ design: { ...card, adds: [{ struct: 'page' }], create() {} } }, 'adds.0.name'],
])('the module %j is no design', (module, says) => {
  expect(() => designOf(module)).toThrow(says);
});

test('a guard is no state: the search sees what it sees of the class alone', () => {
  const input = {
    workload: miniature(workloadCalled('nfs-odirect')!, 1),
    era: eraOf('3.8')!,
    seed: 1,
  };
  const plain: Design = { ...card, create: (services) => new GetPutPage(services) };
  const options = { bound: { ...DEFAULT_BOUND, drops: 0, states: 2000 } };
  const alone = explore({ ...input, design: plain }, options);
  const watched = explore({ ...input, design: guarded(plain, new Watch('mine.ts')) }, options);
  expect(watched).toEqual(alone);
  expect(alone.states).toBeGreaterThan(20);
});

test.each(sample(['canary-never-tells', 'naive-sendpage', 'mzc-owner'], 3, 1))(
  'a candidate called %s, as one of ours is, is not taken for it',
  (id) => {
    const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
    const file = join(dir, 'mine.ts');
    const code = `import { GetPutPage, type Design } from '@lastref/kernel';
export const design = { ...${JSON.stringify(card)}, id: '${id}', create: (k) => new GetPutPage(k) } satisfies Design;`;
    writeFileSync(file, code);
    const asked = ['check', id, 'nfs-odirect', '--with', file];
    const { code: exit, stdout, stderr } = said(dir, lastref, ...asked);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`two designs have the id '${id}'`);
  },
);

test.each([
  ['as import (vmsplice) has it', "'import('"],
  ['eval (it)', "'eval('"],
  ['first --> then', "'<!--' or '-->'"],
])('a text that a compartment takes for code is named: %s', (summary, what) => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const file = join(dir, 'mine.ts');
  const code = `import { GetPutPage, type Design } from '@lastref/kernel';
export const design = { ...${JSON.stringify({ ...card, summary })}, create: (k) => new GetPutPage(k) } satisfies Design;`;
  writeFileSync(file, code);
  const { code: exit, stderr } = said(dir, lastref, 'check', 'mine', 'no-sg', '--with', file);
  expect(exit).toBe(2);
  const rule = 'Rule: the file is a TypeScript module that compiles';
  const line = `mine.ts, in its file: it has ${what}, which is refused in a text, too: write it otherwise`;
  expect(stderr).toContain(`lastref: ${line}. ${rule}`);
});

test('a candidate is started once for a command: the process that told its card plays', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const file = join(dir, 'mine.ts');
  const top = `import { GetPutPage, type Design } from '@lastref/kernel'; console.log('its file is read');`;
  writeFileSync(
    file,
    `${top}
export const design = { ...${JSON.stringify(card)}, create: (k) => new GetPutPage(k) } satisfies Design;`,
  );
  const few = ['--drops', '0', '--retransmissions', '0'];
  for (const asked of [
    ['check', 'mine', 'sendfile-locked', ...few],
    ['compare', '--designs', 'mine', '--workloads', 'no-sg'],
    ['list'], // a card is all that it needs
  ]) {
    const { code, stderr } = said(dir, spawned, ...asked, '--with', file);
    expect([code, stderr.match(/its file is read/g)], asked[0]).toEqual([0, ['its file is read']]);
  }
});

test('how far a search is says lastref, not the candidate that runs beside the judge', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const file = join(dir, 'mine.ts');
  const design = new URL('../../strategies/ian-frag-destructor.ts', import.meta.url);
  const mine = readFileSync(design, 'utf8').replace("id: 'ian-frag-destructor'", "id: 'mine'");
  writeFileSync(file, `${mine}\nconsole.log('here I am');`);
  const asked = ['check', 'mine', 'nfs-odirect', '--states', '24000', '--with', file, '--trust'];
  const { stderr } = said(dir, spawned, ...asked);
  expect(stderr).toMatch(/^mine\.ts prints: here I am$/m);
  expect(stderr).toMatch(/^check mine nfs-odirect~.*: \d+ states, now \d+ steps deep$/m);
  expect(stderr).not.toContain('prints: check');
});

test('whoever ran beside the judge is named wherever somebody reads a verdict, and in no output where nobody did', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const file = join(dir, 'mine.ts');
  const design = new URL('../../strategies/ian-frag-destructor.ts', import.meta.url);
  writeFileSync(file, readFileSync(design, 'utf8').replace("'ian-frag-destructor'", "'mine'"));
  const line =
    'Ran beside the judge (--trust), so that a verdict is worth what the candidate is: mine.';
  const timesIn = (text: string): number => text.replace(/\s+/g, ' ').split(line).length - 1;
  const cell = ['--designs', 'mine', '--workloads', 'nfs-odirect', '--with', file];
  for (const trust of [['--trust'], []]) {
    const outputs: [string, string][] = [];
    for (const [name, ...more] of [['compare'], ['eras'], ['seeds', '--seeds', '2']] as const) {
      const out = join(dir, `${name}${trust.length}`);
      const { stdout } = lastref(name, ...cell, ...more, ...trust, '--out', out);
      outputs.push([`${name} in a terminal`, stdout]);
      outputs.push([`${name} in Markdown`, readFileSync(join(out, `${name}.md`), 'utf8')]);
    }
    outputs.push([
      'stories',
      lastref('stories', ...cell.slice(0, 2), ...cell.slice(4), ...trust).stdout,
    ]);
    const out = join(dir, `report${trust.length}`);
    lastref('report', ...cell, ...trust, '--out', out);
    for (const kind of ['html', 'md', 'txt'])
      outputs.push([`report.${kind}`, readFileSync(join(out, `report.${kind}`), 'utf8')]);
    expect(outputs.map(([name, text]) => [name, timesIn(text)])).toEqual(
      outputs.map(([name]) => [name, trust.length]),
    );
  }
}, 120_000);

const GROWS = 'all = []; override fragRef() { for (;;) this.all.push(new Array(5000).fill(1.5)); }';

describe('one run with candidates of every kind', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const write = (id: string, body: string, top = ''): string => {
    const file = join(dir, `${id}.ts`);
    writeFileSync(
      file,
      `import { GetPutPage, type Design, type Loan } from '@lastref/kernel'; ${top}
export const design = { ...${JSON.stringify(card)}, id: '${id}', create: (k) => new Mine(k) } satisfies Design;
class Mine extends GetPutPage { ${body} }`,
    );
    return file;
  };
  const files = [
    write('loops', 'override fragUnref(): void { for (;;); }'),
    ...(LONG ? [write('grows', GROWS)] : []),
    write('throws', "override fragRef(): void { throw new Error('boo'); }"),
    write(
      'prints',
      'override released(): void { console.log("hello"); for (let i = 0; i < 9; i++) console.log("line", i); }',
    ),
    write('at-once', '', 'process.exit(0);'),
    write('garbled', 'override oops(: void {}'),
  ];
  let ran: Ran;
  let doc: CompareDocument;

  beforeAll(() => {
    ran = said(
      dir,
      spawned,
      'compare',
      ...files.flatMap((file) => ['--with', file]),
      '--designs',
      `loops,${LONG ? 'grows,' : ''}throws,prints,rpc-reply`,
      '--workloads',
      'no-sg,nfs-odirect',
      '--json',
    );
    doc = compareSchema.parse(JSON.parse(ran.stdout));
  });

  const stopped: [string, string | null, string, string][] = [
    ['grows', 'fragRef', RULES.memory, ' MB'],
    ['loops', 'fragUnref', RULES.returns, 'it does not return'],
    ['throws', 'fragRef', RULES.throws, 'it threw Error: boo (throws.ts:3:'],
  ];
  test.each(stopped.filter(([id]) => LONG || id !== 'grows'))(
    '%s is stopped in %s',
    (design, hook, rule, says) => {
      const fault = doc.faults!.find((f) => f.design === design);
      expect(fault).toMatchObject({ hook, rule });
      expect(fault!.text).toContain(says);
      expect(ran.stderr).toContain(fault!.text);
    },
  );

  test.each([
    ['at-once.ts, in its top level', 'it called process.exit'],
    ['garbled.ts, in its file', 'garbled.ts:3:'],
  ])('%s is left out before anything runs', (who, says) => {
    const lines = ran.stderr.split('\n').filter((l) => l.startsWith(`lastref: ${who}`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(says);
  });

  test('the others have their rows, and the run says that it was not all right', () => {
    const rows = (id: string): number => doc.rows.filter((r) => r.design === id).length;
    expect([rows('rpc-reply'), rows('prints')]).toEqual([2, 2]);
    expect(ran.code).toBe(2);
    // none of the lines is lost, though the process ends when its work is done
    for (const line of ['hello', ...Array.from({ length: 9 }, (_, i) => `line ${i}`)])
      expect(ran.stderr).toContain(`prints.ts prints: ${line}\n`);
    expect(ran.stderr).not.toMatch(/^ {4}at /m);
  });
});
