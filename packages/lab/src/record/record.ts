// Recordings of the guest's kernel: a tool that people use records a scenario while it runs, by the script that ships for it.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { boot } from '../guest/boot.ts';
import { buildGuest } from '../guest/build.ts';
import { cpio } from '../guest/cpio.ts';
import { fetchKernel, isFetched, type Say } from '../guest/fetch.ts';
import { cacheDir } from '../guest/guest.ts';
import type { KnownKernel } from '../guest/kernels.ts';
import { LabError, needGuestTools } from '../guest/process.ts';
import { fetchTools } from './tools.ts';

/** What runs in the guest, and for how long the tool goes on. */
export const RECORDED = {
  /** A packet socket that nobody reads still has the pages when the recording ends. */
  leak: 'leak',
  /** MSG_ZEROCOPY to a program that sleeps, and whose socket holds little. */
  late: 'late',
  /** docs/found-mtu-probe.md: one run, until its sends are announced. */
  'mtu-probe': 'mtu-probe 1 2 40',
} as const;
export type Recorded = keyof typeof RECORDED;
export const RECORDERS = ['bpftrace', 'trace-cmd'] as const;
export type Recorder = (typeof RECORDERS)[number];

/** bpftrace brings a compiler. */
const MEMORY_MB = 2048;
const LIMIT_MS = 300_000;

/** A shell's home: the programs of busybox under their names, which bpftrace looks for. */
const HOME = 'busybox mkdir -p /bin /lib\nbusybox --install -s /bin 2>/dev/null\n';

const SCRIPTS: Readonly<Record<Recorder, (words: string) => string>> = {
  // the buffers are large enough for all: what is lost cannot be judged
  bpftrace: (words) => `export BPFTRACE_PERF_RB_PAGES=1024
bpftrace /record.script > /tmp/out 2> /tmp/err &
tool=$!
for i in $(seq 1 200); do grep -q lastref /tmp/out && break; kill -0 $tool 2>/dev/null || break; sleep 1; done
/live ${words}
sleep 10
kill -INT $tool
wait $tool || cat /tmp/err
`,
  'trace-cmd': (words) => `sh /record.script /tmp/dat /live ${words} 2> /tmp/err || cat /tmp/err
trace-cmd report /tmp/dat > /tmp/out 2> /tmp/err || cat /tmp/err
`,
};

export interface Made {
  readonly text: string;
  /** What the program said, and what it was made with. */
  readonly said: string;
  readonly with: string;
}

/** Records one scenario by one tool. `script`: the path of the script that ships for it. */
export async function record(
  kernel: KnownKernel,
  tool: Recorder,
  scenario: Recorded,
  script: string,
  say: Say,
): Promise<Made> {
  needGuestTools(!isFetched(kernel, cacheDir()));
  const tree = await fetchKernel(kernel, cacheDir(), say);
  const initrd = await buildGuest(tree, say);
  const { archive, versions } = await fetchTools(cacheDir(), say);
  const files = gzipSync(cpio([{ name: 'record.script', data: readFileSync(script) }]));
  const words = `${SCRIPTS[tool](RECORDED[scenario])}echo '<<<<'\ncat /tmp/out\necho '>>>>'\n`;
  say(`${tree.release}: ${tool} records ${scenario}`);
  const all = Buffer.concat([initrd, archive, files]);
  const out = await boot(tree, all, `# record\n${HOME}${words}`, 'tcg', say, LIMIT_MS, MEMORY_MB);
  const parts = /^# linux (.*)\n([\s\S]*?)<<<<\n([\s\S]*)\n?>>>>\n# done\n$/.exec(out);
  if (parts === null || parts[3]!.trim() === '')
    throw new LabError(`${tool} recorded nothing of ${scenario}:\n${out.slice(0, 2000)}`);
  return {
    text: parts[3]!,
    said: parts[2]!.trim(),
    with: `${tool} ${versions.get(tool) ?? '?'} on ${parts[1]!}`,
  };
}
