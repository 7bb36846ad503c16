// The kernels' structs: sizes and offsets that are known, what designs add, and a compiler as the judge of all of it.
import { ERAS } from '@lastref/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aligned,
  array,
  bits,
  member,
  ptr,
  struct,
  u16,
  u32,
  u64,
  u8,
  type Aggregate,
  type Member,
  type Structs,
} from '../src/ctype.ts';
import {
  LAYOUT_ERAS,
  flatten,
  kmallocSize,
  layoutEra,
  layoutEraIds,
  layoutOfStruct,
  receiveBuffer,
  shinfoBytes,
  withAdded,
  type AddedField,
  type LayoutEra,
} from '../src/index.ts';
import { compiled, compiler, expected } from './c-source.ts';
import { sample } from '../../../scripts/tier.ts';

const eraOf = (id: string): LayoutEra => layoutEra(id)!.era;
const sizeIn = (structs: Structs, name: string): number => layoutOfStruct(name, structs).bytes;
const offsetIn = (id: string, name: string, path: string): number =>
  flatten(layoutOfStruct(name, eraOf(id).structs)).find((f) => f.path === path)!.field.offset;

describe('what the kernels have', () => {
  test.each([
    // era, sk_buff, skb_shared_info, in a buffer, frags, page, sock
    ['2.6.24', 224, 312, 312, 18, 56, 536],
    ['2.6.28', 232, 472, 472, 18, 56, 560],
    ['2.6.32', 232, 496, 496, 18, 56, 560],
    ['3.0', 240, 344, 344, 18, 56, 592],
    ['3.2', 240, 344, 384, 18, 64, 592],
    ['3.8', 248, 320, 320, 17, 64, 632],
  ])(
    '%s: sk_buff %i, skb_shared_info %i (%i in a buffer)',
    (id, skb, info, placed, n, page, sock) => {
      const era = eraOf(id);
      expect(sizeIn(era.structs, 'sk_buff')).toBe(skb);
      expect(sizeIn(era.structs, 'skb_shared_info')).toBe(info);
      expect(shinfoBytes(era, era.structs)).toBe(placed);
      expect(sizeIn(era.structs, 'skb_frag_t')).toBe(16);
      expect(sizeIn(era.structs, 'page')).toBe(page);
      expect(sizeIn(era.structs, 'sock')).toBe(sock);
      expect(sizeIn(era.structs, 'pipe_buffer')).toBe(40);
      const frags = flatten(layoutOfStruct('skb_shared_info', era.structs)).find(
        (f) => f.path === 'frags',
      )!;
      expect(frags.field.type).toBe(`skb_frag_t[${n}]`);
    },
  );

  test.each([
    ['2.6.24', 0, 24],
    ['2.6.28', 0, 32],
    ['2.6.32', 0, 56],
    ['3.0', 40, 56],
    ['3.2', 40, 56],
    ['3.8', 36, 48],
  ])('%s: dataref at %i, frags at %i', (id, dataref, frags) => {
    expect(offsetIn(id, 'skb_shared_info', 'dataref')).toBe(dataref);
    expect(offsetIn(id, 'skb_shared_info', 'frags')).toBe(frags);
  });

  test('skb_shared_info of 3.8 fills five cache lines exactly', () => {
    const layout = layoutOfStruct('skb_shared_info', eraOf('3.8').structs);
    expect(layout).toMatchObject({ cacheLines: 5, holes: [], padding: 0 });
  });

  test('ubuf_info came after 3.0', () => {
    expect(eraOf('3.0').structs['ubuf_info']).toBeUndefined();
    expect(sizeIn(eraOf('3.2').structs, 'ubuf_info')).toBe(24);
  });

  test('every kernel that the machine behaves like is known; one that was not laid out borrows, and says so', () => {
    expect(layoutEraIds()).toEqual(expect.arrayContaining(ERAS.map((era) => era.id)));
    expect(layoutEraIds().slice(0, 6)).toEqual([
      '2.6.24',
      '2.6.28',
      '2.6.32',
      '2.6.38',
      '3.0',
      '3.2',
    ]);
    expect(layoutEra('2.6.38')!.note).toMatch('laid out as 3.0, whose shared info');
    expect(layoutEra('3.18')!.note).toMatch('laid out as 3.8, whose shared info');
    expect(layoutEra('4.14')!.note).toBe('laid out as 3.8, the nearest that was compared');
    expect(layoutEra('6.1')).toEqual({ era: eraOf('6.1.192'), note: null });
    expect(layoutEra('4.0')).toBeUndefined();
  });
});

const RUSTY: AddedField[] = [
  {
    struct: 'skb_shared_info',
    name: 'len',
    type: 'unsigned int',
    after: ['ip6_frag_id', 'tskey'],
  },
  { struct: 'skb_shared_info', name: 'orig', type: 'pointer', after: 'frags' },
  { struct: 'skb_shared_info', name: 'destructor', type: 'callback', after: 'orig' },
];
const IAN: AddedField[] = [
  {
    struct: 'skb_frag_t',
    name: 'destructor',
    type: 'pointer',
    into: ['page', 'bv_page', 'netmem'],
    after: 'p',
  },
];
const EVGENIY: AddedField[] = [{ struct: 'skb_shared_info', name: 'destructor', type: 'callback' }];
const BIT: AddedField[] = [{ struct: 'sk_buff', name: 'no_clone', type: 'bit' }];
const ADDED: Record<string, AddedField[]> = { RUSTY, IAN, EVGENIY, BIT };

describe('what designs add', () => {
  test.each([
    // era, length + parent + destructor, a destructor in each frag, one destructor; the shared info each time
    ['2.6.24', 336, 456, 320],
    ['3.2', 368, 488, 352],
    ['3.8', 344, 456, 328],
  ])('%s: skb_shared_info becomes %i, %i, %i', (id, rusty, ian, evgeniy) => {
    const { structs } = eraOf(id);
    const info = (adds: AddedField[]) => sizeIn(withAdded(structs, adds), 'skb_shared_info');
    expect(info(RUSTY)).toBe(rusty);
    expect(info(IAN)).toBe(ian);
    expect(info(EVGENIY)).toBe(evgeniy);
  });

  test('a frag with a destructor has 24 bytes, whether the page had a struct of its own or not', () => {
    for (const id of ['2.6.24', '3.8']) {
      const changed = withAdded(eraOf(id).structs, IAN);
      const paths = flatten(layoutOfStruct('skb_frag_t', changed)).map((f) => f.path);
      expect(paths).toEqual(['page', 'page.p', 'page.destructor', 'page_offset', 'size']);
      expect(sizeIn(changed, 'skb_frag_t')).toBe(24);
    }
  });

  test('a bit goes beside other bits in every kernel, and sk_buff stays as it is', () => {
    for (const { structs } of LAYOUT_ERAS) {
      const changed = withAdded(structs, BIT);
      expect(sizeIn(changed, 'sk_buff')).toBe(sizeIn(structs, 'sk_buff'));
      const at = flatten(layoutOfStruct('sk_buff', changed)).find((f) => f.path === 'no_clone')!;
      expect(at.field.bits).toEqual({ at: expect.any(Number) as number, width: 1 });
      expect(at.field.added).toBe(true);
    }
  });

  test('a bit without others gets a byte', () => {
    const changed = withAdded({ s: struct(u64('a')) }, [{ struct: 's', name: 'b', type: 'bit' }]);
    expect(sizeIn(changed, 's')).toBe(16);
  });

  test('the first neighbour that the kernel has; inside an unnamed union counts', () => {
    const { structs } = eraOf('3.8');
    const add = (after: string | string[]): number => {
      const field: AddedField = { struct: 'sk_buff', name: 'x', type: 'u32', after };
      const found = flatten(layoutOfStruct('sk_buff', withAdded(structs, [field])));
      return found.find((f) => f.path === 'x')!.field.offset;
    };
    expect(add(['iif', 'skb_iif'])).toBe(164);
    expect(add('dropcount')).toBe(192);
  });

  test('a neighbour that nobody has and a type that C has not are errors', () => {
    const { structs } = eraOf('3.8');
    const bad = (field: Partial<AddedField>) => () =>
      withAdded(structs, [{ struct: 'sk_buff', name: 'x', type: 'u32', ...field }]);
    expect(bad({ after: 'iif' })).toThrow('sk_buff.x has no place: there is no iif in it');
    expect(bad({ into: 'frags' })).toThrow('no place');
    expect(bad({ type: 'float' as 'u32' })).toThrow("of type 'float'; known: pointer");
  });

  test('a struct that the kernel does not have yet is left out', () => {
    const { structs } = eraOf('3.0');
    expect(withAdded(structs, [{ struct: 'ubuf_info', name: 'x', type: 'int' }])).toEqual(structs);
  });

  test('the original definitions stay as they are', () => {
    const { structs } = eraOf('3.8');
    const before = JSON.stringify(structs);
    for (const adds of Object.values(ADDED)) withAdded(structs, adds);
    expect(JSON.stringify(structs)).toBe(before);
  });
});

describe('the receive buffer of a driver at MTU 1500', () => {
  test.each([
    // era, bytes and kmalloc as the kernel is; with a destructor in each frag
    ['2.6.24', 1912, 2048, 2056, 4096],
    ['2.6.28', 2072, 4096, 2216, 4096],
    ['2.6.32', 2096, 4096, 2240, 4096],
    ['3.0', 1944, 2048, 2088, 4096],
    ['3.2', 1984, 2048, 2112, 4096],
    ['3.8', 1920, 2048, 2112, 4096],
  ])('%s: %i from %i; with frag destructors %i from %i', (id, bytes, size, more, bigger) => {
    const era = eraOf(id);
    expect(receiveBuffer(era, era.structs, 1500)).toMatchObject({ bytes, sizeClass: size });
    const changed = withAdded(era.structs, IAN);
    expect(receiveBuffer(era, changed, 1500)).toMatchObject({ bytes: more, sizeClass: bigger });
  });

  test('the parent chain of 2008 fits where the kernel did', () => {
    for (const id of ['2.6.24', '3.0', '3.2', '3.8']) {
      const era = eraOf(id);
      expect(receiveBuffer(era, withAdded(era.structs, RUSTY), 1500).sizeClass).toBe(2048);
    }
  });

  test('kmalloc has caches in powers of two, 96 and 192, and whole pages above', () => {
    expect([1, 8, 65, 97, 129, 193, 1025, 2048].map((n) => kmallocSize(n, 8192))).toEqual([
      8, 8, 96, 128, 192, 256, 2048, 2048,
    ]);
    expect([2049, 4097, 9000].map((n) => kmallocSize(n, 2048))).toEqual([4096, 8192, 16384]);
  });
});

const cc = compiler();
const why = cc === null ? ' (skipped: no C compiler for x86-64 here)' : '';

describe.skipIf(cc === null)(`a C compiler agrees${why}`, () => {
  test.each(sample(LAYOUT_ERAS, 4).map((e) => [e.id, e] as const))(
    'on the structs of %s',
    (_, era) => {
      for (const adds of [[], ...Object.values(ADDED)]) {
        const structs = withAdded(era.structs, adds);
        expect(compiled(cc!, structs)).toEqual(expected(structs));
      }
    },
  );

  test('on structs drawn at random', () => {
    const drawn = fc.sample(anyStruct, { seed: 20080508, numRuns: 400 });
    const structs = Object.fromEntries(drawn.map((type, i) => [`drawn${i}`, rename(type)]));
    expect(compiled(cc!, structs)).toEqual(expected(structs));
  });
});

const WORDS = [u8, u16, u32, u64];
const scalar: fc.Arbitrary<Member> = fc.constantFrom(
  ...WORDS.map((w) => w('x')[0]!),
  ptr('void', 'x')[0]!,
);
const bitField: fc.Arbitrary<Member> = fc
  .tuple(fc.nat(3), fc.integer({ min: 1, max: 64 }), fc.boolean())
  .map(([w, width, unnamed]) => {
    const word = WORDS[w]!;
    return bits(word, { [unnamed ? '' : 'x']: Math.min(width, 8 << w) })[0]!;
  });
const ender: fc.Arbitrary<Member> = fc.nat(3).map((w) => ({ ...WORDS[w]!('')[0]!, bits: 0 }));
const { anyStruct } = fc.letrec<{ anyStruct: Aggregate; anyMember: Member }>((tie) => ({
  anyMember: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: scalar },
    { weight: 6, arbitrary: bitField },
    { weight: 1, arbitrary: ender },
    {
      weight: 2,
      arbitrary: fc
        .tuple(scalar, fc.integer({ min: 1, max: 5 }))
        .map(([m, n]) => array(n, [m])[0]!),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(scalar, fc.constantFrom(1, 2, 8, 16, 64))
        .map(([m, n]) => aligned(n, [m])[0]!),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie('anyStruct'), fc.constantFrom('', 'x'), fc.constantFrom('struct', 'union'))
        .map(([type, name, kind]) => member({ ...type, kind }, name)[0]!),
    },
  ),
  anyStruct: fc
    .tuple(
      fc.array(tie('anyMember'), { minLength: 1, maxLength: 7 }),
      fc.constantFrom(undefined, undefined, 4, 32),
    )
    .map(([members, wanted]) => ({
      ...struct(members),
      ...(wanted === undefined ? {} : { aligned: wanted }),
    })),
}));

/** Gives every member a name of its own. */
function rename(type: Aggregate, counter = { n: 0 }): Aggregate {
  return {
    ...type,
    members: type.members.map((m) => {
      const name = m.name === '' ? '' : `m${counter.n++}`;
      const inner =
        m.type.kind === 'struct' || m.type.kind === 'union' ? rename(m.type, counter) : m.type;
      return { ...m, name, type: inner };
    }),
  };
}
