// One boot: the guest plays a file of scripts and turns itself off.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.ts';
import type { KernelTree, Say } from './fetch.ts';
import { LabError, inTemporary, run } from './process.ts';

export type Accelerator = 'tcg' | 'kvm';

/** A guest that has said nothing for that long hangs. A file of 6000 scripts takes half a minute. */
const LIMIT_MS = 900_000;
const PROBE_MS = 20_000;

/** Enough for a kernel and its scripts; tools that record bring a compiler. */
const MEMORY_MB = 768;

/** A guest on a busy host may not even come up: it is started again, so often. */
const ATTEMPTS = 4;

/** It stopped before it said which kernel it is: nothing of the script was played. */
class EarlyStop extends LabError {}

/**
 * Plays `script` and returns what the guest said, whole. One that does not come up is started again, and `say` is told.
 * Throws LabError with its console, and the sequence it was at, if it did not come to the end.
 */
export async function boot(
  tree: KernelTree,
  initrd: Buffer,
  script: string,
  accelerator: Accelerator,
  say: Say,
  limit = LIMIT_MS,
  megabytes = MEMORY_MB,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bootOnce(tree, initrd, script, accelerator, limit, megabytes);
    } catch (error) {
      if (!(error instanceof EarlyStop) || attempt === ATTEMPTS) throw error;
      say(`${error.message.split('\n')[0]}; it is started again (${attempt} of ${ATTEMPTS - 1})`);
    }
  }
}

async function bootOnce(
  tree: KernelTree,
  initrd: Buffer,
  script: string,
  accelerator: Accelerator,
  limit: number,
  memory = MEMORY_MB,
): Promise<string> {
  return inTemporary(async (dir) => {
    const image = join(dir, 'initrd.gz');
    const out = join(dir, 'out');
    const console = join(dir, 'console');
    // the kernel unpacks archives that stand one behind another: the fixed part, and the script
    const files = cpio([{ name: 'script', data: Buffer.from(script) }]);
    writeFileSync(image, Buffer.concat([initrd, gzipSync(files, { level: 1 })]));
    writeFileSync(out, '');
    const qemu = ['qemu-system-x86_64', ...machine(accelerator, memory)];
    const guest = ['nice', ...qemu, ...kernelArgs(tree, image, console, out)];
    let failure = '';
    await run('setpriv', [...DIES_WITH_US, ...guest], { limit }).catch((error: unknown) => {
      if (!(error instanceof LabError)) throw error;
      failure = `${error.message}\n`; // what it has said until then tells how far it came
    });
    const text = readFileSync(out, 'utf8');
    if (failure === '' && text.endsWith('# done\n')) return text;
    throw stopOf(tree, text, `${failure}its console ends with:\n${tail(console)}`);
  });
}

/** The kernel ends the guest even when this process is killed and can say nothing any more. */
const DIES_WITH_US = ['--pdeathsig', 'KILL'];

function machine(accelerator: Accelerator, memory: number): string[] {
  const cpu = accelerator === 'kvm' ? 'host,-arch-capabilities' : 'max';
  return [
    '-accel',
    accelerator,
    '-cpu',
    cpu,
    '-m',
    String(memory),
    '-smp',
    '1',
    '-nodefaults',
    '-no-user-config',
  ];
}

/** no_timer_check: on a busy host a guest may not see its timer in time, and would stop. */
function kernelArgs(tree: KernelTree, image: string, console: string, out: string): string[] {
  return [
    '-display',
    'none',
    '-no-reboot',
    '-kernel',
    tree.vmlinuz,
    '-initrd',
    image,
    '-append',
    'console=ttyS0 panic=-1 oops=panic quiet no_timer_check',
    '-serial',
    `file:${console}`,
    '-device',
    'virtio-serial-pci',
    '-chardev',
    `file,id=o,path=${out}`,
    '-device',
    'virtserialport,chardev=o,name=lastref',
  ];
}

function stopOf({ release }: KernelTree, text: string, rest: string): LabError {
  if (!text.startsWith('# linux ')) return new EarlyStop(`${release} did not come up\n${rest}`);
  const at = [...text.matchAll(/^# (?!linux |done)(\S+)/gm)].at(-1)?.[1];
  return new LabError(`${release} stopped at sequence ${at ?? '(none)'}\n${rest}`);
}

function tail(file: string): string {
  if (!existsSync(file)) return '(nothing)';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}

/** Does the host's KVM carry this kernel to the end of an empty file? Where it is paravirtualised itself, it may not. */
export async function kvmBoots(tree: KernelTree, initrd: Buffer): Promise<boolean> {
  try {
    await bootOnce(tree, initrd, '# probe plain\nalloc 0 0 1 0 0 0\n', 'kvm', PROBE_MS);
    return true;
  } catch (error) {
    if (error instanceof LabError) return false;
    throw error;
  }
}
