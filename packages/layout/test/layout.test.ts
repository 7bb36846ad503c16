import { describe, expect, test } from 'vitest';
import {
  aligned,
  array,
  bits,
  char,
  int,
  member,
  named,
  oneOf,
  ptr,
  struct,
  u16,
  u32,
  u64,
  u8,
  union,
  type Aggregate,
} from '../src/ctype.ts';
import { LayoutError, flatten, layoutOf, listing } from '../src/index.ts';

const lay = (type: Aggregate) => layoutOf(type, {});
const places = (type: Aggregate): Record<string, number> =>
  Object.fromEntries(flatten(lay(type)).map(({ path, field }) => [path, field.offset]));
/** First bit of every bit-field, from the start. */
const bitPlaces = (type: Aggregate): Record<string, number> =>
  Object.fromEntries(
    flatten(lay(type)).map(({ path, field }) => [path, field.offset * 8 + (field.bits?.at ?? 0)]),
  );

describe('scalars', () => {
  test('each stands at a multiple of its size, and the struct ends at one of the widest', () => {
    const type = struct(u8('a'), u32('b'), u8('c'), u64('d'), u16('e'));
    expect(places(type)).toEqual({ a: 0, b: 4, c: 8, d: 16, e: 24 });
    expect(lay(type)).toMatchObject({ bytes: 32, align: 8, padding: 6, cacheLines: 1 });
  });

  test('holes say where and how much', () => {
    const { holes } = lay(struct(u8('a'), u32('b'), u8('c'), u64('d')));
    expect(holes).toEqual([
      { after: 0, offset: 1, bytes: 3, bits: 0 },
      { after: 2, offset: 9, bytes: 7, bits: 0 },
    ]);
  });

  test('an empty struct has no bytes', () => {
    expect(lay(struct())).toMatchObject({ bytes: 0, align: 1, cacheLines: 0, padding: 0 });
  });

  test('a line more as soon as one byte is in it', () => {
    expect(lay(struct(array(64, char('a')))).cacheLines).toBe(1);
    expect(lay(struct(array(65, char('a')))).cacheLines).toBe(2);
  });
});

describe('arrays', () => {
  test('align as their elements do', () => {
    expect(places(struct(u8('a'), array(3, u16('b')), u8('c')))).toEqual({ a: 0, b: 2, c: 8 });
  });

  test('of arrays multiply', () => {
    expect(lay(struct(array(3, array(5, u32('m'))))).bytes).toBe(60);
  });

  test('a flexible one takes no room but aligns', () => {
    const type = struct(u16('n'), array(0, u64('tail')));
    expect(places(type)).toEqual({ n: 0, tail: 8 });
    expect(lay(type).bytes).toBe(8);
  });
});

describe('structs and unions inside', () => {
  test('are aligned as a whole, and end with their own padding', () => {
    const inner = struct(u64('x'), u8('y'));
    const type = struct(u8('a'), member(inner, 'in'), u8('b'));
    expect(places(type)).toEqual({ a: 0, in: 8, 'in.x': 8, 'in.y': 16, b: 24 });
    expect(lay(type).bytes).toBe(32);
  });

  test('a union is as big as its biggest alternative, aligned as its strictest', () => {
    const type = union(array(5, u8('bytes')), u32('word'));
    expect(lay(type)).toMatchObject({ bytes: 8, align: 4, padding: 3 });
    expect(places(type)).toEqual({ bytes: 0, word: 0 });
  });

  test('members of an unnamed one are reached without a name between', () => {
    const type = struct(u32('a'), oneOf(u32('csum'), member(struct(u16('start', 'offset')))));
    expect(places(type)).toEqual({ a: 0, csum: 4, start: 4, offset: 6 });
  });

  test('a struct by name is looked up, and an unknown one is an error', () => {
    const structs = { frag: struct(ptr('struct page', 'page'), u32('off', 'size')) };
    expect(layoutOf(struct(array(18, named('frag', 'frags'))), structs).bytes).toBe(288);
    expect(() => lay(struct(named('nothing', 'x')))).toThrow(LayoutError);
  });
});

describe('attribute aligned', () => {
  test('of a member moves it and widens the struct', () => {
    const type = struct(u8('a'), aligned(16, u8('b')), u8('c'));
    expect(places(type)).toEqual({ a: 0, b: 16, c: 17 });
    expect(lay(type)).toMatchObject({ bytes: 32, align: 16 });
  });

  test('less than the natural one changes nothing', () => {
    expect(places(struct(u8('a'), aligned(2, u64('b'))))).toEqual({ a: 0, b: 8 });
  });

  test('of the struct pads its end', () => {
    expect(lay({ ...struct(u64('a', 'b', 'c')), aligned: 16 }).bytes).toBe(32);
  });
});

describe('bit-fields', () => {
  test('share bytes, also over the border of two declarations', () => {
    const type = struct(bits(u8, { a: 3, b: 2 }), bits(u8, { c: 3 }));
    expect(bitPlaces(type)).toEqual({ a: 0, b: 3, c: 5 });
    expect(lay(type).bytes).toBe(1);
  });

  test('do not cross a unit of their type', () => {
    expect(bitPlaces(struct(bits(u8, { a: 5, b: 5 })))).toEqual({ a: 0, b: 8 });
    expect(bitPlaces(struct(bits(u16, { a: 5, b: 5 })))).toEqual({ a: 0, b: 5 });
  });

  test('what comes next starts at the next byte that it may', () => {
    const type = struct(bits(u8, { a: 2 }), u16('b'), bits(u8, { c: 1 }), u8('d'));
    expect(bitPlaces(type)).toEqual({ a: 0, b: 16, c: 32, d: 40 });
  });

  test('of a wide type go in behind smaller fields, and align the struct', () => {
    const type = struct(u8('a'), bits(u32, { b: 8 }));
    expect(bitPlaces(type)).toEqual({ a: 0, b: 8 });
    expect(lay(type)).toMatchObject({ bytes: 4, align: 4 });
  });

  test('an unnamed one takes room and aligns nothing; width 0 ends the unit', () => {
    expect(lay(struct(u8('a'), bits(u32, { '': 3 })))).toMatchObject({ bytes: 2, align: 1 });
    const ended = struct(bits(u8, { a: 1 }), [{ ...u32('')[0]!, bits: 0 }], bits(u8, { b: 1 }));
    expect(bitPlaces(ended)).toEqual({ a: 0, b: 32 });
  });

  test('bits that stay free are told, before the bytes that do', () => {
    expect(lay(struct(bits(u8, { a: 5 }), u32('b'))).holes).toEqual([
      { after: 0, offset: 0, bytes: 3, bits: 3 },
    ]);
    expect(lay(struct(u32('b'), bits(u8, { a: 5 }))).holes).toEqual([
      { after: 1, offset: 4, bytes: 0, bits: 3 },
    ]);
  });

  test('too wide, of a type without bits, named and empty: no compiler takes them', () => {
    expect(() => lay(struct(bits(u8, { a: 9 })))).toThrow('wider than its type (8 bits)');
    expect(() => lay(struct([{ ...array(2, u8('a'))[0]!, bits: 1 }]))).toThrow('no bits');
    expect(() => lay(struct(bits(u8, { a: 0 })))).toThrow('no width');
    expect(() => lay(struct(aligned(8, bits(u8, { a: 1 }))))).toThrow('alignment of its own');
  });
});

test('a listing shows offsets, bits, holes and cache lines', () => {
  const type = struct(
    u8('kind'),
    array(7, u64('words')),
    bits(u8, { on: 1 }),
    int('n'),
    oneOf(u32('csum'), member(struct(u16('start', 'offset')), 'at')),
  );
  expect(listing('thing', lay(type))).toMatchInlineSnapshot(`
    "  struct thing {
          u8 kind;                                        /*      0      1 */
          /* hole: 7 bytes */
          u64 words[7];                                   /*      8     56 */
          /* -- cache line 1 (64 bytes) -- */
          u8 on:1;                                        /*   64:0  1 bit */
          /* free: 7 bits */
          /* hole: 3 bytes */
          int n;                                          /*     68      4 */
          union {
              u32 csum;                                   /*     72      4 */
              struct {
                  u16 start;                              /*     72      2 */
                  u16 offset;                             /*     74      2 */
              } at;                                       /*     72      4 */
          };                                              /*     72      4 */
      }; /* size: 80, cache lines: 2, used: 66, holes: 2 (10 bytes), padding: 4, last cache line: 16 bytes */"
  `);
});
