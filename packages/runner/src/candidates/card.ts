// The card at the top of a candidate's file, looked at before anybody prints it.
import {
  CARRIERS,
  ERAS,
  LENDERS,
  OVERS,
  PageHome,
  eraOf,
  treeOf,
  type Design,
  type Runtime,
} from '@lastref/kernel';
import { printable } from '@lastref/report/words';
import { z } from 'zod';
import { Broken } from './rules.ts';
import { designUnder, isRuntime, noProgram } from './runtime.ts';

const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => printable(text) === text, 'has control characters');

const FIELD_TYPES = [
  'pointer',
  'callback',
  'unsigned long',
  'int',
  'unsigned int',
  'atomic_t',
  'u64',
  'u32',
  'u16',
  'u8',
  'bit',
] as const;

/** Entries of an array that a patch puts into a struct, and fields: 128 KiB of pointers, which is more than any had. */
const ENTRIES_MAX = 256;
const ADDS_MAX = 64;

function isRelease(name: string): boolean {
  try {
    return treeOf(name).branches.length === 0;
  } catch {
    return false;
  }
}

/** What every card says. */
const said = {
  id: line(32).regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'is no name such as my-design'),
  title: line(120),
  year: z.number().int().min(1969).max(9999),
  source: line(2000),
  era: z
    .strictObject({
      id: line(32).refine(
        (id) => eraOf(id) !== undefined,
        `is no era; known: ${ERAS.map((e) => e.id).join(', ')}`,
      ),
      source: line(400),
    })
    .optional(),
  summary: line(2000),
  repairs: line(32).optional(),
};

const runtimeSchema = z.strictObject({
  ...said,
  status: z.enum(['practice', 'canary']).optional(),
  over: z.enum(OVERS),
  create: z.any(),
});

const release = line(32).refine(isRelease, 'is no release of the trunk, such as 6.0');

const cardSchema = z.looseObject({
  ...said,
  over: z.enum(OVERS).optional(),
  status: z.enum(['proposed', 'considered', 'merged', 'out-of-tree', 'practice', 'canary']),
  reading: line(4000).optional(),
  readingOf: line(32).optional(),
  domain: z
    .strictObject({
      by: z.array(z.enum(LENDERS)).optional(),
      over: z.array(z.enum(CARRIERS)).optional(),
      drains: z.literal(false).optional(),
      onHost: z.literal(false).optional(),
      memory: z.literal('pages').optional(),
      since: release.optional(),
      until: release.optional(),
      source: line(400),
    })
    .optional(),
  adds: z
    .array(
      z.looseObject({
        struct: line(40),
        name: line(80),
        type: z.enum(FIELD_TYPES),
        after: z.union([line(80), z.array(line(80))]).optional(),
        length: z
          .union([z.number().int().positive().max(ENTRIES_MAX), z.literal('MAX_SKB_FRAGS')])
          .optional(),
        into: z.union([line(80), z.array(line(80))]).optional(),
      }),
    )
    .max(ADDS_MAX),
  hooks: z.number().int().min(0),
  home: z.enum(PageHome).optional(),
  defers: z.union([z.boolean(), z.literal('always')]).optional(),
  claims: z.array(line(40)),
});

/** A design's card, without its class. */
export type Card = Omit<Design, 'create' | 'createProgram'>;

function isObject<T>(o: T): o is T & object {
  return typeof o === 'object' && o !== null;
}

/** The design that a module exports. Throws Broken with the field that is wrong. */
export function designOf(module: object): Design {
  const { design, runtime } = module as { design?: Design; runtime?: Runtime };
  const wrong = (what: string): never => {
    throw new Broken('its card', what, 'card');
  };
  if (design !== undefined && runtime !== undefined)
    return wrong("the file exports a 'design' and a 'runtime'; a file has one of them");
  if (isObject(runtime)) {
    if (typeof runtime.create !== 'function') return wrong('it has no create function');
    checkCard(runtime, runtimeSchema);
    return designUnder(runtime);
  }
  const name = ['design', 'runtime'].find((one) => one in module);
  if (name !== undefined && !isObject(design))
    return wrong(
      `its '${name}' is ${design === null ? 'null' : `a ${typeof (design ?? runtime)}`}, and no card`,
    );
  if (!isObject(design))
    return wrong(
      `the file exports no 'design' and no 'runtime' (it exports ${Object.keys(module).join(', ') || 'nothing'})`,
    );
  if (typeof design.create !== 'function') return wrong('it has no create function');
  checkCard(design, cardSchema);
  if (isRuntime(design)) return wrong("it is over something: export it as 'runtime'");
  return design;
}

/** The field that is wrong, and why; null: `card` is one. */
function faultIn(card: unknown, schema: z.ZodType): string | null {
  const parsed = schema.safeParse(card);
  if (parsed.success) return null;
  const issue = parsed.error.issues[0]!;
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return `${where}${issue.message}`;
}

/** What is wrong with a design's card, for who calls us with one; null: nothing. */
export const cardFault = (card: unknown): string | null => faultIn(card, cardSchema);

/** Is `card` one? Throws Broken with the field that is wrong. */
function checkCard(card: unknown, schema: z.ZodType): void {
  const fault = faultIn(card, schema);
  if (fault !== null) throw new Broken('its card', fault, 'card');
}

/** A card that came as JSON from a process that may say anything. Throws Broken. */
export function cardIn(text: string): Card {
  let card: unknown;
  try {
    card = JSON.parse(text);
  } catch {
    throw new Broken('its card', 'what its process wrote is no JSON', 'card');
  }
  checkCard(card, cardSchema);
  return card as Card;
}

/** The card alone, as data. */
export function cardOf({ create: _, createProgram: __, ...card }: Design): Card {
  return structuredClone(card);
}

/** What the main thread knows of a candidate: its class stays in its isolate. */
export function fromCard(card: Card): Design {
  if (card.over !== undefined)
    return designUnder({ ...card, over: card.over, create: noProgram(card.id) });
  return {
    ...card,
    create: () => {
      throw new Error(`${card.id} is a candidate and runs in an isolate of its own`);
    },
  };
}
