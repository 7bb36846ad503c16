// What candidates cost: the same commands with candidates apart from the judge and with --trust, turn by turn, in
// CPU-seconds of the whole process tree; and the most memory that loading many takes. Writes results/candidates.md.
// Usage: node scripts/candidates.mjs [rounds] [candidates]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const cli = join(root, 'harness/dist/cli.js');
const [rounds = 5, many = 300] = process.argv.slice(2).map(Number);
const dir = mkdtempSync(join(tmpdir(), 'lastref-candidates-'));

/** A copy of one of ours, under a name of its own. */
function copy(design, name) {
  const text = readFileSync(join(root, 'strategies', `${design}.ts`), 'utf8');
  const file = join(dir, `${name}.ts`);
  writeFileSync(file, text.replace(/id: '[a-z0-9-]+'/, `id: '${name}'`));
  return file;
}

/** CPU-seconds of a command and of all that it starts. */
function seconds(args) {
  const timed = ['-f', '%U %S', process.execPath, cli, ...args];
  const { stderr, status } = spawnSync('/usr/bin/time', timed, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const last = stderr.trim().split('\n').at(-1);
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return last.split(' ').reduce((sum, part) => sum + Number(part), 0);
}

const sorted = (list) => list.toSorted((a, b) => a - b);
const median = (list) => sorted(list)[Math.floor(list.length / 2)];
const spread = (list) =>
  `${median(list).toFixed(2)} (${Math.min(...list).toFixed(2)}–${Math.max(...list).toFixed(2)})`;

const frag = copy('ian-frag-destructor', 'mine');
const compare = (repeat) => [
  'compare',
  '--with',
  frag,
  '--designs',
  'mine',
  '--workloads',
  'nfs-odirect,bulk-loss,sendfile-writer',
  '--repeat',
  repeat,
  '--json',
];
const RUNS = [
  { what: '`list --with`: loads it, and nothing else', args: ['list', '--with', frag, '--json'] },
  { what: '`compare`, 3 workloads, 1 seed', args: compare('1') },
  { what: '`compare`, 3 workloads, 8 seeds', args: compare('8') },
  { what: '`compare`, 3 workloads, 24 seeds', args: compare('24') },
  {
    what: '`check`, 1000 states',
    args: ['check', 'mine', 'nfs-odirect', '--states', '1000', '--with', frag, '--json'],
  },
  {
    what: '`check`, three scopes of at most 3500 states',
    args: ['check', 'mine', 'nfs-odirect', '--states', '3500', '--with', frag, '--json'],
  },
];

const rows = RUNS.map(({ what, args }) => {
  const apart = [];
  const trusted = [];
  for (let n = 0; n < rounds; n++) {
    apart.push(seconds(args));
    trusted.push(seconds([...args, '--trust']));
  }
  const ratios = apart.map((s, n) => s / trusted[n]);
  return `| ${what} | ${spread(trusted)} | ${spread(apart)} | ${spread(ratios)} |`;
});

/** Resident memory of a process and those below it, in MB. */
function megabytes(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '');
      const list = parents.get(Number(stat.split(' ')[1])) ?? [];
      parents.set(Number(stat.split(' ')[1]), [...list, Number(name)]);
    } catch {
      // gone meanwhile
    }
  }
  let pages = 0;
  for (const todo = [pid]; todo.length > 0;) {
    const one = todo.pop();
    todo.push(...(parents.get(one) ?? []));
    try {
      pages += Number(readFileSync(`/proc/${one}/statm`, 'utf8').split(' ')[1]);
    } catch {
      // gone meanwhile
    }
  }
  return Math.round(pages / 256);
}

async function loading(count) {
  const files = Array.from({ length: count }, (_, n) => copy('ian-frag-destructor', `mine-${n}`));
  const child = spawn(
    process.execPath,
    [cli, 'list', '--json', ...files.flatMap((f) => ['--with', f])],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, megabytes(child.pid))), 100);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`loading ${count} ended with ${code}`);
  return most;
}

const most = await loading(many);
rmSync(dir, { recursive: true });
writeFileSync(
  join(root, 'results/candidates.md'),
  `# What candidates cost

Made by \`node scripts/candidates.mjs ${rounds} ${many}\` on Node ${process.version}; SECURITY.md says what is paid for. CPU-seconds of
the command and all that it starts, turn by turn, ${rounds} rounds: median (least–most). One candidate, a copy of
\`ian-frag-destructor\`.

| command | with \`--trust\` | apart from the judge | ratio, round by round |
| --- | --- | --- | --- |
${rows.join('\n')}

Of \`list\` the candidate's own process is left out: it waits to be asked, and ends with the command, so nobody counts it.

Loading ${many} candidates at once (\`list --with …\`): at most ${most} MB resident, all processes together.
`,
);
process.stdout.write(`${rows.join('\n')}\n${most} MB\n`);
