// One boot: the guest plays a file of scripts and turns itself off.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.ts';
import type { KernelTree } from './fetch.ts';
import { BOOT_TOOLS, LabError, needTools, run } from './process.ts';

export type Accelerator = 'tcg' | 'kvm';

/** A guest that has said nothing for that long hangs. A file of 6000 scripts takes half a minute. */
const LIMIT_MS = 900_000;
const PROBE_MS = 20_000;

/** Plays `script` and returns what the guest said. Throws LabError with its console if it did not come to the end. */
export async function boot(
  tree: KernelTree,
  initrd: Buffer,
  script: string,
  accelerator: Accelerator,
  limit = LIMIT_MS,
): Promise<string> {
  needTools(BOOT_TOOLS);
  const dir = mkdtempSync(join(tmpdir(), 'lastref-lab-'));
  try {
    const image = join(dir, 'initrd.gz');
    const out = join(dir, 'out');
    const console = join(dir, 'console');
    // the kernel unpacks archives that stand one behind another: the fixed part, and the script
    const files = cpio([{ name: 'script', data: Buffer.from(script) }]);
    writeFileSync(image, Buffer.concat([initrd, gzipSync(files, { level: 1 })]));
    writeFileSync(out, '');
    await run(
      'nice',
      ['qemu-system-x86_64', ...machine(accelerator), ...kernelArgs(tree, image, console, out)],
      {
        limit,
      },
    );
    const text = readFileSync(out, 'utf8');
    if (!text.endsWith('# done\n'))
      throw new LabError(`${tree.release} stopped early; its console ends with:\n${tail(console)}`);
    return text;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function machine(accelerator: Accelerator): string[] {
  const cpu = accelerator === 'kvm' ? 'host,-arch-capabilities' : 'max';
  return [
    '-accel',
    accelerator,
    '-cpu',
    cpu,
    '-m',
    '768',
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

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}

/** Does the host's KVM carry this kernel to the end of an empty file? Where it is paravirtualised itself, it may not. */
export async function kvmBoots(tree: KernelTree, initrd: Buffer): Promise<boolean> {
  try {
    await boot(tree, initrd, '# probe plain\nalloc 0 0 1 0 0 0\n', 'kvm', PROBE_MS);
    return true;
  } catch (error) {
    if (error instanceof LabError) return false;
    throw error;
  }
}
