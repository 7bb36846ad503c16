// One way out: whatever happens ends in one line and an exit code that means one thing; and what is written is whole.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childSaid } from '@lastref/bench';
import {
  CouldNot,
  EXIT,
  RunError,
  UsageError,
  endingOf,
  guarding,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { Journal, type BatchRecord, type CampaignPlan } from '@lastref/runner/campaign';
import { describe, expect, test } from 'vitest';
import { command as bench } from '../src/commands/bench.ts';
import { command as claims } from '../src/commands/claims.ts';
import { command as compare } from '../src/commands/compare.ts';
import { isReference } from '../src/commands/reference.ts';
import { LONG, sample } from '../../scripts/tier.ts';
import { said } from './house/reference.ts';
import { lastref, launcher as built, spawned } from './run-cli.ts';

const launcher = fileURLToPath(new URL('../bin/lastref.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const scratch = (): string => mkdtempSync(join(tmpdir(), 'lastref-test-'));

/** What `work` throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('what ended a command is', () => {
  const inFile = (): string => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    return join(file, 'x');
  };

  test.each<[string, () => unknown, number, RegExp]>([
    ['misuse', () => new UsageError('no such design'), EXIT.misuse, /^lastref: no such design$/],
    [
      'a directory that cannot be written',
      () => thrownBy(() => tryDirectory(inFile())),
      EXIT.couldNot,
      /x: cannot be written: not a directory \(ENOTDIR\)$/,
    ],
    [
      'a file that cannot be read, where nobody thought of it',
      () => thrownBy(() => readFileSync(join(scratch(), 'none'))),
      EXIT.couldNot,
      /none: no such file or directory \(ENOENT\)$/,
    ],
    [
      'memory',
      () => thrownBy(() => new Uint8Array(2 ** 53 - 1)),
      EXIT.couldNot,
      /not enough memory for lastref x/,
    ],
    [
      'a design of ours that the machine stopped',
      () => new RunError('KernelBug: boo (rpc-reply on no-sg)'),
      EXIT.couldNot,
      /boo \(rpc-reply on no-sg\)\. This is a bug of ours; lastref x --debug shows where$/,
    ],
    [
      'a bug',
      () => thrownBy(() => (undefined as unknown as string).length),
      EXIT.couldNot,
      /TypeError: .*bug of ours; lastref x --debug shows where$/,
    ],
    ['no error at all', () => 7, EXIT.couldNot, /no error: 7\. This is a bug of ours/],
    [
      'a process that measures and fails',
      () => thrownBy(() => childSaid('bulk/0%', '{"failed":"Error: boo","stack":"at there"}')),
      EXIT.couldNot,
      /bulk\/0%: Error: boo\. This is a bug of ours/,
    ],
  ])('%s', (_what, error, code, line) => {
    const end = endingOf(error(), 'lastref x');
    expect(end.code).toBe(code);
    expect(end.line).toMatch(line);
    expect(end.line.split('\n')).toHaveLength(1);
  });

  test('said without what a terminal would act on', () => {
    const { line } = endingOf(new UsageError('unknown \u001b[31m\u202egnp\u0007\nx'), 'lastref');
    expect(line).toBe('lastref: unknown \\x1b[31m\\u202egnp\\x07 x');
  });
});

describe.skipIf(platform() !== 'linux')('the process', () => {
  test.each([
    ['compare', '--workloads', 'sendfile-locked'],
    ['seeds', '--seeds', '2', '--workloads', 'sendfile-locked'],
    ['stories'],
  ])('%s shows what it found where the disk has no room for SARIF', (...args) => {
    const { code, stdout, stderr } = lastref(
      ...args,
      '--designs',
      'rpc-reply',
      '--sarif',
      '/dev/full',
    );
    expect(code).toBe(EXIT.couldNot);
    expect(stdout).toContain(', machine ');
    expect(stderr).toContain('/dev/full: cannot be written: no space left on device');
  });

  test('says that the disk is full, and that is not what --fail-on says', () => {
    const full = openSync('/dev/full', 'w');
    const args = ['--designs', 'rpc-reply', '--workloads', 'nfs-odirect', '--fail-on', 'lost'];
    const ran = spawnSync(process.execPath, [built, 'compare', ...args], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(ran.stderr).toMatch(
      /^lastref: the output: no space left on device \(ENOSPC\)\n(?![^])/m,
    );
    expect(ran.stderr).not.toMatch(/^ {4}at /m);
    expect(ran.status).toBe(EXIT.couldNot);
  });

  test('does not write a file over the one that stdout goes to', () => {
    const file = join(scratch(), 'out');
    const out = openSync(file, 'w');
    const args = ['--designs', 'rpc-reply', '--workloads', 'nfs-odirect', '--sarif', file];
    const ran = spawnSync(process.execPath, [built, 'compare', ...args], {
      stdio: ['ignore', out, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(out);
    expect(ran.stderr).toBe(`lastref: ${file} is where stdout goes: name another file\n`);
    expect(ran.status).toBe(EXIT.misuse);
  });

  test('says that stdout is closed, in whose place Node opens what takes everything', () => {
    const shell = (how: string): ReturnType<typeof spawnSync> => {
      const typed = fileURLToPath(new URL('../../lastref', import.meta.url));
      const command = `exec '${typed}' --version ${how}`;
      return spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    };
    expect(shell('>&-')).toMatchObject({
      status: EXIT.couldNot,
      stderr: 'lastref: stdout is closed, so nothing can be said there\n',
    });
    for (const how of ['', '>/dev/null', '<&-', '2>&-'])
      expect(shell(how), how).toMatchObject({ status: 0, stderr: '' });
    expect(shell('').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('finds before it measures that nothing can be written, and cleans what it says', () => {
    const ran = spawned('bench', '--out', '/dev/null/\u001b[31mx', '--rounds', '1000');
    expect(ran.stderr).toBe(
      'lastref: /dev/null/\\x1b[31mx: cannot be written: not a directory (ENOTDIR)\n',
    );
    expect(ran.code).toBe(EXIT.couldNot);
  });
});

describe('files that belong together', () => {
  const both = (data: string) => [
    { name: 'a.json', data },
    { name: 'a.md', data },
  ];

  test('are both new or both old', () => {
    const dir = scratch();
    writeTogether(dir, both('old'));
    expect(readFileSync(join(dir, 'a.md'), 'utf8')).toBe('old');
    mkdirSync(join(dir, 'b'));
    const error = thrownBy(() => writeTogether(dir, [...both('new'), { name: 'b', data: '' }]));
    expect(error).toBeInstanceOf(CouldNot);
    expect(readFileSync(join(dir, 'a.json'), 'utf8')).toBe('old');
    expect(readdirSync(dir).sort()).toEqual(['a.json', 'a.md', 'b']);
  });

  test('are written beside those of nobody else', () => {
    const dir = scratch();
    writeFileSync(join(dir, 'a.md'), 'mine');
    expect(() => writeTogether(dir, both('new'), { anew: true })).toThrow('is left as it is');
    expect(readFileSync(join(dir, 'a.md'), 'utf8')).toBe('mine');
    expect(readdirSync(dir)).toEqual(['a.md']);
  });

  test('leave nothing of a writer that was killed', () => {
    const dir = scratch();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(dir, `.a.md.${pid}.lastref`), 'half');
    writeTogether(dir, both('new'));
    expect(readdirSync(dir).sort()).toEqual(['a.json', 'a.md']);
  });
});

describe('a journal', () => {
  const plan: CampaignPlan = {
    era: '3.8',
    seed: 1,
    rounds: 1,
    designs: ['rpc-reply'],
    workloads: ['no-sg~2'],
    options: { runs: 1, steps: 1, failures: false },
  };
  const versions = { machine: '00000001', designs: { 'rpc-reply': '00000002' } };
  const batch: BatchRecord = {
    round: 1,
    design: 'rpc-reply',
    workload: 'no-sg~2',
    runs: 1,
    steps: 1,
    pairs: 1,
    exercised: [],
    findings: [],
  };
  const file = (dir: string): string => join(dir, 'campaign.jsonl');

  test.each(['null', '{}', '7', '[]', '{"round":1}'])('with the line %s says which', (line) => {
    const dir = scratch();
    Journal.create(dir, plan, versions).append(batch);
    expect(Journal.open(dir).batches).toEqual([batch]);
    writeFileSync(file(dir), `${readFileSync(file(dir), 'utf8')}${line}\n`);
    const error = thrownBy(() => Journal.open(dir));
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(/campaign\.jsonl:3: this line is no batch \(/);
    writeFileSync(file(dir), `${line}\n`);
    expect(() => Journal.open(dir)).toThrow('campaign.jsonl:1: not the journal');
  });

  test('of a campaign that was killed before its first line is begun again', () => {
    for (const start of ['', '{"schema":"lastref.c']) {
      const dir = scratch();
      writeFileSync(file(dir), start);
      expect(Journal.unborn(dir)).toBe(true);
      expect(() => Journal.open(dir)).toThrow('is empty: no campaign was begun there');
      expect(Journal.create(dir, plan, versions).batches).toEqual([]);
      expect(() => Journal.create(dir, plan, versions)).toThrow('exists: go on with --resume');
    }
  });

  test('that cannot be written is no bug', () => {
    const error = thrownBy(() => Journal.create('/dev/null/x', plan, versions));
    expect(error).toBeInstanceOf(CouldNot);
    expect(existsSync('/dev/null/x')).toBe(false);
  });
});

test.skipIf(platform() !== 'linux')('what the system refuses is said of the file', () => {
  const full = () => guarding('a.json', () => writeFileSync('/dev/full', 'x'));
  expect(full).toThrow('a.json: cannot be written: no space left on device (ENOSPC)');
});

test.each([
  [compare, ['--with', 'broken.ts'], false],
  [compare, ['--driver-delay', '5'], false],
  [compare, ['--seed', '2'], false],
  [compare, ['--json', '--fail-on', 'lost'], true],
  [compare, [], true],
  [claims, ['--claim', 'L1'], false],
  [claims, [], true],
  [bench, ['--rounds', '2'], false],
  [bench, ['--quick'], false],
  [bench, [], true],
] as const)('the reference is what nothing was asked of: %#', (command, args, is) => {
  const typed = command as unknown as CommandUnknownOpts;
  for (const option of typed.options)
    typed.setOptionValue(option.attributeName(), option.defaultValue);
  typed.parseOptions([...args]);
  expect(isReference(typed)).toBe(is);
});

describe('a document that a report is to show', () => {
  const compare = readFileSync(new URL('../../results/compare.json', import.meta.url), 'utf8');

  test.each<[string, string, RegExp]>([
    [
      'was edited',
      compare.replace(/"steps": \d+/, '"steps": 7'),
      /compare\.json was changed after it was made: its digest is [0-9a-f]{16}, and it says [0-9a-f]{16}; make it again/,
    ],
    ['was cut', compare.slice(0, 5000), /compare\.json: .*JSON/],
    [
      'has lost its digest',
      compare.replace(/"digest": "[0-9a-f]{16}",\n "made"/, '"x": 1,\n "made"'),
      /digest/,
    ],
  ])('and %s is misuse, in one line', (_what, text, line) => {
    expect(text).not.toBe(compare);
    const dir = scratch();
    writeFileSync(join(dir, 'compare.json'), text);
    const ran = lastref('report', '--from', dir, '--out', join(dir, 'out'));
    expect(ran.stderr).toMatch(/^lastref: [^\n]*\n$/);
    expect(ran.stderr).toMatch(line);
    expect(ran.stdout).toBe('');
    expect(ran.code).toBe(EXIT.misuse);
  });
});

test.each<[string, string[], RegExp]>([
  ['a directory that is not there', ['report', '--from', '/nosuch'], /\/nosuch: no such directory/],
  ['claims that are not there', ['report', '--claims', '/nosuch'], /\/nosuch: no such file/],
  ['claims that are none', ['report', '--claims', join(ROOT, 'README.md')], /README\.md: /],
  [
    'an unknown design beside a known operation',
    ['mutants', '--designs', 'mine', '--operations', 'page-foreign'],
    /'mine'/,
  ],
])('%s is said in one line, before anything is run', (_what, args, line) => {
  const ran = lastref(...args);
  expect(ran.stderr).toMatch(/^lastref: [^\n]*\n$/);
  expect(ran.stderr).toMatch(line);
  expect(ran.stdout).toBe('');
  expect(ran.code).toBe(EXIT.misuse);
});

test('the version is that of the package', () => {
  const packed = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(packed) as { version: string };
  expect(lastref('-V')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('a design that did not load is said once, by every command that takes one', () => {
  const file = join(scratch(), 'broken.ts');
  writeFileSync(file, 'export const = 1;\n');
  for (const command of ['compare', 'campaign', 'movers']) {
    const asked = [command, '--with', file, '--designs', 'broken'];
    const ran = said(dirname(file), lastref, ...asked);
    expect(ran.stderr, command).toMatch(/^lastref: broken\.ts, in its file: [^\n]*\n$/);
    expect([ran.code, ran.stdout], command).toEqual([EXIT.misuse, '']);
  }
});

/** A copy of this clone at `dir`, as far as commands need it, with the same packages from outside. */
function copyTo(dir: string): void {
  const packages = ['harness', 'strategies'];
  for (const name of readdirSync(join(ROOT, 'packages'))) packages.push(`packages/${name}`);
  const filter = (from: string): boolean => !/^(node_modules|test)$/.test(basename(from));
  for (const path of ['package.json', 'lastref', 'scripts', ...packages])
    cpSync(join(ROOT, path), join(dir, path), { recursive: true, filter });
  for (const path of packages) {
    const modules = join(ROOT, path, 'node_modules');
    if (!existsSync(modules)) continue;
    mkdirSync(join(dir, path, 'node_modules'));
    for (const name of readdirSync(modules)) {
      const to = join(dir, path, 'node_modules', name);
      if (name === '@lastref')
        cpSync(join(modules, name), to, { recursive: true, verbatimSymlinks: true });
      else symlinkSync(join(modules, name), to);
    }
  }
}

test.runIf(LONG && platform() === 'linux')(
  'a clone runs wherever it lies, from source and built',
  () => {
    const dir = join(scratch(), 'a ?#%b');
    copyTo(dir);
    const args = ['compare', '--designs', 'rpc-reply', '--workloads', 'nfs-odirect', '--json'];
    const [source, built] = [join(dir, 'lastref'), join(dir, 'harness/dist/cli.js')].map((file) =>
      spawnSync(process.execPath, [file, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 }),
    );
    expect([source!.status, built!.status], source!.stderr + built!.stderr).toEqual([0, 0]);
    expect(JSON.parse(source!.stdout)).toMatchObject({ schema: 'lastref.compare/2' });
    expect(built!.stdout).toBe(source!.stdout);
  },
);

test.skipIf(platform() === 'win32')('a hint runs in a shell that has Node and nothing else', () => {
  const asked = ['compare', '--designs', 'rpc-reply', '--workloads', 'nfs-odirect'];
  const ran = said(null, spawned, ...asked);
  const hint = /^ {2}(.* replay lr2\.\S+)$/m.exec(ran.stdout)?.[1];
  expect(hint, ran.stdout).toBeDefined();
  const bin = scratch();
  symlinkSync(process.execPath, join(bin, 'node'));
  const shown = spawnSync('/bin/sh', ['-c', hint!], { encoding: 'utf8', env: { PATH: bin } });
  expect(shown.stderr).toBe('');
  expect(shown.status).toBe(EXIT.done);
  expect(shown.stdout).toContain('rpc-reply');
});

describe.skipIf(platform() !== 'linux')('Ctrl-C', () => {
  const started = [
    [
      built,
      0,
      'campaign --designs rpc-reply --workloads nfs-odirect~2 --rounds 1000',
      'campaign: stopped; nothing is kept (--out DIR keeps it)',
    ],
    [
      launcher,
      1,
      'compare --designs rpc-reply --workloads nfs-odirect,bulk-loss,no-sg,tap-slow-reader --repeat 50',
      'lastref: stopped',
    ],
  ] as const;
  test.each(sample(started, 2, 1))(
    'as %s with %i child: ends %s in one line',
    async (file, below, command, line) => {
      const [name, ...more] = command.split(' ');
      const child = spawn(process.execPath, [file, name!, ...more], {
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true, // a group of its own, as a terminal makes it
      });
      const { pid } = child;
      let said = '';
      let stopped = false;
      let children: number[] = [];
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (stopped || !said.includes(`${name}: `)) return; // it has begun
        stopped = true;
        children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
          .split(' ')
          .filter((id) => id !== '')
          .map(Number);
        process.kill(-pid!, 'SIGINT');
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect(code).toBe(130);
      expect(said).not.toMatch(/^ {4}at |Error/m);
      const other = said.split('\n').filter((l) => l !== '' && !/^\w+: \d+\/\d+ /.test(l));
      expect(other).toEqual([line]);
      expect(children).toHaveLength(below);
      for (const id of [pid!, ...children]) expect(() => process.kill(id, 0)).toThrow('ESRCH');
    },
  );

  test('a search, which keeps its thread busy, stops as soon', async () => {
    const child = spawn(process.execPath, [built, 'check', 'ian-frag-destructor', 'dst-replicas']);
    let [out, said] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said === '') child.kill('SIGINT'); // it says how far it is
      said += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, out]).toEqual([130, '']); // half a minute later there would be an answer
    expect(said).toMatch(/^(check [^\n]*: \d+ states, [^\n]*\n)+lastref: stopped\n$/);
  });

  test('one that is broken off while it says how far it is says that it was stopped', () => {
    // as if Ctrl-C came just there: a stream that was left in the middle of a write takes no other
    const there = `const { stderr } = process;
      const write = stderr._write;
      stderr._write = function (text, ...rest) {
        if (!String(text).startsWith('check ')) return write.call(stderr, text, ...rest);
        process.kill(process.pid, 'SIGINT');
        for (;;);
      };`;
    const loaded = `--import=data:text/javascript,${encodeURIComponent(there)}`;
    const asked = ['check', 'ian-frag-destructor', 'dst-replicas', '--threads', '1'];
    const ran = spawnSync(process.execPath, [loaded, built, ...asked], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([130, '', 'lastref: stopped\n']);
  });
});

describe('the tests as .ci/run starts them', () => {
  const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8');
  const strict = /npm test -- (--update=\S+ --allowOnly=\S+)/.exec(ci)?.[1]?.split(' ') ?? [];

  test.each([
    ['pass what is right', "test('x', () => expect(1).toBe(1));", 0],
    [
      'fail where a golden is missing',
      "test('x', () => expect('1').toMatchFileSnapshot('./golden.txt'));",
      1,
    ],
    ['fail where others are left out', "test.only('x', () => {}); test('y', () => {});", 1],
  ])('%s', (_what, text, code) => {
    const dir = scratch();
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
    writeFileSync(join(dir, 'x.test.js'), `import { expect, test } from 'vitest';\n${text}\n`);
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const { CI: _, ...env } = process.env; // where it is set, vitest is strict by itself
    const ran = spawnSync(process.execPath, [vitest, 'run', '--root', dir, ...strict], {
      encoding: 'utf8',
      env,
    });
    expect(ran.status, ran.stdout + ran.stderr).toBe(code);
    expect(existsSync(join(dir, 'golden.txt'))).toBe(false);
  });
});
