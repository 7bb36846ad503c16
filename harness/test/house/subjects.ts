// The commands that are put through an ordeal: each with small words, so that a run takes a second or a few.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { markdown } from '@lastref/bench';
import { runName } from '@lastref/runner/campaign';
import { benchSchema } from '@lastref/report';
import { isWhole, lastref, type Files, type Subject } from './ordeal.ts';

const SMALL = ['--designs', 'rpc-reply', '--workloads', 'nfs-odirect'];
const CAMPAIGN = [
  'campaign',
  '--designs',
  'rpc-reply',
  '--workloads',
  'nfs-odirect~2',
  '--runs',
  '2',
];
const ROUNDS = ['--rounds', '3', '--json'];

async function ran(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lastref(args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${code}: ${stderr}`);
  return stdout;
}

const results = new URL('../../../results', import.meta.url).pathname;

export const SUBJECTS: readonly Subject[] = [
  {
    id: 'compare',
    args: (dir) => ['compare', ...SMALL, '--out', dir],
    before: (dir) => ['compare', ...SMALL, '--seed', '2', '--out', dir],
  },
  {
    id: 'report',
    args: (dir, from) => ['report', '--from', join(from, 'new'), '--out', dir],
    before: (dir, from) => ['report', '--from', join(from, 'old'), '--out', dir],
    prepare: async (from) => {
      const movers = await ran('movers', '--designs', 'rpc-reply', '--newest', '--json');
      for (const [name, seed] of [
        ['new', '1'],
        ['old', '2'],
      ] as const) {
        const dir = join(from, name);
        mkdirSync(dir);
        await ran('compare', ...SMALL, '--seed', seed, '--out', dir);
        writeFileSync(join(dir, 'movers.json'), movers);
      }
    },
  },
  {
    id: 'claims',
    args: (dir) => ['claims', '--claim', 'Z1', '--out', dir],
    before: (dir) => ['claims', '--claim', 'L7', '--out', dir],
  },
  {
    id: 'campaign',
    args: (dir) => [...CAMPAIGN, ...ROUNDS, '--out', dir],
    next: (dir) => [...CAMPAIGN, ...ROUNDS, '--out', dir, '--resume'],
    journal: 'campaign.jsonl',
    alone: true,
  },
  {
    id: 'campaign --corpus',
    args: (dir) => [...CAMPAIGN, '--corpus', dir],
    // The next one begins with what is there, so it may end with other runs.
    measured: (files: Files) => {
      for (const [name, text] of files)
        if (`${runName(text.trim())}.token` !== name || !text.endsWith('\n'))
          throw new Error(`${name} is not the run that it is named for`);
    },
  },
  {
    id: 'bench',
    args: (dir) => [
      'bench',
      '--quick',
      '--scenarios',
      'cycle/4',
      '--designs',
      'rpc-reply',
      '--rounds',
      '1',
      '--out',
      dir,
    ],
    measured: (files: Files) => {
      const doc = benchSchema.parse(JSON.parse(files.get('bench.json')!));
      // behind it stands who made it
      if (files.get('README.md')?.startsWith(markdown(doc).trimEnd()) !== true)
        throw new Error('the page is not that of the document');
    },
  },
  {
    id: 'lab --merge',
    args: (dir) => ['lab', '--merge', results, '--out', dir],
  },
  { id: 'bugs', args: () => ['bugs', 'sunrpc-rtx', '--json'] },
  {
    id: 'seeds',
    args: (dir) => ['seeds', ...SMALL, '--seeds', '2', '--out', dir],
    before: (dir) => ['seeds', ...SMALL, '--seeds', '3', '--out', dir],
  },
  {
    id: 'eras',
    args: (dir) => ['eras', ...SMALL, '--out', dir],
    before: (dir) => ['eras', ...SMALL, '--seed', '2', '--out', dir],
  },
];

/** With a kernel in QEMU; none where QEMU or what was fetched of a kernel is missing. */
export const LAB: Subject | null =
  existsSync(
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lastref/lab/6.12'),
  ) && spawnSync('qemu-system-x86_64', ['--version']).status === 0
    ? {
        id: 'lab',
        args: (dir) => ['lab', '--kernel', '6.12', '--sequences', '2', '--out', dir],
        measured: (files: Files) => {
          if (!isWhole(files.get('lab.json')!) || readRows(files) === 0)
            throw new Error('no whole document');
        },
      }
    : null;

function readRows(files: Files): number {
  const { rows } = JSON.parse(files.get('lab.json')!) as { rows: unknown[] };
  return files.has('lab.md') ? rows.length : 0;
}

export const subject = (id: string): Subject => SUBJECTS.find((s) => s.id === id)!;
