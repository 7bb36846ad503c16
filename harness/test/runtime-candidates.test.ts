// A runtime that somebody brings: written by `new`, run apart from what judges it, refused in one line where it is
// none, and asked about what runtimes are asked about.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSchema, compareSchema, newSchema, replaySchema } from '@lastref/report';
import { beforeAll, describe, expect, test } from 'vitest';
import { LONG, sample } from '../../scripts/tier.ts';
import { said } from './house/reference.ts';
import { lastref, type Ran } from './run-cli.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
const mine = join(dir, 'my-runtime.ts');
/** Of `new`'s file, or of one that was changed: said once for each state of both. */
const asked = (...args: string[]): Ran => said(dir, lastref, ...args);
let written: Ran;

const PAGE = readFileSync(join(ROOT, 'docs/runtime.md'), 'utf8');
/** Commands with what they print. */
const SHOWN = PAGE.match(/^\$ lastref (compare|check) .*\n(?:.+\n)*?(?=```)/gm)!;

/** What a command of the page does not say of `file` though it stands there; an ellipsis stands for what was left out. */
function unsaid(block: string, file: string): string[] {
  const [command, ...lines] = block.trimEnd().split('\n');
  const args = command!.split(' ').slice(2);
  const { stdout } = asked(...args.map((word) => (word === 'my-runtime.ts' ? file : word)));
  const parts = lines.flatMap((line) => line.split('…'));
  return parts.filter((part) => !stdout.includes(part.trim()));
}

/** What `new` writes, with what stands on the page under 'Right' in place of its methods of these names. */
function repaired(text: string): string {
  const blocks = PAGE.split('\n## Right\n')[1]!
    .split('\n## ')[0]!
    .matchAll(/```ts\n([^`]*(?:`[^`]+`[^`]*)*)\n```/g);
  for (const [, block] of blocks)
    for (const [method, name] of block!.matchAll(
      /^ {2}(?:private|override) (\w+)\([^]*?^ {2}\}\n?/gm,
    )) {
      const old = new RegExp(`^ {2}(?:private|override) ${name}\\([^]*?^ {2}\\}\\n`, 'm');
      expect(text).toMatch(old);
      text = text.replace(old, () => `${method.trimEnd()}\n`);
    }
  const field = /^ {2}private out = .*\n/m.exec(PAGE)![0];
  return text
    .replace('lastCall = 0', 'out = 0')
    .replace('{ MSG_ZEROCOPY', '{ ENOBUFS, MSG_ZEROCOPY')
    .replace('  private stopping', () => `${field}  private stopping`);
}
beforeAll(() => {
  written = lastref('new', 'my-runtime', '--runtime', '--dir', dir, '--json');
});

describe('a runtime that new has just written', () => {
  test('stands beside its test', () => {
    const doc = newSchema.parse(JSON.parse(written.stdout));
    expect(doc.files).toEqual(['my-runtime.ts', 'my-runtime.test.mjs', 'tsconfig.json']);
    expect(readdirSync(dir).sort()).toEqual([...doc.files].sort());
  });

  // as in the folder of a design, which is asked about each time (new.test.ts)
  test.runIf(LONG)('is where an editor finds the types of the seam', () => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const checked = spawnSync(tsc, ['--project', dir], { encoding: 'utf8' });
    expect([checked.stdout, checked.status]).toEqual(['', 0]);
  });

  test('is compared with those that are right, on what happens to programs', () => {
    const { stdout } = asked('compare', '--with', mine, '--json');
    const doc = compareSchema.parse(JSON.parse(stdout));
    expect(doc.designs.map((d) => d.id)).toEqual(['mzc-owner', 'sendzc-owner', 'my-runtime']);
    expect(doc.workloads.every((w) => w.id.startsWith('runtime-'))).toBe(true);
    const lost = doc.rows.filter((r) => r.verdicts['lost'] === 'refuted');
    expect(lost.map((r) => [r.design, r.workload])).toEqual([['my-runtime', 'runtime-wrap']]);
  });

  test('is wrong where notifications overtake each other, and its token says so anywhere', () => {
    const few = LONG ? [] : ['--drops', '0']; // one that is late overtakes as well as one that is lost
    const args = ['check', 'my-runtime', 'runtime-plain~2', ...few, '--with', mine, '--json'];
    const doc = checkSchema.parse(JSON.parse(asked(...args).stdout));
    expect([doc.result, doc.property]).toEqual(['refuted', 'early']);
    const { stdout } = asked('replay', doc.token!, '--with', mine, '--json');
    const replayed = replaySchema.parse(JSON.parse(stdout));
    expect([replayed.same, replayed.skipped]).toEqual([true, 0]);
    expect(replayed.findings.map((f) => f.property)).toContain('early');
  });

  test.runIf(LONG)('says what docs/runtime.md says that it says', () => {
    const first = SHOWN.filter((block) => !block.includes('exhausted')); // the last one is of the repair
    expect(first).toHaveLength(3);
    expect(first.flatMap((block) => unsaid(block, mine))).toEqual([]);
  });

  describe('repaired as docs/runtime.md repairs it', () => {
    const right = join(dir, 'right.ts');
    beforeAll(() => writeFileSync(right, repaired(readFileSync(mine, 'utf8'))));

    test('says what the page says', () => {
      expect(unsaid(SHOWN.at(-1)!, right)).toEqual([]);
    });

    const workloads = [...PAGE.matchAll(/^\| `(runtime-[a-z-]+)` \|/gm)].map((m) => m[1]!);
    test.each(sample([...new Set(workloads)], 2))(
      'holds on %s, and where something fails',
      (id) => {
        const args = ['check', 'my-runtime', id, '--failures', '1', '--states', '4096', '--json'];
        const doc = checkSchema.parse(JSON.parse(asked(...args, '--with', right).stdout));
        expect(['exhausted', 'bound-reached']).toContain(doc.result);
      },
    );
  });

  test('says the same apart from the judge and beside it', () => {
    const args = ['check', 'my-runtime', 'runtime-loopback~1', '--with', mine, '--json'];
    const apart = checkSchema.parse(JSON.parse(asked(...args).stdout));
    const beside = checkSchema.parse(JSON.parse(asked(...args, '--trust').stdout));
    expect(apart.result).toBe('exhausted');
    expect([apart.states, apart.executions, apart.verdicts]).toEqual([
      beside.states,
      beside.executions,
      beside.verdicts,
    ]);
    expect(beside.trusted).toEqual(['my-runtime']);
  });
});

/** The file that new writes with one thing changed. */
function changed(name: string, from: string, to: string): string {
  const text = readFileSync(mine, 'utf8');
  expect(text).toContain(from);
  const file = join(dir, `${name}.ts`);
  writeFileSync(file, text.replaceAll('my-runtime', name).replace(from, to));
  return file;
}

/** What somebody gets wrong in the file that new writes: its name, what stands there, what he makes of it, the line. */
const SLIPS: readonly (readonly [string, string, string, string])[] = [
  [
    'slip',
    'override writable(',
    'writeable(',
    'no event, and nothing calls it; did you mean writable?',
  ],
  ['kinds', "over: 'msg-zerocopy'", "over: 'zerocopy'", 'in its card: over: '],
  ['hooks', "over: 'msg-zerocopy'", "over: 'msg-zerocopy', hooks: 1", 'Unrecognized key: "hooks"'],
  ['hidden', 'private connection', '#connection', '#connection is hidden'],
  [
    'pool',
    'this.calls.release(sending.buffer)',
    'this.calls.release(9)',
    'in event notified: release was given buffer 9; there are 0 to 0.',
  ],
  [
    'thrower',
    'this.stopping = true;',
    "throw new Error('boo');",
    'in event stop: it threw Error: boo (thrower.ts:',
  ],
  [
    'facade',
    'create: (calls) => new MyRuntime(calls)',
    'create: (...all) => { throw new Error(`${all.length} given, in which one sees [${Object.keys(all[0])}]`); }',
    'in create: it threw Error: 1 given, in which one sees []',
  ],
  [
    'ring',
    'calls.send(connection, sending.buffer, sending.sent, rest, MSG_ZEROCOPY)',
    'calls.cancel(1)',
    "cancel is io_uring's, and this runtime is over msg-zerocopy",
  ],
];

test.each(sample(SLIPS, 8))('what is wrong with %s is said in one line', (name, from, to, says) => {
  const file = changed(name, from, to);
  const { code, stdout, stderr } = asked('check', name, 'runtime-close', '--with', file);
  expect([code, stdout]).toEqual([2, '']);
  const lines = stderr.trim().split('\n');
  expect(lines.at(-1)).toContain(says);
  expect(lines.filter((line) => line.startsWith('lastref: '))).toHaveLength(1);
});

test.each([
  [['check', 'mzc-owner', 'nfs-odirect'], 'nfs-odirect is for designs, and mzc-owner is a runtime'],
  [['check', 'rpc-reply', 'runtime-plain'], 'runtime-plain is for runtimes'],
  [['check', 'mzc-owner', 'runtime-plan'], 'did you mean runtime-plain'],
  [['check', 'sendzc-owner', 'runtime-plain', '--era', '5.10'], 'io_send_zc is there from 6.0 on'],
  [['compare', '--designs', 'mzc-owner,rpc-reply'], 'ask for one kind at a time'],
  [['compare', '--designs', 'mzc-owner', '--flow', '1'], 'a capture drives designs alone'],
  [['movers', '--with', mine], 'this command takes designs alone'],
  [['new', 'mzc-owner', '--runtime', '--dir', dir], "have the id 'mzc-owner'"],
])('%j is refused in one line', (args, says) => {
  const { code, stdout, stderr } = asked(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.trim().split('\n').at(-1)).toContain(says);
});
