// A kernel that is given as an image and headers: what does not fit is said before anything is built.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { givenTree, releaseOfImage } from '../src/index.ts';

let dir = '';
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'lastref-test-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(path: string, data: string | Buffer): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, data);
  return file;
}

/** The beginning of a bzImage, as the boot protocol has it. */
function image(path: string, release: string): string {
  const bytes = Buffer.alloc(0x1000);
  bytes.write('HdrS', 0x202, 'latin1');
  bytes.writeUInt16LE(0x400, 0x20e);
  bytes.write(`${release} (builder@host) #1 SMP\0`, 0x600, 'latin1');
  return put(path, bytes);
}

function headers(release: string, config: string): string {
  put('usr/src/h/include/generated/utsrelease.h', `#define UTS_RELEASE "${release}"\n`);
  put('usr/src/h/include/config/auto.conf', config);
  return join(dir, 'usr/src/h');
}

test('an image says itself which kernel it is', () => {
  expect(releaseOfImage(image('vmlinuz', '6.18.3-mine'))).toBe('6.18.3-mine');
  expect(() => releaseOfImage(put('notes', 'no kernel'))).toThrow(
    `${join(dir, 'notes')} is no kernel image of x86: a bzImage is wanted`,
  );
});

test('modules are found beside the image, packed or not', () => {
  const boot = image('boot/vmlinuz', '6.18.3-mine');
  const dirs = headers('6.18.3-mine', 'CONFIG_VIRTIO_CONSOLE=m\n');
  const kept = join(dir, 'cache');
  expect(() => givenTree(boot, dirs, kept)).toThrow('the modules of 6.18.3-mine are missing');
  put('lib/modules/6.18.3-mine/kernel/drivers/char/virtio_console.ko.zst', '');
  expect(givenTree(boot, dirs, kept)).toMatchObject({
    release: '6.18.3-mine',
    dir: join(kept, 'given-6.18.3-mine'),
    vmlinuz: boot,
    headers: dirs,
  });
});

test('a kernel that has it built in needs no modules', () => {
  const dirs = headers('6.18.3', 'CONFIG_VIRTIO_CONSOLE=y\n');
  expect(givenTree(image('bzImage', '6.18.3'), dirs, dir).release).toBe('6.18.3');
});

test.each([
  ['headers of another kernel', '6.18.4', 'CONFIG_VIRTIO_CONSOLE=y', 'is of 6.18.4: one kernel'],
  ['one that cannot answer', '6.18.3', 'CONFIG_NET=y', 'without CONFIG_VIRTIO_CONSOLE'],
])('%s', (_, release, config, text) => {
  const dirs = headers(release, `${config}\n`);
  expect(() => givenTree(image('bzImage', '6.18.3'), dirs, dir)).toThrow(text);
});

test('what is not there, or was not built', () => {
  const boot = image('bzImage', '6.18.3');
  expect(() => givenTree(join(dir, 'none'), dir, dir)).toThrow('none does not exist');
  expect(() => givenTree(boot, dir, dir)).toThrow('no built headers');
});
