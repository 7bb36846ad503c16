// The structs of kernels that describe themselves: every member that the kernel's own BTF has, at its bit, and no other.
// The facts in data/ were read from .BTF of the vmlinux in Debian's package of that name; its vmlinuz has that sum.
// Left out there: members without bytes, the second name of a group (struct_group) and, in sock, what is not modelled.
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LAYOUT_ERAS, layoutOfStruct, type Field, type Layout } from '../src/index.ts';

interface Facts {
  readonly tree: string;
  readonly vmlinuz: string;
  /** Name, first bit, bits. */
  readonly structs: Record<string, { bytes: number; fields: [string, number, number][] }>;
}

const DATA = new URL('data/', import.meta.url);
const KERNELS = readdirSync(DATA).map(
  (file) => JSON.parse(readFileSync(new URL(file, DATA), 'utf8')) as Facts,
);

/** Blocks of members that are not modelled one by one. */
const BLOCK = /^everything_/;

/** As BTF has it: what is in an unnamed struct or union counts as a member of what is around it. */
function members({ fields }: Layout): [string, number, number][] {
  return fields.flatMap((field: Field) => {
    if (field.name === '') return field.inner === null ? [] : members(field.inner);
    if (BLOCK.test(field.name)) return [];
    const bit = field.offset * 8 + (field.bits?.at ?? 0);
    return [[field.name, bit, field.bits?.width ?? field.bytes * 8]];
  });
}

const byName = (list: [string, number, number][]): [string, number, number][] =>
  [...list].sort((a, b) => (a[0] < b[0] ? -1 : 1));

/** A member of sock that the kernel has and no design is near to. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  sock: ['sk_data_ready', 'sk_validate_xmit_skb', 'sk_rcu'],
};

describe.each(KERNELS.map((kernel) => [kernel.tree, kernel] as const))('%s', (tree, kernel) => {
  const era = LAYOUT_ERAS.find((e) => e.id === tree)!;

  test.each(Object.entries(kernel.structs))('%s', (name, { bytes, fields }) => {
    const layout = layoutOfStruct(name, era.structs);
    const laid = byName(members(layout));
    const known = new Set(laid.map(([member]) => member));
    const left = (ELSEWHERE[name] ?? []).filter((member) => !known.has(member));
    expect(laid).toEqual(byName(fields.filter(([member]) => !left.includes(member))));
    expect(layout.bytes).toBe(bytes);
  });

  test('is the whole of what is laid out', () => {
    expect(Object.keys(kernel.structs).sort()).toEqual(Object.keys(era.structs).sort());
    expect(kernel.vmlinuz).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

test('each kernel from 5.10 on that has a layout has facts', () => {
  const described = LAYOUT_ERAS.slice(LAYOUT_ERAS.findIndex((e) => e.id === '5.10.223'));
  expect(KERNELS.map((k) => k.tree).sort()).toEqual(described.map((e) => e.id).sort());
});
