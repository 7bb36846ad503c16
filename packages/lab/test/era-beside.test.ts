// Which era stands beside a kernel that has none by name, and what is said of the two.
import { expect, test } from 'vitest';
import { eraBeside } from '../src/index.ts';

const beside = (version: string) => eraBeside({ era: null, version });

test('a known kernel has its own', () => {
  expect(eraBeside({ era: '6.1.192', version: 'whatever' }).era.id).toBe('6.1.192');
});

test.each([
  ['6.1.0-56-cloud-amd64 #1 SMP Debian 6.1.192-2 (2026-11-16)', '6.1.192'],
  ['6.12.117+deb12-amd64 #1 SMP Debian 6.12.117-1~deb12u1', 'debian-6.12.117'],
  ['7.2.13 #1 SMP', '7.2.13'],
  ['7.2.14-arch1 #1 SMP', '7.2.13'],
])('%s: nothing sets it apart from %s', (version, era) => {
  const { era: found, text } = beside(version);
  expect(found.id).toBe(era);
  expect(text).toContain('of all changes that the model knows');
});

test('an older point of a branch stands beside that branch, not before it, and what it lacks is named', () => {
  const { era, text } = beside('6.1.100-generic #1 SMP');
  expect(era.id).toBe('6.1.192');
  expect(text).toMatch(/^played beside era 6\.1\.192, the nearest to 6\.1\.100; by its number/);
  expect(text).toContain('carveTakesUbuf');
  expect(text).toMatch(/the kernel has not$/);
});

test('between two eras what differs stands on both sides', () => {
  const { era, text } = beside('6.18.1 #1 SMP');
  expect(['debian-6.12.117', '7.2.13']).toContain(era.id);
  expect(text).toContain('by its number');
});

test('a number that is none is said to be none', () => {
  expect(beside('mystery').text).toContain('the model knows no kernel of that number');
});
